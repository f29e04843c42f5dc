//! What has to be said before the lines of a file can be read: asked, never guessed.

use std::collections::BTreeMap;
use std::path::Path;

use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::import_job::QuestionsWanted;
use creditbank_ledger::{Ledger, reads};
use serde::{Deserialize, Serialize};

use crate::ImportOptions;
use crate::cell::{Cell, Row};
use crate::dictionary::{self, Field};
use crate::error::ImportError;
use crate::fold;
use crate::header::{Headings, layout_name};
use crate::input::Input;
use crate::mapping::ColumnMapping;
use crate::settled::{open_transcript, saved_for};
use crate::table::Table;
use crate::transcript::Transcript;

mod words;

use words::{Words, words_of};

/// How many values of a column are shown.
const SAMPLES: usize = 3;
/// The most characters of a value that are shown.
const SHOWN_MAX: usize = 40;

/// The refusals of a file as a whole that a mapping can heal.
const OF_THE_LAYOUT: [&str; 5] = [
    "HEADER_NOT_FOUND",
    "HEADER_AMBIGUOUS",
    "COLUMN_MISSING",
    "LEARNER_COLUMN_MISSING",
    "DATE_MISSING",
];

/// What is asked about a file. Holds values out of it, and so whatever is personal in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// Why no line can be read yet; none where only words or codes are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// The columns in their order, with what each is taken for.
    pub columns: Vec<ColumnQuestion>,
    /// Words in grade columns that are no grades.
    pub grade_words: Vec<WordQuestion>,
    /// Course codes for which the institution has no entry.
    pub courses: Vec<WordQuestion>,
    /// Words for levels, beside courses that have one, that mean none.
    #[serde(default)]
    pub level_words: Vec<LevelQuestion>,
}

/// A coded reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Upper snake case.
    pub code: String,
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnQuestion {
    /// What stands above it.
    pub heading: String,
    /// What it is taken for; nothing where that is not known.
    pub field: Option<Field>,
    /// Its first different values.
    pub samples: Vec<String>,
}

/// A word or a code that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordQuestion {
    /// As it stands in the file.
    pub text: String,
    /// In how many lines.
    pub lines: u64,
    /// The first of them.
    pub first_line: u64,
}

/// A word for a level that is not known: what it means may depend on what it stands beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelQuestion {
    /// As it stands in the file.
    pub text: String,
    /// In how many lines.
    pub lines: u64,
    /// The first of them.
    pub first_line: u64,
    /// The first courses that it stands beside, by the catalogue's codes.
    pub courses: Vec<String>,
}

/// What a look at a file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Nothing is asked: the lines can be read, or the file is refused for what nobody can say.
    Clear,
    /// This is.
    Asks {
        /// The name under which the answer is kept.
        layout: String,
        /// The questions.
        questions: Box<Questions>,
    },
    /// Whoever watches said that it is enough.
    Stopped,
}

/// Looks through a file before it is imported with these options. What a mapping cannot heal is
/// not asked: the import refuses it.
///
/// # Errors
/// [`ImportError::Ledger`] where the ledger does not answer.
pub fn look(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    file: &Path,
    (options, wanted): (&ImportOptions, QuestionsWanted),
    stopped: &dyn Fn() -> bool,
) -> Result<Look, ImportError> {
    if wanted == QuestionsWanted::None {
        return Ok(Look::Clear);
    }
    let given = options.said();
    let mut transcript = match open_transcript(ledger, grant, &Input::of(file), given, &mut None) {
        Ok(transcript) => transcript,
        Err(ImportError::Refused(why)) => return unopened(ledger, grant, file, (given, &why)),
        Err(other) => return Err(other),
    };
    if let Err(why) = transcript.check(options.learner.as_ref()) {
        return asks(&mut transcript, Some(&why), Words::default());
    }
    if wanted == QuestionsWanted::Columns {
        return Ok(Look::Clear);
    }
    let Some(mut words) = words_of(&mut transcript, options, stopped)? else {
        return Ok(Look::Stopped);
    };
    let known = |codes: &[String]| {
        let unknown = reads::unknown_courses(ledger, grant, codes)?;
        Ok((unknown, reads::leveled_courses(ledger, grant, codes)?))
    };
    words.keep_unknown(known).map_err(ImportError::Ledger)?;
    if words.is_empty() {
        return Ok(Look::Clear);
    }
    asks(&mut transcript, None, words)
}

