//! The rows of an .ods workbook, streamed: what repeats is counted, never unfolded into memory.

use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use zip::ZipArchive;

use crate::cell::{Cell, Row};
use crate::faults;
use crate::formats::xml::{Step, Tag, XmlReader};
use crate::input::Input;
use crate::limits::{COLUMNS_MAX, RECORD_BYTES_MAX};
use crate::workbook::number_of;

/// The rows of the largest sheet there is.
const ROWS_MAX: u64 = 1_048_576;
/// The most bytes of a cell's text.
const CELL_BYTES_MAX: usize = 1 << 20;

/// What reads `content.xml` while its archive is open.
type Reading<'r> = dyn FnMut(&mut XmlReader<Box<dyn Read + '_>>) -> Result<(), Fault> + 'r;

/// An .ods file whose archive was checked.
pub(crate) struct Ods {
    input: Input,
    sheets: Vec<String>,
    byte_count: u64,
}

impl Ods {
    /// Reads it once, so that what is broken is found before a line is read.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let mut ods = Self {
            input: input.clone(),
            sheets: Vec::new(),
            byte_count: std::fs::metadata(input.path()).map_err(unreadable)?.len(),
        };
        let mut sheets = Vec::new();
        let mut names_bytes = 0_usize;
        ods.content(&mut |xml| loop {
            match xml.next()? {
                Step::Open(tag) if tag.name == "table" => {
                    let name = tag.attribute("name").unwrap_or_default();
                    names_bytes = names_bytes.saturating_add(name.len()).saturating_add(64);
                    if names_bytes > CELL_BYTES_MAX {
                        return Err(faults::xml_too_large(xml.bytes_read()));
                    }
                    sheets.push(name.to_owned());
                }
                Step::Open(_) | Step::Text(_) | Step::Close => {}
                Step::End => return Ok(()),
            }
        })?;
        ods.sheets = sheets;
        Ok(ods)
    }

    /// The file that it is.
    pub(crate) const fn input(&self) -> &Input {
        &self.input
    }

    /// The names of its sheets.
    pub(crate) fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// Visits every row of a sheet in which something stands, until told to stop.
    pub(crate) fn for_each_row(
        &self,
        sheet: &str,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let byte_count = self.byte_count;
        self.content(&mut |xml| loop {
            match xml.next()? {
                Step::Open(tag) if tag.name == "table" => {
                    if tag.attribute("name") == Some(sheet) {
                        return rows(xml, byte_count, visit);
                    }
                    xml.pass_over()?;
                }
                Step::Open(_) | Step::Text(_) | Step::Close => {}
                Step::End => return Ok(()),
            }
        })
    }

    fn content(&self, read: &mut Reading<'_>) -> Result<(), Fault> {
        let file = self
            .input
            .open()
            .map_err(|reason| faults::file_unreadable(&reason))?;
        let archive = ZipArchive::new(BufReader::new(file));
        let mut archive = archive.map_err(|_| faults::file_damaged("zip"))?;
        let part = archive.by_name("content.xml");
        let part = part.map_err(|_| faults::file_damaged("content.xml"))?;
        read(&mut XmlReader::new(Box::new(part)))
    }
}

fn rows<R: Read>(
    xml: &mut XmlReader<R>,
    byte_count: u64,
    visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let table = xml.depth();
    let mut line_no = 0_u64;
    loop {
        match xml.next()? {
            Step::Open(tag) if tag.name == "table-row" => {
                let repeated = times(&tag, "number-rows-repeated");
                let content = cells(xml)?;
                let first = line_no.saturating_add(1);
                line_no = line_no.saturating_add(repeated);
                if content.as_ref().is_ok_and(Vec::is_empty) {
                    continue;
                }
                if line_no > ROWS_MAX {
                    return Err(faults::file_damaged("table-row"));
                }
                for line_no in first..=line_no {
                    let row = Row {
                        line_no,
                        content: content.clone(),
                        place: None,
                        at: None,
                        bytes_read: byte_count / 2,
                    };
                    if visit(row).is_break() {
                        return Ok(());
                    }
                }
            }
            Step::Close if xml.depth() < table => return Ok(()),
            Step::Open(_) | Step::Text(_) | Step::Close => {}
            Step::End => return Ok(()),
        }
    }
}

