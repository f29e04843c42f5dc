//! From tags and texts to rows.

use creditbank_domain::fault::Fault;
use html5gum::StartTag;

use crate::cell::{Cell, Row};
use crate::faults;
use crate::formats::xml::DEPTH_MAX;
use crate::limits::{COLUMNS_MAX, RECORD_BYTES_MAX};
use crate::workbook::{is_number, number_of};

/// What browsers take at most.
const ROWS_SPANNED_MAX: u64 = 65_534;

/// The tables that are open, one in the other, and what is not for reading.
#[derive(Default)]
pub(super) struct Walk {
    open: Vec<OpenTable>,
    tables: usize,
    /// The element whose text nobody sees.
    unseen: Option<Vec<u8>>,
}

#[derive(Default)]
struct OpenTable {
    number: usize,
    rows: u64,
    row: Option<OpenRow>,
    /// For how many rows more each column is covered from above.
    covered: Vec<u64>,
}

#[derive(Default)]
struct OpenRow {
    cells: Vec<Cell>,
    column: usize,
    text_bytes: usize,
    fault: Option<Fault>,
    cell: Option<OpenCell>,
}

struct OpenCell {
    text: String,
    /// What a spreadsheet keeps of a number that it shows with fewer digits.
    exact: Option<String>,
    columns: usize,
    rows: u64,
}

/// A row that is whole, but for how far the file was read.
pub(super) struct ReadRow {
    line_no: u64,
    content: Result<Vec<Cell>, Fault>,
}

impl ReadRow {
    pub(super) fn read_to(self, bytes_read: u64) -> Row {
        Row {
            line_no: self.line_no,
            content: self.content,
            place: None,
            at: None,
            bytes_read,
        }
    }
}

/// A row and the number of its table.
type Ended = Option<(usize, ReadRow)>;

impl Walk {
    /// How many tables have begun.
    pub(super) const fn tables(&self) -> usize {
        self.tables
    }

    /// An element begins; the row that thereby ends.
    pub(super) fn opened(&mut self, tag: &StartTag<()>) -> Result<Ended, Fault> {
        match tag.name.as_slice() {
            b"table" => {
                if self.open.len() >= DEPTH_MAX {
                    return Err(faults::tables_too_deep(DEPTH_MAX));
                }
                self.tables += 1;
                self.open.push(OpenTable {
                    number: self.tables,
                    ..OpenTable::default()
                });
            }
            b"tr" => {
                let Some(table) = self.open.last_mut() else {
                    return Ok(None);
                };
                let ended = table.end_row();
                table.row = Some(OpenRow::default());
                return Ok(ended);
            }
            b"td" | b"th" => {
                if let Some(table) = self.open.last_mut() {
                    table.begin_cell(OpenCell::of(tag));
                }
            }
            b"br" | b"p" | b"div" | b"li" => self.text(" "),
            b"script" | b"style" | b"title" => self.unseen = Some(tag.name.to_vec()),
            _ => {}
        }
        Ok(None)
    }

    /// An element ends; the row that thereby ends.
    pub(super) fn closed(&mut self, name: &[u8]) -> Ended {
        match name {
            b"table" => {
                let ended = self.open.last_mut().and_then(OpenTable::end_row);
                self.open.pop();
                return ended;
            }
            b"tr" => return self.open.last_mut().and_then(OpenTable::end_row),
            b"td" | b"th" => {
                if let Some(table) = self.open.last_mut() {
                    table.end_cell();
                }
            }
            _ if self.unseen.as_deref() == Some(name) => self.unseen = None,
            _ => {}
        }
        None
    }

    /// What is read in the innermost cell; blanks between words are one, as a browser shows them.
    pub(super) fn text(&mut self, piece: &str) {
        let row = self.open.last_mut().and_then(|table| table.row.as_mut());
        let cell = row.and_then(|row| row.cell.as_mut());
        let Some(OpenCell { text, .. }) = cell.filter(|_| self.unseen.is_none()) else {
            return;
        };
        for character in piece.chars() {
            if text.len() > RECORD_BYTES_MAX {
                return;
            }
            if !character.is_ascii_whitespace() {
                text.push(character);
            } else if !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
        }
    }

    /// The page ends, whatever is still open.
    pub(super) fn ended(&mut self) -> Vec<(usize, ReadRow)> {
        let mut rows = Vec::new();
        while let Some(mut table) = self.open.pop() {
            rows.extend(table.end_row());
        }
        rows
    }
}

impl OpenTable {
    fn begin_cell(&mut self, cell: OpenCell) {
        self.end_cell();
        self.row.get_or_insert_with(OpenRow::default).cell = Some(cell);
    }

    /// Puts the open cell where the first column is that nothing covers from above.
    fn end_cell(&mut self) {
        let Some(row) = self.row.as_mut() else {
            return;
        };
        let Some(cell) = row.cell.take() else {
            return;
        };
        let is_covered = |column: usize| self.covered.get(column).is_some_and(|rows| *rows > 0);
        while is_covered(row.column) {
            row.column += 1;
        }
        let from = row.column;
        row.column = from.saturating_add(cell.columns);
        if row.column > COLUMNS_MAX {
            row.fault.get_or_insert_with(faults::too_many_columns);
            row.column = from;
            return;
        }
        if cell.rows > 1 {
            if self.covered.len() < row.column {
                self.covered.resize(row.column, 0);
            }
            for column in self.covered.iter_mut().skip(from).take(cell.columns) {
                *column = cell.rows;
            }
        }
        row.put(from, cell.into_cell());
    }

    /// The row with what stands in it; none where that is nothing.
    fn end_row(&mut self) -> Ended {
        self.end_cell();
        let row = self.row.take()?;
        self.rows += 1;
        for rows in &mut self.covered {
            *rows = rows.saturating_sub(1);
        }
        let content = row.fault.map_or(Ok(row.cells), Err);
        if content.as_ref().is_ok_and(Vec::is_empty) {
            return None;
        }
        let line_no = self.rows;
        Some((self.number, ReadRow { line_no, content }))
    }
}

impl OpenRow {
    fn put(&mut self, column: usize, cell: Cell) {
        if cell.is_blank() {
            return;
        }
        self.text_bytes = self.text_bytes.saturating_add(cell.shown().len());
        if self.text_bytes > RECORD_BYTES_MAX {
            self.fault.get_or_insert_with(faults::line_too_long);
            self.cells.clear();
            return;
        }
        self.cells.resize(column, Cell::Text(String::new()));
        self.cells.push(cell);
    }
}

impl OpenCell {
    fn of(tag: &StartTag<()>) -> Self {
        let attribute = |name: &[u8]| {
            let value = tag.attributes.get(name)?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let span = |name: &[u8]| {
            let said = attribute(name).and_then(|it| it.trim().parse::<u64>().ok());
            said.unwrap_or(1).clamp(1, ROWS_SPANNED_MAX)
        };
        Self {
            text: String::new(),
            exact: attribute(b"x:num").filter(|value| !value.is_empty()),
            columns: usize::try_from(span(b"colspan")).unwrap_or(usize::MAX),
            rows: span(b"rowspan"),
        }
    }

    /// What is shown, or the number behind it where a number is shown: a date is kept as one too.
    fn into_cell(self) -> Cell {
        let shown = self.text.trim_end().to_owned();
        match self.exact {
            Some(exact) if is_number(&shown) => number_of(&exact),
            Some(_) | None => Cell::Text(shown),
        }
    }
}
