//! Words and codes of a file that nobody explained: grades, levels, courses.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use creditbank_domain::grade::{GradeError, read_grade};
use creditbank_domain::outcome::StatedLevel;
use creditbank_ledger::LedgerError;

use super::{ColumnQuestion, LevelQuestion, Missing, Questions, SAMPLES, WordQuestion};
use crate::ImportOptions;
use crate::cell::Row;
use crate::dictionary::Field;
use crate::error::ImportError;
use crate::fold;
use crate::line::LineParser;
use crate::line_cells::LineCells;
use crate::line_level::read_level;
use crate::sheet::{LineAt, Role};
use crate::transcript::Transcript;

/// A longer text is no word of a scale.
const WORD_MAX: usize = 40;
/// The most words, and the most codes, that are asked at once; the next round asks the others.
const ASKED_MAX: usize = 200;
/// Of more different codes the later ones are not looked up: their lines answer for themselves.
const CODES_MAX: usize = 50_000;

/// Lines in which a text stands, and the first of them.
#[derive(Debug, Clone, Copy)]
struct Seen {
    lines: u64,
    first_line: u64,
}

fn see(seen: Option<&mut Seen>, line_no: u64) -> Option<Seen> {
    match seen {
        Some(seen) => {
            seen.lines += 1;
            None
        }
        None => Some(Seen {
            lines: 1,
            first_line: line_no,
        }),
    }
}

/// Words that are no grades, course codes (theirs with ours), and words that are no levels, each with
/// the course that it stands beside: only one that has a level needs it.
#[derive(Default)]
pub(super) struct Words {
    grades: BTreeMap<String, Seen>,
    courses: BTreeMap<String, (String, Seen)>,
    levels: BTreeMap<(String, String), Seen>,
}

impl Words {
    fn add(&mut self, parser: &LineParser<'_>, row: &Row, at: &LineAt) {
        let header = parser.sheets.get(at.sheet);
        let header = header.and_then(|sheet| sheet.header.blocks.get(at.block));
        let (Ok(cells), Some(header)) = (&row.content, header) else {
            return;
        };
        let cells = LineCells::new(header, cells);
        if at.extra.is_empty()
            && let Some(word) = unknown_grade(parser, cells)
            && let Some(seen) = see(self.grades.get_mut(&word), at.line_no)
            && self.grades.len() < CODES_MAX
        {
            self.grades.insert(word, seen);
        }
        let Ok(ours) = parser.course_code(cells) else {
            return;
        };
        let ours = ours.to_string();
        if at.extra.is_empty()
            && let Some(word) = unknown_level(parser, cells)
        {
            let beside = (word, ours.clone());
            if let Some(seen) = see(self.levels.get_mut(&beside), at.line_no)
                && self.levels.len() < CODES_MAX
            {
                self.levels.insert(beside, seen);
            }
        }
        let theirs = cells.text(Field::CourseCode);
        if let Some(theirs) = theirs.map(|it| fold::half_width(&it))
            && let Some(seen) = see(
                self.courses.get_mut(&theirs).map(|it| &mut it.1),
                at.line_no,
            )
            && self.courses.len() < CODES_MAX
        {
            self.courses.insert(theirs, (ours, seen));
        }
    }

    /// Leaves codes that the catalogue does not have, and words for levels beside those that have
    /// one there: `known` tells both of some codes.
    pub(super) fn keep_unknown(
        &mut self,
        known: impl FnOnce(&[String]) -> Result<(Vec<String>, Vec<String>), LedgerError>,
    ) -> Result<(), LedgerError> {
        let named = self.courses.values().map(|(ours, _)| ours);
        let beside = self.levels.keys().map(|(_, ours)| ours);
        let codes: BTreeSet<&String> = named.chain(beside).collect();
        let codes: Vec<String> = codes.into_iter().cloned().collect();
        let (unknown, leveled) = known(&codes)?;
        let of = |codes: Vec<String>| codes.into_iter().collect::<BTreeSet<_>>();
        let (unknown, leveled) = (of(unknown), of(leveled));
        self.courses.retain(|_, (ours, _)| unknown.contains(ours));
        self.levels.retain(|(_, ours), _| leveled.contains(ours));
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.grades.is_empty() && self.courses.is_empty() && self.levels.is_empty()
    }

