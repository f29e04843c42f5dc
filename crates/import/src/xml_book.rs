//! The rows of a workbook of Office 2003 in XML, streamed: another thing that systems call .xls.

use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;

use crate::cell::{Cell, Row};
use crate::faults;
use crate::formats::xml::{Step, Tag, XmlReader};
use crate::input::{Input, Opened};
use crate::limits::{COLUMNS_MAX, RECORD_BYTES_MAX};
use crate::workbook::number_of;

/// The rows of the largest sheet there is.
const ROWS_MAX: u64 = 1_048_576;
/// The most bytes of all names of sheets together.
const NAMES_BYTES_MAX: usize = 1 << 20;

/// A workbook that is one XML document.
pub(crate) struct XmlBook {
    input: Input,
    sheets: Vec<String>,
}

impl XmlBook {
    /// Whether a document of this root is one.
    pub(crate) fn has_root(name: &str) -> bool {
        name == "Workbook"
    }

    /// Reads it once, so that what is broken is found before a line is read.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let mut xml = XmlReader::open(input)?;
        let mut sheets = Vec::new();
        let mut names_bytes = 0_usize;
        loop {
            match xml.next()? {
                Step::Open(tag) if tag.name == "Worksheet" => {
                    let name = tag.attribute("Name").unwrap_or_default();
                    names_bytes = names_bytes.saturating_add(name.len()).saturating_add(64);
                    if names_bytes > NAMES_BYTES_MAX {
                        return Err(faults::xml_too_large(xml.bytes_read()));
                    }
                    sheets.push(name.to_owned());
                }
                Step::Open(_) | Step::Text(_) | Step::Close => {}
                Step::End => break,
            }
        }
        Ok(Self {
            input: input.clone(),
            sheets,
        })
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
        let mut xml = XmlReader::open(&self.input)?;
        loop {
            match xml.next()? {
                Step::Open(tag) if tag.name == "Worksheet" => {
                    if tag.attribute("Name").unwrap_or_default() == sheet {
                        return rows(&mut xml, visit);
                    }
                    xml.pass_over()?;
                }
                Step::Open(_) | Step::Text(_) | Step::Close => {}
                Step::End => return Ok(()),
            }
        }
    }
}

fn rows(
    xml: &mut XmlReader<Opened>,
    visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let sheet = xml.depth();
    let mut line_no = 0_u64;
    loop {
        match xml.next()? {
            Step::Open(tag) if tag.name == "Row" => {
                line_no = number(&tag, "Index").unwrap_or(line_no.saturating_add(1));
                let content = cells(xml)?;
                if line_no > ROWS_MAX {
                    return Err(faults::file_damaged("Row"));
                }
                let spanned = number(&tag, "Span").unwrap_or_default();
                if !content.as_ref().is_ok_and(Vec::is_empty) {
                    let row = Row {
                        line_no,
                        content,
                        place: None,
                        at: None,
                        bytes_read: xml.bytes_read(),
                    };
                    if visit(row).is_break() {
                        return Ok(());
                    }
                }
                line_no = line_no.saturating_add(spanned);
            }
            Step::Close if xml.depth() < sheet => return Ok(()),
            Step::Open(_) | Step::Text(_) | Step::Close => {}
            Step::End => return Ok(()),
        }
    }
}

fn number(tag: &Tag, attribute: &str) -> Option<u64> {
    tag.attribute(attribute).and_then(|it| it.parse().ok())
}

/// The cells of a row, blank ones at its end left out.
fn cells(xml: &mut XmlReader<Opened>) -> Result<Result<Vec<Cell>, Fault>, Fault> {
    let row = xml.depth();
    let mut cells: Vec<Cell> = Vec::new();
    let mut next = 0_usize;
    let mut text_bytes = 0_usize;
    let mut fault = None;
    loop {
        match xml.next()? {
            Step::Open(tag) if tag.name == "Cell" => {
                let index = number(&tag, "Index").and_then(|it| usize::try_from(it).ok());
                let column = index.map_or(next, |index| index.saturating_sub(1));
                let across = number(&tag, "MergeAcross").and_then(|it| usize::try_from(it).ok());
                next = column
                    .saturating_add(1)
                    .saturating_add(across.unwrap_or_default());
                let cell = cell_of(xml)?;
                if cell.is_blank() {
                    continue;
                }
                if column < cells.len() {
                    return Err(faults::file_damaged("Cell"));
                }
                if column >= COLUMNS_MAX {
                    fault.get_or_insert_with(faults::too_many_columns);
                    continue;
                }
                text_bytes = text_bytes.saturating_add(cell.shown().len());
                if text_bytes > RECORD_BYTES_MAX {
                    fault.get_or_insert_with(faults::line_too_long);
                    cells.clear();
                    continue;
                }
                cells.resize(column, Cell::Text(String::new()));
                cells.push(cell);
            }
            Step::Close if xml.depth() < row => return Ok(fault.map_or(Ok(cells), Err)),
            Step::Open(_) | Step::Text(_) | Step::Close => {}
            Step::End => return Ok(Ok(cells)),
        }
    }
}

/// What stands in a cell; notes beside it are not its text.
fn cell_of(xml: &mut XmlReader<Opened>) -> Result<Cell, Fault> {
    let cell = xml.depth();
    let mut kind = String::new();
    let mut text = String::new();
    loop {
        match xml.next()? {
            Step::Open(tag) if tag.name == "Data" => {
                kind = tag.attribute("Type").unwrap_or_default().to_owned();
            }
            Step::Open(tag) if tag.name == "Comment" => xml.pass_over()?,
            Step::Text(piece) if xml.depth() > cell => text.push_str(&piece),
            Step::Close if xml.depth() < cell => break,
            Step::Open(_) | Step::Text(_) | Step::Close => {}
            Step::End => break,
        }
        if text.len() > RECORD_BYTES_MAX {
            return Err(faults::xml_too_large(xml.bytes_read()));
        }
    }
    Ok(match kind.as_str() {
        "Number" => number_of(&text),
        "DateTime" => Cell::Text(text.trim_end_matches(".000").replace('T', " ")),
        "Boolean" => Cell::Text(if text == "0" { "FALSE" } else { "TRUE" }.to_owned()),
        "Error" => Cell::Error(text),
        _ => Cell::Text(text),
    })
}
