//! Looks through the records of an .xls before calamine makes room for what they claim.
//!
//! It gives every sheet room for the rectangle that its cells span, or say they span, and every
//! cell a copy of its string.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read};

use creditbank_domain::fault::Fault;

use crate::faults;
use crate::input::Input;

/// The most cells that all sheets together may span.
const CELLS_MAX: u64 = 2_000_000;
/// The records that hold cells, and where their last column stands, if not in the usual place.
const CELL_RECORDS: [u16; 11] = [
    0x0001, 0x0002, 0x0003, 0x0004, 0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E,
];
/// The record that claims how many rows and columns follow; calamine makes room for them all.
const DIMENSIONS: u16 = 0x0200;
const RUNS: [u16; 2] = [0x00BD, 0x00BE];
const BEGIN: [u16; 4] = [0x0009, 0x0209, 0x0409, 0x0809];
const ENCRYPTED: u16 = 0x002F;
/// The bytes of a cell in a record of several.
const RUN_BYTES_MIN: u64 = 6;
const BOUND_SHEET: u16 = 0x0085;
const LABEL_SST: u16 = 0x00FD;
const STRING_TABLE: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
/// The most bytes of text that all cells together may refer to: each has it for itself.
const TEXT_BYTES_MAX: u64 = 64 << 20;
/// The most bytes of a character in memory.
const CHARACTER_BYTES_MAX: u64 = 3;

/// Reads the records of the workbook's stream one by one and keeps none of them.
pub(super) fn look_through(input: &Input) -> Result<(), Fault> {
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
    let mut seen = Seen::default();
    let mut at = 0_u64;
    while let Some((kind, body)) = next_record(&mut stream).map_err(damaged)? {
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        seen.record(kind, body, at)?;
        at = at.saturating_add(4).saturating_add(bytes);
    }
    seen.check()
}

/// What the records make calamine keep.
#[derive(Default)]
struct Seen {
    /// The cells of all sheets but the present one, and what that one spans.
    total: u64,
    /// How many there are: many may stand in one place.
    cells: u64,
    last_row: u64,
    last_column: u64,
    /// Where sheets begin, and where they are said to.
    begins: BTreeSet<u64>,
    sheets: Vec<u64>,
    /// The table of strings in its pieces, and how often each of them is referred to.
    table: Vec<Vec<u8>>,
    in_table: bool,
    labels: BTreeMap<u64, u64>,
}

impl Seen {
    fn record(&mut self, kind: u16, body: Vec<u8>, at: u64) -> Result<(), Fault> {
        if kind == ENCRYPTED {
            return Err(faults::file_kind(
                "加了密码的工作簿",
                "a workbook with a password",
            ));
        }
        if kind == DIMENSIONS && claimed_cells(&body) > CELLS_MAX {
            return Err(too_many_cells());
        }
        if BEGIN.contains(&kind) {
            self.begins.insert(at);
            self.end_sheet()?;
        }
        let word = |at: usize| number_at(&body, at, 2);
        let column = if CELL_RECORDS.contains(&kind) {
            word(2)
        } else if RUNS.contains(&kind) {
            body.len().checked_sub(2).and_then(word)
        } else {
            None
        };
        if let (Some(row), Some(column)) = (word(0), column) {
            self.last_row = self.last_row.max(row + 1);
            self.last_column = self.last_column.max(column + 1);
            let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
            let many = if RUNS.contains(&kind) {
                bytes / RUN_BYTES_MIN
            } else {
                1
            };
            self.cells = self.cells.saturating_add(many);
        }
        match kind {
            BOUND_SHEET => self.sheets.extend(number_at(&body, 0, 4)),
            LABEL_SST => {
                if let Some(string) = number_at(&body, 6, 4) {
                    *self.labels.entry(string).or_default() += 1;
                }
            }
            _ => {}
        }
        self.in_table = kind == STRING_TABLE || self.in_table && kind == CONTINUE;
        if self.in_table {
            self.table.push(body);
        }
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), Fault> {
        let cells = self.last_row.saturating_mul(self.last_column);
        self.total = self.total.saturating_add(cells);
        (self.last_row, self.last_column) = (0, 0);
        if self.total.max(self.cells) > CELLS_MAX {
            return Err(too_many_cells());
        }
        Ok(())
    }