    pub(super) fn asked(self, why: Option<&Fault>, columns: Vec<ColumnQuestion>) -> Questions {
        let question = |(text, seen): (String, Seen)| WordQuestion {
            text,
            lines: seen.lines,
            first_line: seen.first_line,
        };
        let courses = self.courses.into_iter();
        let courses = courses.map(|(text, (_, seen))| question((text, seen)));
        Questions {
            missing: why.map(|why| Missing {
                code: why.code.to_owned(),
                zh: why.zh.clone(),
                en: why.en.clone(),
            }),
            columns,
            grade_words: self
                .grades
                .into_iter()
                .take(ASKED_MAX)
                .map(question)
                .collect(),
            courses: courses.take(ASKED_MAX).collect(),
            level_words: levels_asked(self.levels),
        }
    }
}

/// Each word once, with the first courses that it stands beside.
fn levels_asked(levels: BTreeMap<(String, String), Seen>) -> Vec<LevelQuestion> {
    let mut asked: Vec<LevelQuestion> = Vec::new();
    for ((text, course), seen) in levels {
        let full = asked.len() == ASKED_MAX;
        match asked.last_mut().filter(|last| last.text == text) {
            Some(last) => {
                last.lines = last.lines.saturating_add(seen.lines);
                last.first_line = last.first_line.min(seen.first_line);
                if last.courses.len() < SAMPLES {
                    last.courses.push(course);
                }
            }
            None if full => break,
            None => asked.push(LevelQuestion {
                text,
                lines: seen.lines,
                first_line: seen.first_line,
                courses: vec![course],
            }),
        }
    }
    asked
}

/// The text of a line's result, where it is a word that neither we nor the mapping know.
fn unknown_grade(parser: &LineParser<'_>, cells: LineCells<'_>) -> Option<String> {
    parser
        .result(cells)
        .err()
        .filter(|wrong| wrong.code == "GRADE_UNKNOWN")?;
    let filled = [Field::RetakeGrade, Field::ResitGrade, Field::Grade];
    let text = filled.into_iter().find_map(|field| cells.text(field))?;
    let known = parser.mapping.grade_words.contains_key(&fold::key(&text));
    let unknown = read_grade(&text, &[]) == Err(GradeError::UnknownWord);
    (!known && unknown && text.chars().count() <= WORD_MAX).then_some(text)
}

/// The text of a line's level, where neither we nor the mapping know it.
fn unknown_level(parser: &LineParser<'_>, cells: LineCells<'_>) -> Option<String> {
    let said = read_level(cells, parser.mapping).ok()?;
    let text = said.filter(|level| *level == StatedLevel::Unknown);
    let text = text.and_then(|_| cells.text(Field::Level))?;
    (text.chars().count() <= WORD_MAX).then_some(text)
}

/// Every word and code of the file; nothing where it was stopped.
pub(super) fn words_of(
    transcript: &mut Transcript,
    options: &ImportOptions,
    stopped: &dyn Fn() -> bool,
) -> Result<Option<Words>, ImportError> {
    let (sheets, mapping) = (transcript.sheets.clone(), transcript.mapping.clone());
    let parser = LineParser {
        sheets: &sheets,
        mapping: &mapping,
        learner: options.learner.as_ref(),
        // Neither words nor codes depend on the day, and no reference is derived.
        today: chrono::NaiveDate::MAX,
        pseudonym: &|_| String::new(),
    };
    let mut words = Words::default();
    let mut enough = false;
    transcript.for_each_row(&mut |row, role| {
        enough = stopped();
        if enough {
            return ControlFlow::Break(());
        }
        if let Role::Lines(lines) = role {
            lines.iter().for_each(|at| words.add(&parser, &row, at));
        }
        ControlFlow::Continue(())
    })?;
    Ok((!enough).then_some(words))
}
