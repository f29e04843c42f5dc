//! The rows of the tables of a web page: what many systems export and call .xls.
//!
//! Read as browsers read it: upper case or lower, cells and rows that nobody closes, entities.
//! Every table is a sheet, in the order in which they begin, and one that stands in a cell of
//! another is a sheet of its own. What spans columns or rows stands in the first of them.

mod charset;
mod walk;

use std::io::BufReader;
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{IoReader, Token, Tokenizer};
use quick_xml::encoding::DecodingReader;

use crate::cell::Row;
use crate::faults;
use crate::formats::metered::Metered;
use crate::input::Input;
use crate::page::charset::Charset;
use crate::page::walk::Walk;

/// The most bytes of one tag, one comment or one run of text.
const PIECE_BYTES_MAX: u64 = 1 << 20;

/// What a row of some table is handed to; its table is told by its number from 1.
type VisitRow<'v> = dyn FnMut(usize, Row) -> ControlFlow<()> + 'v;

/// A page whose encoding is known.
pub(crate) struct WebPage {
    input: Input,
    charset: Charset,
    tables: Vec<String>,
}

impl WebPage {
    /// True of a file that begins so, in whatever encoding: as a page, or with what stands in one.
    pub(crate) fn begins(start: &[u8]) -> bool {
        let start: Vec<u8> = start.iter().copied().filter(|byte| *byte != 0).collect();
        let start = String::from_utf8_lossy(&start).to_ascii_lowercase();
        let first = start.find('<').and_then(|at| start.get(at..));
        let parts = [
            "<table", "<head", "<meta", "<body", "<style", "<title", "<div", "<center", "<form",
        ];
        let is_part = parts
            .iter()
            .any(|part| first.is_some_and(|it| it.starts_with(part)));
        is_part
            || ["<html", "<!doctype html"]
                .iter()
                .any(|tag| start.contains(tag))
    }

    /// Reads it once, so that what is broken is found before a line is read.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let mut page = Self {
            input: input.clone(),
            charset: Charset::of(input)?,
            tables: Vec::new(),
        };
        let tables = page.walk(&mut |_, _| ControlFlow::Continue(()))?;
        page.tables = (1..=tables).map(name_of).collect();
        if page.tables.is_empty() {
            return Err(faults::page_without_table());
        }
        Ok(page)
    }

    /// The file that it is.
    pub(crate) const fn input(&self) -> &Input {
        &self.input
    }

    /// The names of its tables.
    pub(crate) fn sheets(&self) -> &[String] {
        &self.tables
    }

    /// Visits every row of a table in which something stands, until told to stop.
    pub(crate) fn for_each_row(
        &self,
        sheet: &str,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.walk(&mut |table, row| {
            if name_of(table) == sheet {
                visit(row)
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(())
    }

    /// Visits the rows of all tables, and says how many tables began.
    fn walk(&self, visit: &mut VisitRow<'_>) -> Result<usize, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let file = self.input.open().map_err(unreadable)?;
        let (source, meter) = Metered::new(file, PIECE_BYTES_MAX);
        let mut source = DecodingReader::new(BufReader::with_capacity(1 << 16, source));
        if let Some(encoding) = self.charset.to_decode() {
            source.set_encoding(encoding);
        }
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut walk = Walk::default();
        for token in Tokenizer::new_with_emitter(IoReader::new(source), emitter) {
            let token = token.map_err(|_| faults::xml_too_large(meter.total()))?;
            meter.next_piece();
            let row = match token {
                Token::StartTag(tag) => walk.opened(&tag)?,
                Token::EndTag(tag) => walk.closed(&tag.name),
                Token::String(text) => {
                    walk.text(&String::from_utf8_lossy(&text));
                    None
                }
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => None,
            };
            if let Some((table, row)) = row
                && visit(table, row.read_to(meter.total())).is_break()
            {
                return Ok(walk.tables());
            }
        }
        for (table, row) in walk.ended() {
            if visit(table, row.read_to(meter.total())).is_break() {
                break;
            }
        }
        Ok(walk.tables())
    }
}

/// The name of the nth table, from 1.
fn name_of(table: usize) -> String {
    format!("表{table}")
}
