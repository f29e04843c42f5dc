//! Which sheets of a file hold lines, by which headers, and how their lines are numbered.

use std::collections::BTreeMap;

use creditbank_domain::fault::Fault;

use crate::cell::{Cell, Row};
use crate::faults;
use crate::header::{Header, Headings, RECORDS_HEADER, SheetHeader};
use crate::line_cells::LineCells;
use crate::mapping::ColumnMapping;

/// What a mapping writes for all the sheets that have a header.
const EVERY_SHEET: &str = "*";
/// More than a sheet has rows.
const SHEET_STEP: u64 = 10_000_000;
/// More than a row has blocks.
const BLOCK_STEP: u64 = 1_000;

/// What the lines of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinesOf {
    /// A transcript.
    Outcomes,
    /// A cohort that asks for a conversion: who each learner is may be all that a line says.
    Requests,
}

/// A sheet that holds lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// Its name; empty where the file has no sheets.
    pub(crate) name: String,
    /// The header on it.
    pub(crate) header: SheetHeader,
    numbering: Numbering,
}

/// One line of a row: most rows are one, a row of blocks side by side is several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineAt {
    /// Its number in the whole file.
    pub(crate) line_no: u64,
    /// Which of the sheets it stands on.
    pub(crate) sheet: usize,
    /// Which block of its row it is.
    pub(crate) block: usize,
    /// Cells behind those of the row that no row has by itself.
    pub(crate) extra: Vec<Cell>,
}

/// What a row is for whoever copies or reads the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// The header itself.
    Header,
    /// Lines of the transcript.
    Lines(Vec<LineAt>),
    /// A title, a footer, a blank row, another sheet.
    Other,
}

/// The number of a line is that of its row, unless there are several such rows or lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Numbering {
    /// The place of the sheet from 1, where several are read.
    sheet_no: u64,
    /// Whether a row may hold several lines.
    blocks: bool,
}

impl Numbering {
    fn line_no(self, row: u64, block: usize) -> u64 {
        let row = self.sheet_no.saturating_mul(SHEET_STEP).saturating_add(row);
        if !self.blocks {
            return row;
        }
        let block = u64::try_from(block).unwrap_or_default();
        row.saturating_mul(BLOCK_STEP).saturating_add(block + 1)
    }
}

impl Sheet {
    /// What a row of this sheet is; `index` is the sheet's place among those that are read.
    pub(crate) fn role_of(&self, row: &Row, index: usize) -> Role {
        let header = &self.header;
        if row.line_no == header.line_no {
            return Role::Header;
        }
        let Ok(cells) = &row.content else {
            return if row.line_no < header.line_no {
                Role::Other
            } else {
                Role::Lines(vec![self.line(row, index, 0)])
            };
        };
        if header.line_no == RECORDS_HEADER {
            // Every record of such a file is one, however little it says.
            return Role::Lines(vec![self.line(row, index, 0)]);
        }
        if row.line_no <= header.last_line_no {
            return Role::Other;
        }
        // A block may end, with its footer, before the one beside it.
        let is_line = |block: &Header| {
            let line = LineCells::new(block, cells);
            match block.first_filled(cells) {
                _ if header.blocks.len() == 1 => !line.is_no_line(),
                Some(first) => !line.is_no_line() && !line.is_footer(first),
                None => false,
            }
        };
        let lines = (0..).zip(&header.blocks);
        let lines: Vec<_> = lines
            .filter(|(_, block)| is_line(block))
            .map(|(block, _)| self.line(row, index, block))
            .collect();
        if lines.is_empty() {
            Role::Other
        } else {
            Role::Lines(lines)
        }
    }

    fn line(&self, row: &Row, sheet: usize, block: usize) -> LineAt {
        LineAt {
            line_no: self.numbering.line_no(row.line_no, block),
            sheet,
            block,
            extra: Vec::new(),
        }
    }

    /// Where a line stands, for people, where its number alone does not say it.
    pub(crate) fn place_of(&self, row: &Row, block: usize) -> Option<String> {
        if row.at.is_some() {
            return row.at.clone();
        }
        let Numbering { sheet_no, blocks } = self.numbering;
        let name = if sheet_no > 0 { self.name.as_str() } else { "" };
        match (name.is_empty(), blocks) {
            (true, false) => None,
            (false, false) => Some(format!("{name}!{}", row.line_no)),
            (true, true) => Some(format!("{}#{}", row.line_no, block + 1)),
            (false, true) => Some(format!("{name}!{}#{}", row.line_no, block + 1)),
        }
    }

    /// In text an unquoted delimiter pushes the cells behind it aside; in a sheet nothing can.
    pub(crate) fn refuse_pushed_aside(&self, row: &mut Row) {
        let headings = self.header.headings.len();
        let beyond = row.cells().get(headings..).unwrap_or_default();
        if row.place.is_some() && !beyond.iter().all(Cell::is_blank) {
            row.content = Err(faults::more_cells_than_headings(
                row.cells().len(),
                headings,
            ));
        }
    }
}

/// The sheets that are to be read: the one that has a header, or those that the mapping names.
pub(crate) fn find_sheets(
    of: LinesOf,
    mapping: &ColumnMapping,
    first_rows: &[(String, Vec<Row>)],
) -> Result<Vec<Sheet>, Fault> {
    let headings = Headings::of(of, mapping);
    let named = mapping.sheet.as_deref();
    let wanted = |name: &str| {
        name.is_empty() || named.is_none_or(|sheet| sheet == name || sheet == EVERY_SHEET)
    };
    let mut candidates = first_rows.iter().filter(|(name, _)| wanted(name));
    let found: Vec<_> = candidates
        .clone()
        .filter_map(|(name, rows)| headings.find(rows).map(|header| (name, header)))
        .collect();
    let Some((_, first)) = candidates.next() else {
        return Err(faults::sheet_not_found(named.unwrap_or_default()));
    };
    if found.len() > 1 && named != Some(EVERY_SHEET) {
        let names: Vec<_> = found.into_iter().map(|(name, _)| name.clone()).collect();
        return Err(faults::sheets_ambiguous(&names));
    }
    if found.is_empty() {
        return Err(headings.not_found(first));
    }
    let several = found.len() > 1;
    let numbers: BTreeMap<&str, u64> = first_rows
        .iter()
        .map(|(name, _)| name.as_str())
        .zip(1..)
        .collect();
    let mut sheets = Vec::new();
    for (name, header) in found {
        let sheet_no = numbers.get(name.as_str()).copied().filter(|_| several);
        sheets.push(Sheet {
            name: name.clone(),
            header: header?,
            numbering: Numbering {
                sheet_no: sheet_no.unwrap_or_default(),
                blocks: false,
            },
        });
    }
    // One way of counting for the whole file, so that the numbers go up.
    let blocks = sheets.iter().any(|sheet| sheet.header.blocks.len() > 1);
    for sheet in &mut sheets {
        sheet.numbering.blocks = blocks;
    }
    Ok(sheets)
}
