//! Result files of delimited text.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Result, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

use super::{LineNote, Notes, unwritable};
use crate::ImportError;
use crate::cell::{Place, Row};
use crate::encoding::Encoding;
use crate::formula;
use crate::record::Record;
use crate::sheet::Role;
use crate::text_rows::TextFile;
use crate::transcript::Transcript;

/// A refused record that is longer is copied as it is, one byte after the other.
const RECORD_BYTES_READ_MAX: u64 = 2 << 20;

/// Copies every record, makes its formulas harmless and puts the notes behind the lines.
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
            self.record(row, place)?;
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
            self.record(row, place)?;
            let cells = row.content.as_ref().map_or(self.headings, Vec::len);
            self.padding(self.headings.saturating_sub(cells))?;
        }
        for cell in &note.cells {
            let cell = format!("{}{}", self.delimiter, quoted(cell, self.delimiter));
            self.out.write_all(&self.encoding.encode(&cell))?;
        }
        self.out.write_all(&place.line_end)
    }

    /// The bytes as they were, unless a cell is a formula.
    fn record(&mut self, row: &Row, place: &Place) -> Result<()> {
        let cells = match &row.content {
            Ok(cells) if cells.iter().any(|cell| formula::is_formula(cell.shown())) => {
                cells.iter().map(|cell| cell.shown().to_owned()).collect()
            }
            Ok(_) => return self.original_record(place),
            // It is no line for another reason than its formulas.
            Err(_) => match self.formulas_in(place)? {
                Some(cells) => cells,
                None => return self.original_record(place),
            },
        };
        let cells = cells.iter().map(|cell| {
            let cell: &str = cell;
            quoted(&formula::neutral(cell), self.delimiter)
        });
        let delimiter = String::from(self.delimiter);
        let record = cells.collect::<Vec<_>>().join(&delimiter);
        self.out.write_all(&self.encoding.encode(&record))
    }

    /// The cells of a record that was refused, where one is a formula and it can be taken apart.
    fn formulas_in(&mut self, place: &Place) -> Result<Option<Vec<String>>> {
        if place.byte_count > RECORD_BYTES_READ_MAX {
            return Ok(None);
        }
        let Some(text) = self.encoding.decode(&self.bytes_of(place)?) else {
            return Ok(None);
        };
        let mut record = Record::new(self.delimiter);
        text.split('\n').for_each(|line| record.feed(line));
        let cells = record.into_cells().filter(|cells| {
            let mut cells = cells.iter();
            cells.any(|cell| formula::is_formula(cell))
        });
        Ok(cells)
    }

    fn bytes_of(&mut self, place: &Place) -> Result<Vec<u8>> {
        self.original.seek(SeekFrom::Start(place.offset))?;
        let mut bytes = Vec::new();
        self.original
            .by_ref()
            .take(place.byte_count)
            .read_to_end(&mut bytes)?;
        self.at = place.offset.saturating_add(place.byte_count);
        Ok(bytes)
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
        let bytes = self.bytes_of(place)?;
        let text = self.encoding.decode(&bytes).unwrap_or_default();
        let text = quoted(&formula::neutral(&text), self.delimiter);
        self.out.write_all(&self.encoding.encode(&text))
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