/// How often something stands there; once where it does not say.
fn times(tag: &Tag, attribute: &str) -> u64 {
    let said = tag.attribute(attribute).and_then(|it| it.parse().ok());
    said.unwrap_or(1).clamp(1, ROWS_MAX + 1)
}

/// The cells of a row, blank ones at its end left out.
fn cells<R: Read>(xml: &mut XmlReader<R>) -> Result<Result<Vec<Cell>, Fault>, Fault> {
    let row = xml.depth();
    let mut cells: Vec<Cell> = Vec::new();
    let mut column = 0_usize;
    let mut text_bytes = 0_usize;
    let mut fault = None;
    loop {
        match xml.next()? {
            Step::Open(tag) if matches!(tag.name.as_str(), "table-cell" | "covered-table-cell") => {
                let repeated = times(&tag, "number-columns-repeated");
                let repeated = usize::try_from(repeated).unwrap_or(usize::MAX);
                let cell = cell_of(&tag, xml)?;
                let from = column;
                column = column.saturating_add(repeated);
                if cell.is_blank() || tag.name == "covered-table-cell" {
                    continue;
                }
                if column > COLUMNS_MAX {
                    fault = Some(faults::too_many_columns());
                    continue;
                }
                // One long cell may say that it stands there two thousand times.
                let bytes = cell.shown().len().saturating_mul(repeated);
                text_bytes = text_bytes.saturating_add(bytes);
                if text_bytes > RECORD_BYTES_MAX {
                    fault.get_or_insert_with(faults::line_too_long);
                    cells.clear();
                    continue;
                }
                cells.resize(from, Cell::Text(String::new()));
                cells.resize(column, cell);
            }
            Step::Close if xml.depth() < row => {
                return Ok(fault.map_or(Ok(cells), Err));
            }
            Step::Open(_) | Step::Text(_) | Step::Close => {}
            Step::End => return Ok(Ok(cells)),
        }
    }
}

/// What a cell holds: its value where that is exact, else what is written in it.
fn cell_of<R: Read>(tag: &Tag, xml: &mut XmlReader<R>) -> Result<Cell, Fault> {
    let written = written(xml)?;
    let value = tag.attribute("value").unwrap_or_default();
    let cell = match tag.attribute("value-type").unwrap_or_default() {
        "float" | "currency" => number_of(value),
        "percentage" => Cell::Text(written),
        "date" => {
            let moment = tag.attribute("date-value").unwrap_or_default();
            Cell::Text(moment.replace('T', " "))
        }
        "boolean" => {
            let value = tag.attribute("boolean-value").unwrap_or_default();
            Cell::Text(value.to_ascii_uppercase())
        }
        _ if written.starts_with("Err:") || written.starts_with('#') && written.ends_with('!') => {
            Cell::Error(written)
        }
        _ => Cell::Text(written),
    };
    Ok(cell)
}

/// The paragraphs of a cell; notes beside it are not its text.
fn written<R: Read>(xml: &mut XmlReader<R>) -> Result<String, Fault> {
    let cell = xml.depth();
    let mut text = String::new();
    loop {
        match xml.next()? {
            Step::Open(tag) if tag.name == "annotation" => xml.pass_over()?,
            Step::Open(tag) if tag.name == "p" && !text.is_empty() => text.push('\n'),
            Step::Open(tag) if tag.name == "s" => {
                let spaces = usize::try_from(times(&tag, "c")).unwrap_or(1).min(64);
                text.push_str(&" ".repeat(spaces));
            }
            Step::Open(tag) if matches!(tag.name.as_str(), "tab" | "line-break") => text.push(' '),
            Step::Open(_) => {}
            // Blanks between the paragraphs are the file's own indentation.
            Step::Text(piece) if xml.depth() > cell => text.push_str(&piece),
            Step::Text(_) => {}
            Step::Close if xml.depth() < cell => return Ok(text),
            Step::Close => {}
            Step::End => return Ok(text),
        }
        if text.len() > CELL_BYTES_MAX {
            return Err(faults::xml_too_large(xml.bytes_read()));
        }
    }
}
