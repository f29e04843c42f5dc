//! The rows of an old .xls workbook.
//!
//! calamine keeps all of it in memory, and gives every sheet room for the rectangle that its cells
//! span; so the file is looked through first, and what would take too much is refused.

use std::io::{BufReader, Read};
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
/// The most cells that all sheets together may span.
const CELLS_MAX: u64 = 2_000_000;
/// The records that hold cells, and where their last column stands, if not in the usual place.
const CELL_RECORDS: [u16; 11] = [
    0x0001, 0x0002, 0x0003, 0x0004, 0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E,
];
const RUNS: [u16; 2] = [0x00BD, 0x00BE];
const BEGIN: [u16; 4] = [0x0009, 0x0209, 0x0409, 0x0809];
const ENCRYPTED: u16 = 0x002F;

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
        look_through(input)?;
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

/// Reads the records of the workbook's stream one by one and keeps none of them.
fn look_through(input: &Input) -> Result<(), Fault> {
    let damaged = |_| faults::file_damaged("xls");
    let file = input
        .open()
        .map_err(|reason| faults::file_unreadable(&reason))?;
    let mut file = cfb::CompoundFile::open(file).map_err(damaged)?;
    let names = ["Workbook", "Book"];
    let stream = names.into_iter().find(|name| file.is_stream(name));
    let Some(stream) = stream else {
        return Err(faults::file_kind(
            "加了密码的工作簿,或不是工作簿的 Office 文件",
            "a workbook with a password, or an Office file that is no workbook",
        ));
    };
    let stream = file.open_stream(stream).map_err(damaged)?;
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    let (mut total, mut last_row, mut last_column) = (0_u64, 0_u64, 0_u64);
    let mut spanned = |last_row: &mut u64, last_column: &mut u64| {
        total = total.saturating_add((*last_row).saturating_mul(*last_column));
        (*last_row, *last_column) = (0, 0);
        if total > CELLS_MAX {
            return Err(faults::unpacked_too_large(
                &format!(".xls 的单元格范围超过 {CELLS_MAX} 格,请另存为 .xlsx"),
                &format!("an .xls may span {CELLS_MAX} cells; save it as .xlsx"),
            ));
        }
        Ok(())
    };
    while let Some((kind, body)) = next_record(&mut stream).map_err(damaged)? {
        let word = |at: usize| {
            let bytes = body.get(at..at + 2)?.try_into().ok()?;
            Some(u64::from(u16::from_le_bytes(bytes)))
        };
        if kind == ENCRYPTED {
            return Err(faults::file_kind(
                "加了密码的工作簿",
                "a workbook with a password",
            ));
        }
        if BEGIN.contains(&kind) {
            spanned(&mut last_row, &mut last_column)?;
        }
        let column = if CELL_RECORDS.contains(&kind) {
            word(2)
        } else if RUNS.contains(&kind) {
            body.len().checked_sub(2).and_then(word)
        } else {
            None
        };
        if let (Some(row), Some(column)) = (word(0), column) {
            last_row = last_row.max(row + 1);
            last_column = last_column.max(column + 1);
        }
    }
    spanned(&mut last_row, &mut last_column)
}

fn next_record(stream: &mut impl Read) -> std::io::Result<Option<(u16, Vec<u8>)>> {
    let mut head = [0; 4];
    match stream.read_exact(&mut head) {
        Ok(()) => {}
        Err(end) if end.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(other) => return Err(other),
    }
    let [k0, k1, l0, l1] = head;
    let mut body = vec![0; usize::from(u16::from_le_bytes([l0, l1]))];
    match stream.read_exact(&mut body) {
        Ok(()) => Ok(Some((u16::from_le_bytes([k0, k1]), body))),
        Err(end) if end.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(other) => Err(other),
    }
}
