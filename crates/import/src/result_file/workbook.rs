//! Result files of workbooks.

use std::ops::ControlFlow;
use std::path::Path;

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::{LineNote, Notes, unwritable};
use crate::ImportError;
use crate::cell::{Cell, Row};
use crate::sheet::Role;
use crate::transcript::Transcript;

/// The most characters that a cell of a workbook holds.
const CELL_CHARACTERS_MAX: usize = 32_767;

/// Writes every sheet, row by row, and puts the notes behind the lines.
pub(super) fn write(
    transcript: &mut Transcript,
    out: &Path,
    notes: &mut Notes<'_>,
) -> Result<(), ImportError> {
    let mut book = Workbook::new();
    for name in transcript.table.sheets() {
        let sheet = book
            .add_worksheet_with_constant_memory()
            .map_err(unwritable_book)?;
        sheet.set_name(&name).map_err(unwritable_book)?;
        let mut sheets = transcript.sheets.iter();
        match sheets.position(|sheet| sheet.name == name) {
            Some(index) => write_lines(transcript, index, sheet, notes)?,
            None => copy_sheet(transcript, &name, sheet)?,
        }
    }
    book.save(out).map_err(unwritable_book)
}

/// The first column that no row uses: notes never cover a cell of the institution.
fn widest(transcript: &mut Transcript, index: usize) -> Result<usize, ImportError> {
    let sheet = transcript.sheets.get(index);
    let mut widest = sheet.map_or(0, |sheet| sheet.header.headings.len());
    let _ = transcript.for_each_row_of(index, &mut |row, _| {
        let filled = row.cells().iter().rposition(|cell| !cell.is_blank());
        widest = widest.max(filled.map_or(0, |last| last + 1));
        ControlFlow::Continue(())
    })?;
    Ok(widest)
}

fn write_lines(
    transcript: &mut Transcript,
    index: usize,
    sheet: &mut Worksheet,
    notes: &mut Notes<'_>,
) -> Result<(), ImportError> {
    let notes_column = widest(transcript, index)?;
    let mut stopped = None;
    let _ = transcript.for_each_row_of(index, &mut |row, role| {
        let note = match role {
            Role::Header => Ok(Some(LineNote::headings())),
            Role::Lines(lines) => LineNote::of_lines(&lines, notes).map(Some),
            Role::Other => Ok(None),
        };
        let written = note.and_then(|note| {
            write_row(sheet, &row, notes_column, note.as_ref()).map_err(unwritable_book)
        });
        flow(written, &mut stopped)
    })?;
    stopped.map_or(Ok(()), Err)
}

fn copy_sheet(
    transcript: &mut Transcript,
    name: &str,
    sheet: &mut Worksheet,
) -> Result<(), ImportError> {
    let mut stopped = None;
    transcript.table.for_each_row(name, &mut |row| {
        flow(
            write_row(sheet, &row, 0, None).map_err(unwritable_book),
            &mut stopped,
        )
    })?;
    stopped.map_or(Ok(()), Err)
}

fn flow(written: Result<(), ImportError>, stopped: &mut Option<ImportError>) -> ControlFlow<()> {
    match written {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            *stopped = Some(error);
            ControlFlow::Break(())
        }
    }
}

fn write_row(
    sheet: &mut Worksheet,
    row: &Row,
    notes_column: usize,
    note: Option<&LineNote>,
) -> Result<(), XlsxError> {
    let index = u32::try_from(row.line_no.saturating_sub(1)).unwrap_or(u32::MAX);
    let own = (0..).zip(row.cells().iter().map(Cell::shown));
    let first = u16::try_from(notes_column).unwrap_or(u16::MAX);
    let notes = note.map(|note| note.cells.as_slice()).unwrap_or_default();
    let notes = (first..).zip(notes.iter().map(String::as_str));
    for (column, text) in own.chain(notes).filter(|(_, text)| !text.is_empty()) {
        let text: String = text.chars().take(CELL_CHARACTERS_MAX).collect();
        sheet.write_string(index, column, text)?;
    }
    Ok(())
}

fn unwritable_book(error: XlsxError) -> ImportError {
    let source = match error {
        XlsxError::IoError(source) => source,
        other => std::io::Error::other(other.to_string()),
    };
    unwritable(source)
}
