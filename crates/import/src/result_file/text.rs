//! Result files of delimited text.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Result, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

use super::{LineNote, Notes, unwritable};
use crate::ImportError;
use crate::cell::{Place, Row};
use crate::encoding::Encoding;
use crate::sheet::Role;
use crate::text_rows::TextFile;
use crate::transcript::Transcript;

/// Copies every record and puts the notes behind the lines.
pub(super) fn write(
    original: &Path,
    file: &TextFile,
    transcript: &mut Transcript,
    out: &Path,
    notes: &mut Notes<'_>,
) -> std::result::Result<(), ImportError> {
    let headings = transcript.sheets.first();
    let headings = headings.map_or(0, |sheet| sheet.header.headings.len());
    let mut copy = Copying::begin(original, file, headings, out).map_err(unwritable)?;
    let mut stopped = None;
    transcript.for_each_row(&mut |row, role| {
        let note = match role {
            Role::Header => Ok(Some(LineNote::headings())),
            Role::Lines(lines) => LineNote::of_lines(&lines, notes).map(Some),
            Role::Other => Ok(None),
        };
        let written = note.and_then(|note| copy.row(&row, note.as_ref()).map_err(unwritable));
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                stopped = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    stopped.map_or(Ok(()), Err)?;
    copy.finish().map_err(unwritable)
}

/// A copy of the original that is being written.
struct Copying {
    original: BufReader<File>,
    at: u64,
    out: BufWriter<File>,
    encoding: Encoding,
    delimiter: char,
    headings: usize,
}

impl Copying {
    fn begin(original: &Path, file: &TextFile, headings: usize, out: &Path) -> Result<Self> {
        let mut copy = Self {
            original: BufReader::with_capacity(1 << 16, File::open(original)?),
            at: 0,
            out: BufWriter::with_capacity(1 << 16, File::create(out)?),
            encoding: file.encoding(),
            delimiter: file.delimiter(),
            headings,
        };
        copy.out.write_all(copy.encoding.bom())?;
        Ok(copy)
    }

    fn row(&mut self, row: &Row, note: Option<&LineNote>) -> Result<()> {
        let Some(place) = &row.place else {
            return Ok(());
        };
        let Some(note) = note else {
            self.original_record(place)?;
            return self.out.write_all(&place.line_end);
        };
        if row
            .content
            .as_ref()
            .is_err_and(|fault| fault.code == "QUOTE_UNCLOSED")
        {
            self.one_cell(place)?;
            self.padding(self.headings.saturating_sub(1))?;
        } else {
            self.original_record(place)?;
            let cells = row.content.as_ref().map_or(self.headings, Vec::len);
            self.padding(self.headings.saturating_sub(cells))?;
        }
        for cell in &note.cells {
            let cell = format!("{}{}", self.delimiter, quoted(cell, self.delimiter));
            self.out.write_all(&self.encoding.encode(&cell))?;
        }
        self.out.write_all(&place.line_end)
    }

    /// The bytes as they were.
    fn original_record(&mut self, place: &Place) -> Result<()> {
        let ahead = i64::try_from(place.offset.saturating_sub(self.at)).unwrap_or(i64::MAX);
        if place.offset >= self.at {
            self.original.seek_relative(ahead)?;
        } else {
            self.original.seek(SeekFrom::Start(place.offset))?;
        }
        let copied = std::io::copy(
            &mut self.original.by_ref().take(place.byte_count),
            &mut self.out,
        )?;
        self.at = place.offset.saturating_add(copied);
        Ok(())
    }

    /// A record whose quote never closes would swallow the notes, so it becomes one quoted cell.
    fn one_cell(&mut self, place: &Place) -> Result<()> {
        self.original.seek(SeekFrom::Start(place.offset))?;
        let mut bytes = Vec::new();
        self.original
            .by_ref()
            .take(place.byte_count)
            .read_to_end(&mut bytes)?;
        self.at = place.offset.saturating_add(place.byte_count);
        let text = self.encoding.decode(&bytes).unwrap_or_default();
        self.out
            .write_all(&self.encoding.encode(&quoted(&text, self.delimiter)))
    }

    /// Empty cells up to the last heading, so that every note stands under its own.
    fn padding(&mut self, cells: usize) -> Result<()> {
        let padding = String::from(self.delimiter).repeat(cells);
        self.out.write_all(&self.encoding.encode(&padding))
    }

    fn finish(mut self) -> Result<()> {
        self.out.flush()
    }
}

pub(super) fn quoted(cell: &str, delimiter: char) -> String {
    if cell.contains([delimiter, '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
