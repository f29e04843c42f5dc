//! The rows of an .xlsx workbook, streamed sheet by sheet.

mod guard;

use std::io::BufReader;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetType, Xlsx};
use chrono::NaiveTime;
use creditbank_domain::fault::Fault;

use crate::cell::{Cell, Row};
use crate::faults;
use crate::input::{Input, Opened};
use crate::limits::{COLUMNS_MAX, RECORD_BYTES_MAX};

/// From here on a spreadsheet has lost digits: it keeps fifteen of them.
const ROUNDED_FROM: f64 = 1e15;

/// An open workbook.
pub(crate) struct Workbook {
    book: Xlsx<BufReader<Opened>>,
    input: Input,
    sheets: Vec<String>,
    byte_count: u64,
}

impl Workbook {
    /// Opens one whose archive was checked.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let unreadable = |reason| faults::file_unreadable(&reason);
        let byte_count = std::fs::metadata(input.path()).map_err(unreadable)?.len();
        guard::look_through(input)?;
        let source = BufReader::new(input.open().map_err(unreadable)?);
        let book = foreseen("xl/workbook.xml", || Xlsx::new(source))?;
        let sheets = book.sheets_metadata().iter();
        let sheets = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let sheets = sheets.map(|sheet| sheet.name.clone()).collect();
        Ok(Self {
            book,
            input: input.clone(),
            sheets,
            byte_count,
        })
    }

    /// The file that it is.
    pub(crate) const fn input(&self) -> &Input {
        &self.input
    }

    /// The names of its sheets, hidden ones among them.
    pub(crate) fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// Visits every row of a sheet in which something stands, until told to stop.
    pub(crate) fn for_each_row(
        &mut self,
        sheet: &str,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let book = &mut self.book;
        let mut reader = foreseen(sheet, || book.worksheet_cells_reader(sheet))?;
        let (last_row, _) = reader.dimensions().end;
        let progress = Progress {
            byte_count: self.byte_count,
            rows: u64::from(last_row) + 1,
        };
        let mut gathered: Option<Gathered> = None;
        while let Some(cell) = foreseen(sheet, || reader.next_cell())? {
            let (row, column) = cell.get_position();
            let at = gathered.as_ref().map(|row| row.index);
            if at.is_some_and(|at| row < at) {
                return Err(faults::file_damaged(sheet));
            }
            if at != Some(row) {
                let done = gathered.replace(Gathered::new(row));
                if done.is_some_and(|done| visit(done.into_row(&progress)).is_break()) {
                    return Ok(());
                }
            }
            if let Some(gathered) = &mut gathered {
                gathered.put(column, cell_of(cell.get_value()));
            }
        }
        if let Some(last) = gathered {
            let _ = visit(last.into_row(&progress));
        }
        Ok(())
    }
}

/// What calamine does not foresee it may panic about; the file is broken then.
fn foreseen<T, E>(part: &str, read: impl FnOnce() -> Result<T, E>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(faults::file_damaged(part)),
    }
}

struct Progress {
    byte_count: u64,
    rows: u64,
}

/// A row whose cells are still coming.
struct Gathered {
    index: u32,
    cells: Vec<Cell>,
    /// A few bytes of the file may refer to one long string thousands of times.
    text_bytes: usize,
    fault: Option<Fault>,
}

impl Gathered {
    const fn new(index: u32) -> Self {
        Self {
            index,
            cells: Vec::new(),
            text_bytes: 0,
            fault: None,
        }
    }

    fn put(&mut self, column: u32, cell: Cell) {
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if cell.is_blank() {
            return;
        }
        if column >= COLUMNS_MAX {
            self.fault = Some(faults::too_many_columns());
            return;
        }
        self.text_bytes = self.text_bytes.saturating_add(cell.shown().len());
        if self.text_bytes > RECORD_BYTES_MAX {
            self.fault.get_or_insert_with(faults::line_too_long);
            self.cells.clear();
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Text(String::new()));
        }
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
    }

    fn into_row(self, progress: &Progress) -> Row {
        let line_no = u64::from(self.index) + 1;
        let bytes_read = line_no.saturating_mul(progress.byte_count) / progress.rows.max(1);
        Row {
            line_no,
            content: self.fault.map_or(Ok(self.cells), Err),
            place: None,
            at: None,
            bytes_read: bytes_read.min(progress.byte_count),
        }
    }
}

fn cell_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Int(number) => whole_number(*number),
        DataRef::Float(number) => number_cell(*number),
        DataRef::Bool(true) => Cell::Text("TRUE".to_owned()),
        DataRef::Bool(false) => Cell::Text("FALSE".to_owned()),
        DataRef::DateTime(moment) => date_cell(moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::Empty => Cell::Text(String::new()),
    }
}

