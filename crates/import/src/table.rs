//! Every kind of file behind one face: sheets of rows.

use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use creditbank_ledger::reads::SignatureFound;

use crate::cell::Row;
use crate::faults;
use crate::formats::clr::ClrSource;
use crate::formats::elmo::ElmoSource;
use crate::formats::json_lines::JsonLinesSource;
use crate::formats::one_roster::OneRosterSource;
use crate::formats::pesc::PescSource;
use crate::formats::{Records, ResultStyle};
use crate::header::Headings;
use crate::input::Input;
use crate::kind::FileKind;
use crate::limits::{HEADER_ROWS_MAX, SHEETS_MAX};
use crate::ods::Ods;
use crate::page::WebPage;
use crate::text_rows::TextFile;
use crate::workbook::Workbook;
use crate::xls::XlsBook;
use crate::xml_book::XmlBook;

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
    /// A workbook in XML.
    XmlBook(XmlBook),
    /// A web page: each of its tables is a sheet.
    Page(WebPage),
    /// A file that is no table: one sheet of its records.
    Records(Records),
}

impl Table {
    /// Opens whatever the first bytes say it is.
    pub(crate) fn open(input: &Input, headings: &Headings<'_>) -> Result<Self, Fault> {
        let table = input.patience().told(Self::of(input, headings))?;
        if table.sheets().len() > SHEETS_MAX {
            return Err(faults::unpacked_too_large(
                &format!("工作表超过 {SHEETS_MAX} 个,请拆分"),
                &format!("more than {SHEETS_MAX} sheets; split the workbook"),
            ));
        }
        Ok(table)
    }

    fn of(input: &Input, headings: &Headings<'_>) -> Result<Self, Fault> {
        let as_csv = |source| Records::open(input, source, ResultStyle::Csv).map(Self::Records);
        let (kind, input) = &FileKind::unpacked(input)?;
        match kind {
            FileKind::Text => TextFile::open(input, headings).map(Self::Text),
            FileKind::Xlsx => Workbook::open(input).map(|book| Self::Workbook(Box::new(book))),
            FileKind::Ods => Ods::open(input).map(Self::Ods),
            FileKind::Xls => XlsBook::open(input).map(Self::Xls),
            FileKind::XmlBook => XmlBook::open(input).map(Self::XmlBook),
            FileKind::Page => WebPage::open(input).map(Self::Page),
            FileKind::Elmo => as_csv(Box::new(ElmoSource::open(input)?)),
            FileKind::Pesc => as_csv(Box::new(PescSource::open(input)?)),
            FileKind::Clr => as_csv(Box::new(ClrSource::new(input))),
            FileKind::OneRoster => as_csv(Box::new(OneRosterSource::open(input)?)),
            FileKind::JsonLines => {
                let source = Box::new(JsonLinesSource::new(input));
                Records::open(input, source, ResultStyle::JsonLines).map(Self::Records)
            }
        }
    }

    const fn input(&self) -> &Input {
        match self {
            Self::Text(file) => file.input(),
            Self::Workbook(book) => book.input(),
            Self::Ods(book) => book.input(),
            Self::Xls(book) => book.input(),
            Self::XmlBook(book) => book.input(),
            Self::Page(page) => page.input(),
            Self::Records(records) => records.input(),
        }
    }

    /// What was found of its signature.
    pub(crate) fn signature(&self) -> Option<SignatureFound> {
        match self {
            Self::Records(records) => records.signature(),
            Self::Text(_)
            | Self::Workbook(_)
            | Self::Ods(_)
            | Self::Xls(_)
            | Self::XmlBook(_)
            | Self::Page(_) => None,
        }
    }

    /// The names of its sheets; one empty name where it has none.
    pub(crate) fn sheets(&self) -> Vec<String> {
        match self {
            Self::Text(_) | Self::Records(_) => vec![String::new()],
            Self::Workbook(book) => book.sheets().to_vec(),
            Self::Ods(book) => book.sheets().to_vec(),
            Self::Xls(book) => book.sheets().to_vec(),
            Self::XmlBook(book) => book.sheets().to_vec(),
            Self::Page(page) => page.sheets().to_vec(),
        }
    }

    /// Visits the rows of one sheet until told to stop.
    pub(crate) fn for_each_row(
        &mut self,
        sheet: &str,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let patience = self.input().patience().clone();
        let visit = &mut |row| patience.hand_on(row, visit);
        let read = match self {
            Self::Text(file) => file.for_each_row(visit),
            Self::Workbook(book) => book.for_each_row(sheet, visit),
            Self::Ods(book) => book.for_each_row(sheet, visit),
            Self::Xls(book) => {
                book.for_each_row(sheet, visit);
                Ok(())
            }
            Self::XmlBook(book) => book.for_each_row(sheet, visit),
            Self::Page(page) => page.for_each_row(sheet, visit),
            Self::Records(records) => records.for_each_row(visit),
        };
        patience.told(read)
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