/// Asks about a file whose header was found.
fn asks(
    transcript: &mut Transcript,
    why: Option<&Fault>,
    words: Words,
) -> Result<Look, ImportError> {
    if why.is_some_and(|why| !OF_THE_LAYOUT.contains(&why.code)) {
        return Ok(Look::Clear);
    }
    let (Some(layout), Some(sheet)) = (transcript.layout.clone(), transcript.sheets.first()) else {
        return Ok(Look::Clear);
    };
    let (headings, last) = (sheet.header.headings.clone(), sheet.header.last_line_no);
    let name = sheet.name.clone();
    let rows = transcript.table.first_rows(&name)?;
    let below: Vec<_> = rows.iter().filter(|row| row.line_no > last).collect();
    let columns = columns_of(&headings, &below, &transcript.mapping);
    Ok(Look::Asks {
        layout,
        questions: Box::new(words.asked(why, columns)),
    })
}

/// Asks about a file in which no header was found: about the row that looks most like one.
fn unopened(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    file: &Path,
    (given, why): (Option<&ColumnMapping>, &Fault),
) -> Result<Look, ImportError> {
    if !OF_THE_LAYOUT.contains(&why.code) {
        return Ok(Look::Clear);
    }
    let plain = ColumnMapping::default();
    let given_or_plain = given.unwrap_or(&plain);
    let headings = Headings::new(given_or_plain);
    let mut table = Table::open(&Input::of(file), &headings)?;
    let mut best: Option<((usize, usize), String, Vec<Row>)> = None;
    for sheet in table.sheets() {
        let rows = table.first_rows(&sheet)?;
        for (at, row) in rows.iter().enumerate() {
            let texts = row.cells().iter().filter(|cell| is_word(cell)).count();
            let rank = (headings.known_in(row.cells()), texts);
            let better = best.as_ref().is_none_or(|(most, ..)| rank > *most);
            if let Some(layout) = layout_name(row.cells()).filter(|_| better) {
                best = Some((rank, layout, rows.get(at..).unwrap_or_default().to_vec()));
            }
        }
    }
    let Some((_, layout, rows)) = best else {
        return Ok(Look::Clear);
    };
    let kept = saved_for(ledger, grant, &layout)?;
    let mapping = match (given, kept) {
        (None, Some((mapping, _))) => mapping,
        _ => given_or_plain.clone(),
    };
    let (first, below) = match rows.split_first() {
        Some((first, below)) => (first.cells(), below.iter().collect::<Vec<_>>()),
        None => return Ok(Look::Clear),
    };
    let headings: Vec<_> = first.iter().map(|cell| cell.shown().to_owned()).collect();
    let columns = columns_of(&headings, &below, &mapping);
    let questions = Box::new(Words::default().asked(Some(why), columns));
    Ok(Look::Asks { layout, questions })
}

/// Headings are words; what stands below them has digits.
fn is_word(cell: &Cell) -> bool {
    !cell.is_blank() && !cell.shown().chars().any(|it| it.is_ascii_digit())
}

fn columns_of(headings: &[String], below: &[&Row], mapping: &ColumnMapping) -> Vec<ColumnQuestion> {
    let mapped: BTreeMap<_, _> = mapping
        .headings()
        .map(|(field, key)| (key, field))
        .collect();
    let meaning = |heading: &str| {
        let known = dictionary::meaning(heading).map(|(field, _)| field);
        let said = mapped.get(&fold::key(heading)).copied();
        said.or_else(|| known.filter(|field| *field != Field::Ignored))
    };
    let columns = headings.iter().enumerate();
    let named = columns.filter(|(_, heading)| !heading.trim().is_empty());
    named
        .map(|(index, heading)| {
            let mut samples: Vec<String> = Vec::new();
            for row in below {
                let value = row.cells().get(index).map_or("", Cell::shown).trim();
                let value: String = value.chars().take(SHOWN_MAX).collect();
                if samples.len() < SAMPLES && !value.is_empty() && !samples.contains(&value) {
                    samples.push(value);
                }
            }
            ColumnQuestion {
                heading: heading.clone(),
                field: meaning(heading),
                samples,
            }
        })
        .collect()
}