/// The same of a workbook that is in memory as a whole.
pub(crate) fn data_cell(value: &Data) -> Cell {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            Cell::Text(text.clone())
        }
        Data::Int(number) => whole_number(*number),
        Data::Float(number) => number_cell(*number),
        Data::Bool(true) => Cell::Text("TRUE".to_owned()),
        Data::Bool(false) => Cell::Text("FALSE".to_owned()),
        Data::DateTime(moment) => date_cell(moment),
        Data::Error(error) => Cell::Error(error.to_string()),
        Data::Empty => Cell::Text(String::new()),
    }
}

fn whole_number(number: i64) -> Cell {
    if number.unsigned_abs() >= 1_000_000_000_000_000 {
        Cell::Rounded(number.to_string())
    } else {
        Cell::Text(number.to_string())
    }
}

/// Whether a spreadsheet shows a number so, with or without a comma at the thousands.
pub(crate) fn is_number(shown: &str) -> bool {
    shown.replace(',', "").parse::<f64>().is_ok()
}

/// A number as the spreadsheet keeps it: in binary, whatever its decimals in the file look like.
pub(crate) fn number_of(value: &str) -> Cell {
    match value.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => number_cell(number),
        _ => Cell::Error(value.to_owned()),
    }
}

fn number_cell(number: f64) -> Cell {
    if number.abs() >= ROUNDED_FROM {
        return Cell::Rounded(format!("{number:.5E}").replace('E', "E+"));
    }
    Cell::Text(fifteen_digits(number))
}

/// The number as the spreadsheet shows it: fifteen significant digits, no trailing zeros.
///
/// A formula's 0.1 + 0.2 is kept as 0.30000000000000004 and means 0.3 to whoever looks at it.
fn fifteen_digits(number: f64) -> String {
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let Ok(exponent) = exponent.parse::<i32>() else {
        return scientific;
    };
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let plain = match usize::try_from(exponent) {
        Ok(before) => {
            let digits = format!("{digits:0<width$}", width = before + 1);
            let (whole, decimals) = digits.split_at_checked(before + 1).unwrap_or((&digits, ""));
            format!("{whole}.{decimals}")
        }
        Err(_) => {
            let zeros = usize::try_from(exponent.unsigned_abs())
                .unwrap_or(1)
                .saturating_sub(1);
            format!("0.{}{digits}", "0".repeat(zeros))
        }
    };
    let plain = plain.trim_end_matches('0').trim_end_matches('.');
    if plain == "0" {
        plain.to_owned()
    } else {
        format!("{sign}{plain}")
    }
}

fn date_cell(moment: &ExcelDateTime) -> Cell {
    match moment.as_datetime().filter(|_| moment.is_datetime()) {
        Some(at) if at.time() == NaiveTime::MIN => Cell::Text(at.date().to_string()),
        Some(at) => Cell::Text(at.format("%Y-%m-%d %H:%M:%S").to_string()),
        None => number_cell(moment.as_f64()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_shown_as_the_spreadsheet_shows_them() {
        let cases = [
            (4.0, "4"),
            (3.5, "3.5"),
            (0.300_000_000_000_000_04, "0.3"),
            (86.7, "86.7"),
            (0.0, "0"),
            (-0.0, "0"),
            (-2.25, "-2.25"),
            (0.05, "0.05"),
            (100.0, "100"),
            (20_260_001.0, "20260001"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e-7, "0.0000001"),
        ];
        for (number, shown) in cases {
            assert_eq!(
                number_cell(number),
                Cell::Text(shown.to_owned()),
                "{number:?}"
            );
        }
    }

    #[test]
    fn sixteen_digits_have_been_rounded_and_fifteen_have_not() {
        for number in [1e15, 1.101_011_990_030_712e17, -1e15] {
            assert!(matches!(number_cell(number), Cell::Rounded(_)), "{number}");
        }
        assert_eq!(number_cell(1.101_011_990_030_712e17).shown(), "1.10101E+17");
        assert_eq!(
            whole_number(1_000_000_000_000_000).shown(),
            "1000000000000000"
        );
        assert!(matches!(whole_number(999_999_999_999_999), Cell::Text(_)));
    }

    proptest! {
        #[test]
        fn every_amount_in_hundredths_is_shown_exactly(hundredths in 0_i64..100_000_000) {
            let exact = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let number: f64 = exact.parse().unwrap();
            let shown = exact.trim_end_matches('0').trim_end_matches('.');
            prop_assert_eq!(fifteen_digits(number), shown);
        }
    }
}
