//! Text files and workbooks behind one face: sheets of rows.

use std::ops::ControlFlow;
use std::path::Path;

use creditbank_domain::fault::Fault;

use crate::cell::Row;
use crate::header::Headings;
use crate::kind::FileKind;
use crate::limits::HEADER_ROWS_MAX;
use crate::text_rows::TextFile;
use crate::workbook::Workbook;

/// Anything that has rows.
pub(crate) enum Table {
    /// Delimited text: one sheet without a name.
    Text(TextFile),
    /// A workbook.
    Workbook(Box<Workbook>),
}

impl Table {
    /// Opens whatever the first bytes say it is.
    pub(crate) fn open(path: &Path, headings: &Headings<'_>) -> Result<Self, Fault> {
        match FileKind::of(path)? {
            FileKind::Text => TextFile::open(path, headings).map(Self::Text),
            FileKind::Zip => Workbook::open(path).map(|book| Self::Workbook(Box::new(book))),
        }
    }

    /// The names of its sheets; one empty name for text.
    pub(crate) fn sheets(&self) -> Vec<String> {
        match self {
            Self::Text(_) => vec![String::new()],
            Self::Workbook(book) => book.sheets().to_vec(),
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
