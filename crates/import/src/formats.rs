//! Files that are no tables: each format is one reader that gives records.
//!
//! A record names fields and keeps their original text and its place; behind a header made of the
//! fields that occur it is a [`Row`] like any other. So faults, dictionary, mappings, learners,
//! grades, source references and posting are those of every file, and a new format is a new file
//! here with a line in [`crate::kind`] and [`crate::table`].

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use creditbank_ledger::reads::SignatureFound;

use crate::cell::{Cell, Row};
use crate::dictionary::{self, Field};
use crate::faults;
use crate::header::RECORDS_HEADER;
use crate::input::Input;

pub(crate) mod clr;
mod course_tree;
mod day;
pub(crate) mod elmo;
pub(crate) mod json;
pub(crate) mod json_lines;
pub(crate) mod metered;
pub(crate) mod one_roster;
mod one_roster_tables;
pub(crate) mod pesc;
mod signature;
pub(crate) mod xml;
mod xml_tree;

/// A column of the table that the records make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// 位置: where in the file the record stands.
    Place,
    /// A field of the dictionary, under its exact heading.
    Field(Field),
    /// Credits of the European system: none of ours, unless a mapping says so.
    Ects,
    /// Credits of any other system.
    OtherCredits,
    /// Which system that is.
    CreditScheme,
    /// What the file says of its signatures, and whether they were verified.
    Signature,
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Place => "位置",
            Self::Field(field) => dictionary::zh(field),
            Self::Ects => "ECTS",
            Self::OtherCredits => "其他学分",
            Self::CreditScheme => "学分制",
            Self::Signature => "电子签名",
        }
    }
}

/// One record of such a file.
#[derive(Debug, Clone)]
pub(crate) struct FormatRecord {
    /// Its number; where there is none, its place among the records from 1.
    pub(crate) line_no: Option<u64>,
    /// Where it stands, for people.
    pub(crate) at: Option<String>,
    /// What it says, or why it cannot be read while its neighbours can.
    pub(crate) content: Result<Vec<(Column, Cell)>, Fault>,
    /// How much of the file lies behind.
    pub(crate) bytes_read: u64,
}

/// A field with its text; nothing where the text is blank.
pub(crate) fn said(column: Column, text: &str) -> Option<(Column, Cell)> {
    let cell = Cell::Text(text.trim().to_owned());
    (!cell.is_blank()).then_some((column, cell))
}

/// What reads a format: always the same records in the same order, so that an import that was cut
/// off goes on by their numbers.
pub(crate) trait RecordSource {
    /// What was found of the file's signature, of which an import makes a note.
    fn signature(&self) -> Option<SignatureFound> {
        None
    }

    /// Visits every record until told to stop.
    fn for_each(
        &mut self,
        visit: &mut dyn FnMut(FormatRecord) -> ControlFlow<()>,
    ) -> Result<(), Fault>;
}

/// How the institution gets its file back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResultStyle {
    /// As a table of the records: CSV UTF-8.
    Csv,
    /// As it was, each line with three members more.
    JsonLines,
}

/// The records of a file as a table of one sheet.
pub(crate) struct Records {
    source: Box<dyn RecordSource>,
    input: Input,
    columns: Vec<Column>,
    /// How the file goes back.
    pub(crate) style: ResultStyle,
}

impl Records {
    /// Reads the file once from end to end: what is broken anywhere is refused before a line is
    /// posted, and the columns are those that are used.
    pub(crate) fn open(
        input: &Input,
        mut source: Box<dyn RecordSource>,
        style: ResultStyle,
    ) -> Result<Self, Fault> {
        let mut columns = BTreeSet::new();
        let mut records = 0_u64;
        source.for_each(&mut |record| {
            records += 1;
            if input.patience().is_spent() {
                return ControlFlow::Break(());
            }
            columns.extend(record.at.is_some().then_some(Column::Place));
            let cells = record.content.into_iter().flatten();
            columns.extend(cells.map(|(column, _)| column));
            ControlFlow::Continue(())
        })?;
        if records == 0 {
            return Err(faults::no_records());
        }
        Ok(Self {
            source,
            input: input.clone(),
            columns: columns.into_iter().collect(),
            style,
        })
    }

    /// What was found of its signature.
    pub(crate) fn signature(&self) -> Option<SignatureFound> {
        self.source.signature()
    }

    /// The file that it is.
    pub(crate) const fn input(&self) -> &Input {
        &self.input
    }

    /// The headings as a row, then every record as one.
    pub(crate) fn for_each_row(
        &mut self,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let headings = self.columns.iter();
        let headings = headings.map(|column| Cell::Text(column.heading().to_owned()));
        let header = Row {
            line_no: RECORDS_HEADER,
            content: Ok(headings.collect()),
            place: None,
            at: None,
            bytes_read: 0,
        };
        if visit(header).is_break() {
            return Ok(());
        }
        let Self {
            source, columns, ..
        } = self;
        let mut number = 0_u64;
        source.for_each(&mut |record| {
            number += 1;
            visit(row_of(record, number, columns))
        })
    }

    /// The headings, whatever they mean.
    pub(crate) fn headings(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| column.heading()).collect()
    }
}

fn row_of(record: FormatRecord, number: u64, columns: &[Column]) -> Row {
    let content = record.content.map(|said| {
        let cell = |column: &Column| match (column, &record.at) {
            (Column::Place, Some(at)) => Cell::Text(at.clone()),
            _ => {
                let found = said.iter().find(|(known, _)| known == column);
                found.map_or_else(|| Cell::Text(String::new()), |(_, cell)| cell.clone())
            }
        };
        columns.iter().map(cell).collect()
    });
    Row {
        line_no: record.line_no.unwrap_or(number),
        content,
        place: None,
        at: record.at,
        bytes_read: record.bytes_read,
    }
}
