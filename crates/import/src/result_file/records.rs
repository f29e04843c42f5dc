//! Result files of formats that are no tables: every record as a row of CSV UTF-8, with a mark so
//! that a spreadsheet opens it in its right characters.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use super::text::quoted;
use super::{LineNote, Notes, unwritable};
use crate::ImportError;
use crate::cell::Row;
use crate::dictionary::RESULT_HEADINGS;
use crate::formula;
use crate::sheet::Role;
use crate::transcript::Transcript;

/// The text of a note in English.
const EXPLANATION: &str = "explanation";

/// Writes every record with its place, its fields and its note.
pub(super) fn write(
    transcript: &mut Transcript,
    headings: &[&str],
    out: &Path,
    notes: &mut Notes<'_>,
) -> Result<(), ImportError> {
    let mut file = BufWriter::new(File::create(out).map_err(unwritable)?);
    let first: Vec<_> = headings.iter().copied().chain(RESULT_HEADINGS).collect();
    let first: Vec<_> = first.into_iter().chain([EXPLANATION]).collect();
    file.write_all(b"\xEF\xBB\xBF").map_err(unwritable)?;
    write_cells(&mut file, &first).map_err(unwritable)?;
    let mut stopped = None;
    transcript.for_each_row(&mut |row, role| {
        let Role::Lines(lines) = role else {
            return ControlFlow::Continue(());
        };
        let written = LineNote::of_lines(&lines, notes)
            .and_then(|note| write_row(&mut file, &row, headings.len(), &note).map_err(unwritable));
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                stopped = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    stopped.map_or(Ok(()), Err)?;
    file.flush().map_err(unwritable)
}

fn write_row(
    file: &mut impl Write,
    row: &Row,
    width: usize,
    note: &LineNote,
) -> std::io::Result<()> {
    let mut cells: Vec<String> = row
        .cells()
        .iter()
        .map(|cell| formula::neutral(cell.shown()).into_owned())
        .collect();
    if cells.is_empty() {
        // What could not be read still has its place.
        cells.extend(row.at.clone());
    }
    cells.resize(width, String::new());
    cells.extend(note.cells.clone());
    cells.push(note.english.clone());
    let cells: Vec<_> = cells.iter().map(String::as_str).collect();
    write_cells(file, &cells)
}

fn write_cells(file: &mut impl Write, cells: &[&str]) -> std::io::Result<()> {
    let cells: Vec<_> = cells.iter().map(|cell| quoted(cell, ',')).collect();
    file.write_all(cells.join(",").as_bytes())?;
    file.write_all(b"\r\n")
}
