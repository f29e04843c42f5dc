//! Every kind of file behind one face: sheets of rows.

use std::ops::ControlFlow;
use std::path::Path;

use creditbank_domain::fault::Fault;

use crate::cell::Row;
use crate::formats::clr::ClrSource;
use crate::formats::elmo::ElmoSource;
use crate::formats::json_lines::JsonLinesSource;
use crate::formats::one_roster::OneRosterSource;
use crate::formats::pesc::PescSource;
use crate::formats::{Records, ResultStyle};
use crate::header::Headings;
use crate::kind::FileKind;
use crate::limits::HEADER_ROWS_MAX;
use crate::ods::Ods;
use crate::text_rows::TextFile;
use crate::workbook::Workbook;
use crate::xls::XlsBook;

/// Anything that has rows.
pub(crate) enum Table {
    /// Delimited text: one sheet without a name.
    Text(TextFile),
    /// An .xlsx workbook.
    Workbook(Box<Workbook>),
    /// An .ods workbook.
    Ods(Ods),
    /// An .xls workbook.
    Xls(XlsBook),
    /// A file that is no table: one sheet of its records.
    Records(Records),
}

impl Table {
    /// Opens whatever the first bytes say it is.
    pub(crate) fn open(path: &Path, headings: &Headings<'_>) -> Result<Self, Fault> {
        let as_csv = |source| Records::open(source, ResultStyle::Csv).map(Self::Records);
        match FileKind::of(path)? {
            FileKind::Text => TextFile::open(path, headings).map(Self::Text),
            FileKind::Xlsx => Workbook::open(path).map(|book| Self::Workbook(Box::new(book))),
            FileKind::Ods => Ods::open(path).map(Self::Ods),
            FileKind::Xls => XlsBook::open(path).map(Self::Xls),
            FileKind::Elmo => as_csv(Box::new(ElmoSource::open(path)?)),
            FileKind::Pesc => as_csv(Box::new(PescSource::open(path)?)),
            FileKind::Clr => as_csv(Box::new(ClrSource::new(path))),
            FileKind::OneRoster => as_csv(Box::new(OneRosterSource::open(path)?)),
            FileKind::JsonLines => {
                let source = Box::new(JsonLinesSource::new(path));
                Records::open(source, ResultStyle::JsonLines).map(Self::Records)
            }
        }
    }

    /// The names of its sheets; one empty name where it has none.
    pub(crate) fn sheets(&self) -> Vec<String> {
        match self {
            Self::Text(_) | Self::Records(_) => vec![String::new()],
            Self::Workbook(book) => book.sheets().to_vec(),
            Self::Ods(book) => book.sheets().to_vec(),
            Self::Xls(book) => book.sheets().to_vec(),
        }
    }

    /// Visits the rows of one sheet until told to stop.
    pub(crate) fn for_each_row(
        &mut self,
        sheet: &str,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        match self {
            Self::Text(file) => file.for_each_row(visit),
            Self::Workbook(book) => book.for_each_row(sheet, visit),
            Self::Ods(book) => book.for_each_row(sheet, visit),
            Self::Xls(book) => {
                book.for_each_row(sheet, visit);
                Ok(())
            }
            Self::Records(records) => records.for_each_row(visit),
        }
    }

    /// The first rows of one sheet, among which its header is.
    pub(crate) fn first_rows(&mut self, sheet: &str) -> Result<Vec<Row>, Fault> {
        let mut rows = Vec::new();
        self.for_each_row(sheet, &mut |row| {
            rows.push(row);
            if rows.len() < HEADER_ROWS_MAX {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(rows)
    }
}
