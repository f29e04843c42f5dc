//! The institution's own file again, with three columns more: 行状态, 错误代码, 说明.
//!
//! What was in the file stays as it was: text is copied byte for byte with its encoding, its mark,
//! its delimiter and its line ends, but for records with a formula in them (see [`crate::formula`]);
//! a workbook keeps its sheets and every cell as text, and is an .xlsx, whatever it was, as is a page
//! with tables; JSON Lines stay JSON Lines. What is neither rows nor lines comes back as
//! a table of its records, which can be corrected and sent again.

use std::path::Path;

use crate::ImportError;
use crate::dictionary::RESULT_HEADINGS;
use crate::formats::ResultStyle;
use crate::input::Input;
use crate::kind::FileKind;
use crate::mapping::ColumnMapping;
use crate::sheet::LineAt;
use crate::table::Table;
use crate::transcript::Transcript;

mod json_lines;
mod records;
mod stored;
mod text;
mod workbook;

pub use stored::{result_file_from_ledger, result_file_of_cohort};

/// What is written beside one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNote {
    cells: [String; 3],
    english: String,
}

impl LineNote {
    /// Status, codes and text; what a spreadsheet would take for a formula is made harmless.
    #[must_use]
    pub fn new(status: &str, codes: &str, text: &str) -> Self {
        Self {
            cells: [status, codes, text].map(harmless),
            english: String::new(),
        }
    }

    /// The same with its text in English, for the forms that have room for both.
    #[must_use]
    pub fn in_english(self, text: &str) -> Self {
        Self {
            english: harmless(text),
            ..self
        }
    }

    /// The note of a row: that of its one line, or of all that stand beside each other in it,
    /// each code behind its number in the row.
    fn of_lines(lines: &[LineAt], notes: &mut Notes<'_>) -> Result<Self, ImportError> {
        if let [only] = lines {
            return notes(only.line_no);
        }
        let mut statuses: Vec<String> = Vec::new();
        let [mut codes, mut texts] = [String::new(), String::new()];
        for line in lines {
            let [status, code, text] = notes(line.line_no)?.cells;
            if !statuses.contains(&status) {
                statuses.push(status);
            }
            for (all, one) in [(&mut codes, code), (&mut texts, text)] {
                if !one.is_empty() {
                    let separator = if all.is_empty() { "" } else { "; " };
                    all.push_str(&format!("{separator}#{} {one}", line.block + 1));
                }
            }
        }
        Ok(Self::new(&statuses.join("/"), &codes, &texts))
    }

    fn headings() -> Self {
        let [status, codes, text] = RESULT_HEADINGS;
        Self::new(status, codes, text)
    }
}

/// An apostrophe in front tells every spreadsheet that the cell is text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Gives the note of a line; called once for every line, in their order.
pub type Notes<'a> = dyn FnMut(u64) -> Result<LineNote, ImportError> + 'a;

/// Writes the result file of `original` to `out`, streaming.
///
/// `mapping` is the one with which the file was read, so that the same rows count as lines.
///
/// # Errors
/// The coded fault of the original, a place that cannot be written, or what `notes` refuses.
pub fn write_result_file(
    original: &Path,
    mapping: Option<&ColumnMapping>,
    out: &Path,
    notes: &mut Notes<'_>,
) -> Result<(), ImportError> {
    let transcript = Transcript::open(original, mapping, &mut |_| None)?;
    write_transcript(transcript, original, out, notes)
}

/// The same of a transcript that is open already.
fn write_transcript(
    mut transcript: Transcript,
    original: &Path,
    out: &Path,
    notes: &mut Notes<'_>,
) -> Result<(), ImportError> {
    match &transcript.table {
        Table::Text(file) => {
            let file = file.clone();
            text::write(original, &file, &mut transcript, out, notes)
        }
        Table::Workbook(_) | Table::Ods(_) | Table::Xls(_) | Table::XmlBook(_) | Table::Page(_) => {
            workbook::write(&mut transcript, out, notes)
        }
        Table::Records(records) => match records.style {
            ResultStyle::JsonLines => json_lines::write(original, out, notes),
            ResultStyle::Csv => {
                let headings = records.headings();
                records::write(&mut transcript, &headings, out, notes)
            }
        },
    }
}

/// The name of the result file of `file_name`, whose bytes are at `original`: 成绩.csv goes back as
/// 成绩.result.csv, an .xls, a page or an .ods as .xlsx, what was no table as .csv.
///
/// # Errors
/// The coded fault of the original.
pub fn result_file_name(file_name: &str, original: &Path) -> Result<String, ImportError> {
    let other = match FileKind::unpacked(&Input::of(original))?.0 {
        FileKind::Text | FileKind::Xlsx | FileKind::JsonLines => None,
        FileKind::Ods | FileKind::Xls | FileKind::XmlBook | FileKind::Page => Some("xlsx"),
        FileKind::Elmo | FileKind::Pesc | FileKind::Clr | FileKind::OneRoster => Some("csv"),
    };
    let parts = file_name.rsplit_once('.');
    let (stem, own) = parts.map_or((file_name, None), |(stem, own)| (stem, Some(own)));
    Ok(match other.or(own) {
        Some(extension) => format!("{stem}.result.{extension}"),
        None => format!("{stem}.result"),
    })
}

fn unwritable(source: std::io::Error) -> ImportError {
    ImportError::ResultFile { source }
}

#[cfg(test)]
mod tests;
