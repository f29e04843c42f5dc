//! The institution's own file again, with three columns more: 行状态, 错误代码, 说明.
//!
//! What was in the file stays as it was: text is copied byte for byte with its encoding, its mark,
//! its delimiter and its line ends; a workbook keeps its sheets and every cell as text.

use std::path::Path;

use crate::ImportError;
use crate::dictionary::RESULT_HEADINGS;
use crate::mapping::ColumnMapping;
use crate::table::Table;
use crate::transcript::Transcript;

mod stored;
mod text;
mod workbook;

pub use stored::result_file_from_ledger;

/// What is written beside one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNote {
    cells: [String; 3],
}

impl LineNote {
    /// Status, codes and text; what a spreadsheet would take for a formula is made harmless.
    #[must_use]
    pub fn new(status: &str, codes: &str, text: &str) -> Self {
        Self {
            cells: [status, codes, text].map(harmless),
        }
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
        Table::Workbook(_) => workbook::write(&mut transcript, out, notes),
    }
}

fn unwritable(source: std::io::Error) -> ImportError {
    ImportError::ResultFile { source }
}

#[cfg(test)]
mod tests;
