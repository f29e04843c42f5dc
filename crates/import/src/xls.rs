//! The rows of an old .xls workbook.
//!
//! calamine keeps all of it in memory; so the file is looked through first, and what would take too
//! much is refused.

mod guard;

use std::io::BufReader;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Range, Reader, Xls};
use creditbank_domain::fault::Fault;

use crate::cell::{Cell, Row};
use crate::faults;
use crate::input::Input;
use crate::limits::COLUMNS_MAX;
use crate::workbook::data_cell;

/// An .xls of 65,536 rows of transcript has some twenty.
const BYTES_MAX: u64 = 48 << 20;
/// An .xls workbook, unpacked.
pub(crate) struct XlsBook {
    sheets: Vec<(String, Range<Data>)>,
    names: Vec<String>,
    input: Input,
    byte_count: u64,
}

impl XlsBook {
    /// Looks it through, then unpacks it.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let byte_count = std::fs::metadata(input.path()).map_err(unreadable)?.len();
        if byte_count > BYTES_MAX {
            return Err(faults::unpacked_too_large(
                &format!(".xls 上限为 {BYTES_MAX} 字节,请另存为 .xlsx"),
                &format!("an .xls may have {BYTES_MAX} bytes; save it as .xlsx"),
            ));
        }
        guard::look_through(input)?;
        // What calamine does not foresee it may panic about; the file is broken then.
        let sheets = catch_unwind(AssertUnwindSafe(|| unpacked(input)));
        let sheets = sheets.unwrap_or_else(|_| Err(faults::file_damaged("xls")))?;
        Ok(Self {
            names: sheets.iter().map(|(name, _)| name.clone()).collect(),
            sheets,
            input: input.clone(),
            byte_count,
        })
    }

    /// The file that it is.
    pub(crate) const fn input(&self) -> &Input {
        &self.input
    }

    /// The names of its sheets.
    pub(crate) fn sheets(&self) -> &[String] {
        &self.names
    }

    /// Visits every row of a sheet in which something stands, until told to stop.
    pub(crate) fn for_each_row(&self, sheet: &str, visit: &mut dyn FnMut(Row) -> ControlFlow<()>) {
        let found = self.sheets.iter().find(|(name, _)| name == sheet);
        let Some((_, range)) = found else {
            return;
        };
        let (first, left) = range.start().unwrap_or_default();
        let left = usize::try_from(left).unwrap_or_default();
        let count = u64::try_from(range.height()).unwrap_or(u64::MAX).max(1);
        for (number, row) in (1..).zip(range.rows()) {
            let mut cells = vec![Cell::Text(String::new()); left];
            cells.extend(row.iter().map(data_cell));
            let filled = cells.iter().rposition(|cell| !cell.is_blank());
            let Some(last) = filled else {
                continue;
            };
            cells.truncate(last + 1);
            let content = if cells.len() > COLUMNS_MAX {
                Err(faults::too_many_columns())
            } else {
                Ok(cells)
            };
            let row = Row {
                line_no: u64::from(first).saturating_add(number),
                content,
                place: None,
                at: None,
                bytes_read: self.byte_count.saturating_mul(number) / count,
            };
            if visit(row).is_break() {
                return;
            }
        }
    }
}

fn unpacked(input: &Input) -> Result<Vec<(String, Range<Data>)>, Fault> {
    let file = input
        .open()
        .map_err(|reason| faults::file_unreadable(&reason))?;
    let book = Xls::new(BufReader::new(file));
    let mut book = book.map_err(|_| faults::file_damaged("xls"))?;
    Ok(book.worksheets())
}