    fn check(mut self) -> Result<(), Fault> {
        self.end_sheet()?;
        // Two sheets of one place, or one in the midst of another, would count twice.
        let mut places = BTreeSet::new();
        let apart = |place: &u64| self.begins.contains(place) && places.insert(*place);
        if !self.sheets.iter().all(apart) {
            return Err(faults::file_damaged("xls"));
        }
        let lengths = lengths_of(&self.table);
        let text = (0..).zip(lengths).fold(0_u64, |sum, (string, length)| {
            let times = self.labels.get(&string).copied().unwrap_or_default();
            sum.saturating_add(
                length
                    .saturating_mul(CHARACTER_BYTES_MAX)
                    .saturating_mul(times),
            )
        });
        if text > TEXT_BYTES_MAX {
            return Err(faults::unpacked_too_large(
                &format!("各单元格的文字合计超过 {TEXT_BYTES_MAX} 字节,请另存为 .xlsx"),
                &format!("the cells hold more than {TEXT_BYTES_MAX} bytes; save it as .xlsx"),
            ));
        }
        Ok(())
    }
}

/// How many characters each shared string has, as far as the table can be read: where it cannot,
/// calamine ends too.
fn lengths_of(table: &[Vec<u8>]) -> Vec<u64> {
    let mut pieces = table.iter().map(Vec::as_slice);
    let mut rest = pieces
        .next()
        .and_then(|first| first.get(8..))
        .unwrap_or_default();
    let mut lengths = Vec::new();
    loop {
        if rest.is_empty() {
            match pieces.next() {
                Some(next) => rest = next,
                None => return lengths,
            }
        }
        let Some(length) = length_of(&mut rest, &mut pieces) else {
            return lengths;
        };
        lengths.push(length);
    }
}

/// Passes over one string, through as many pieces as it has.
fn length_of<'t>(rest: &mut &'t [u8], pieces: &mut impl Iterator<Item = &'t [u8]>) -> Option<u64> {
    let length = number_at(rest, 0, 2)?;
    let flags = *rest.get(2)?;
    *rest = rest.get(3..)?;
    let mut behind = 0;
    if flags & 8 != 0 {
        behind += number_at(rest, 0, 2)?.saturating_mul(4);
        *rest = rest.get(2..)?;
    }
    if flags & 4 != 0 {
        behind += number_at(rest, 0, 4)?;
        *rest = rest.get(4..)?;
    }
    let mut left = usize::try_from(length).ok()?;
    let mut width = 1 + usize::from(flags & 1);
    loop {
        let here = left.min(rest.len() / width);
        *rest = rest.get(here * width..)?;
        left -= here;
        if left == 0 {
            break;
        }
        let next = pieces.next()?;
        width = 1 + usize::from(next.first()? & 1);
        *rest = next.get(1..)?;
    }
    let mut behind = usize::try_from(behind).ok()?;
    while behind > rest.len() {
        behind -= rest.len();
        *rest = pieces.next()?;
    }
    *rest = rest.get(behind..)?;
    Some(length)
}

/// A number of so many bytes, the least first.
fn number_at(body: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = body.get(at..at + width)?.iter().rev();
    Some(bytes.fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn too_many_cells() -> Fault {
    faults::unpacked_too_large(
        &format!(".xls 的单元格范围超过 {CELLS_MAX} 格,请另存为 .xlsx"),
        &format!("an .xls may span {CELLS_MAX} cells; save it as .xlsx"),
    )
}

/// The rectangle that a sheet says it spans, whichever of the two forms the record has.
fn claimed_cells(body: &[u8]) -> u64 {
    let number = |at, width| number_at(body, at, width).unwrap_or_default();
    let (rows, columns) = match body.len() {
        10 => ((number(0, 2), number(2, 2)), (number(4, 2), number(6, 2))),
        14 | 16 => ((number(0, 4), number(4, 4)), (number(8, 2), number(10, 2))),
        _ => return 0,
    };
    if rows.1 == 0 || columns.1 == 0 {
        return 1;
    }
    // As calamine has it: an impossible first column is none.
    let left = columns.0;
    let left = if left > 0xFF || columns.1 < left {
        0
    } else {
        left
    };
    match (rows.1.checked_sub(rows.0), columns.1.checked_sub(left)) {
        (Some(rows @ 1..), Some(columns @ 1..)) => rows.saturating_mul(columns),
        _ => u64::MAX,
    }
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
