//! Finding the header row and what each of its columns means.

mod layout;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use creditbank_domain::fault::Fault;

use crate::blocks;
use crate::cell::{Cell, Row};
use crate::dictionary::{self, Field};
use crate::faults;
use crate::fold;
use crate::line_learner::LEARNER_FIELDS;
use crate::mapping::ColumnMapping;
use crate::sheet::LinesOf;

pub(crate) use layout::layout_name;

/// The fewest known headings that make a row a header.
pub(crate) const KNOWN_MIN: usize = 3;
/// The line of a header that we made ourselves, above the first record.
pub(crate) const RECORDS_HEADER: u64 = 0;
/// The most characters of a heading that a refusal repeats.
const SHOWN_MAX: usize = 40;

/// What is known about headings: the dictionary and one mapping.
pub(crate) struct Headings<'m> {
    of: LinesOf,
    mapping: &'m ColumnMapping,
    mapped: BTreeSet<String>,
}

impl<'m> Headings<'m> {
    /// The dictionary and this mapping over it.
    pub(crate) fn new(mapping: &'m ColumnMapping) -> Self {
        Self::of(LinesOf::Outcomes, mapping)
    }

    /// The same for files whose lines are something else.
    pub(crate) fn of(of: LinesOf, mapping: &'m ColumnMapping) -> Self {
        Self {
            of,
            mapping,
            mapped: mapping.headings().map(|(_, heading)| heading).collect(),
        }
    }

    /// How many different known headings stand in a row.
    pub(crate) fn known_in(&self, cells: &[Cell]) -> usize {
        self.known(cells).len()
    }

    fn known(&self, cells: &[Cell]) -> BTreeSet<String> {
        cells
            .iter()
            .map(|cell| fold::key(cell.shown()))
            .filter(|key| self.mapped.contains(key) || dictionary::meaning(key).is_some())
            .collect()
    }

    /// A header has every column of the mapping; without a mapped column, three known headings, or
    /// one that names the learner where that is enough for a line.
    pub(crate) fn is_header(&self, cells: &[Cell]) -> bool {
        if self.mapped.is_empty() {
            return match self.of {
                LinesOf::Outcomes => self.known_in(cells) >= KNOWN_MIN,
                LinesOf::Requests => cells.iter().any(|cell| {
                    let meaning = dictionary::meaning(cell.shown());
                    meaning.is_some_and(|(field, _)| LEARNER_FIELDS.contains(&field))
                }),
            };
        }
        let keys: BTreeSet<_> = cells.iter().map(|cell| fold::key(cell.shown())).collect();
        self.mapped.is_subset(&keys)
    }

    /// Finds the header among the first rows; `None` where there is none.
    ///
    /// Of several the one with most known headings, for a form above the table may have a row
    /// 学号 … 姓名 … 班级 …; of equals the first, for printed pages repeat their header. Two rows
    /// together are one where they say more than either alone: 成绩 over 平时 and 总评.
    pub(crate) fn find(&self, rows: &[Row]) -> Option<Result<SheetHeader, Fault>> {
        if let Some(row) = rows.first().filter(|row| row.line_no == RECORDS_HEADER) {
            let keys: BTreeSet<_> = row.cells().iter().map(|it| fold::key(it.shown())).collect();
            let whole = self.mapped.is_subset(&keys);
            return whole.then(|| self.read(row.line_no, row.line_no, row.cells()));
        }
        let headers = rows.iter().filter(|row| self.is_header(row.cells()));
        let single = headers.rev().max_by_key(|row| self.known_in(row.cells()));
        let known = single.map_or(0, |row| self.known_in(row.cells()));
        let pairs = rows.windows(2).filter_map(|pair| match pair {
            [above, below] if below.line_no == above.line_no + 1 => Some((above, below)),
            _ => None,
        });
        let mut best: Option<(&Row, &Row, Vec<Cell>, usize)> = None;
        for (above, below) in pairs {
            let cells = merged(above.cells(), below.cells());
            let both = self.known_in(&cells);
            let goes_on = single.is_some_and(|row| row.line_no == above.line_no)
                && both >= known
                && self.goes_on(above.cells(), below.cells());
            let more = both > known && both > self.known_in(below.cells());
            let headings_only = self.is_heading_row(below.cells());
            let better = best.as_ref().is_none_or(|(_, _, _, most)| both > *most);
            if (goes_on || more && headings_only) && self.is_header(&cells) && better {
                best = Some((above, below, cells, both));
            }
        }
        if let Some((above, below, cells, _)) = best {
            return Some(self.read(above.line_no, below.line_no, &cells));
        }
        let row = single?;
        Some(self.read(row.line_no, row.line_no, row.cells()))
    }

    /// True where the lower row only says what stands under merged headings of the upper one: it
    /// has a known heading, and nothing under those that name a learner or a course.
    fn goes_on(&self, above: &[Cell], below: &[Cell]) -> bool {
        let key_fields = [
            Field::LearnerNo,
            Field::NationalId,
            Field::Passport,
            Field::StudentNumber,
            Field::Name,
            Field::CourseCode,
        ];
        let under_a_key = above.iter().zip(below).any(|(upper, lower)| {
            let meaning = dictionary::meaning(upper.shown()).map(|(field, _)| field);
            meaning.is_some_and(|field| key_fields.contains(&field)) && !lower.is_blank()
        });
        !under_a_key && self.known_in(below) > 0
    }

    /// True where what is filled is mostly headings: a row of data holds none.
    fn is_heading_row(&self, cells: &[Cell]) -> bool {
        let filled = cells.iter().filter(|cell| !cell.is_blank()).count();
        let known = self.known_in(cells);
        known > 0 && known.saturating_mul(2) >= filled
    }

    /// Why no row among the first ones is a header.
    pub(crate) fn not_found(&self, rows: &[Row]) -> Fault {
        let best = rows
            .iter()
            .map(|row| self.known(row.cells()))
            .max_by_key(BTreeSet::len);
        let seen: Vec<_> = best.into_iter().flatten().collect();
        let expected = if self.mapped.is_empty() {
            let each = |field: &Field| format!("[{}]", dictionary::headings_of(*field));
            let needed = [Field::StudentNumber, Field::CourseCode, Field::Grade];
            match self.of {
                LinesOf::Outcomes => needed.iter().map(each).collect::<Vec<_>>().join(" + "),
                LinesOf::Requests => LEARNER_FIELDS
                    .iter()
                    .map(each)
                    .collect::<Vec<_>>()
                    .join("/"),
            }
        } else {
            self.mapped.iter().cloned().collect::<Vec<_>>().join(", ")
        };
        faults::header_not_found(rows.len(), &seen, &expected)
    }

    fn read(&self, first: u64, last: u64, cells: &[Cell]) -> Result<SheetHeader, Fault> {
        let end = cells.iter().rposition(|cell| !cell.is_blank());
        let filled = cells.get(..=end.unwrap_or_default()).unwrap_or_default();
        let headings: Arc<[String]> = filled.iter().map(|cell| shortened(cell.shown())).collect();
        let keys: Vec<_> = filled.iter().map(|cell| fold::key(cell.shown())).collect();
        let mut blocks = Vec::new();
        for view in blocks::views(&keys)? {
            let mut header = Header {
                headings: Arc::clone(&headings),
                columns: BTreeMap::new(),
                own: view.own,
                day_first: view.day_first,
            };
            self.take_mapped(&view.keys, &mut header)?;
            self.take_known(&view.keys, &mut header)?;
            blocks.push(header);
        }
        Ok(SheetHeader {
            line_no: first,
            last_line_no: last,
            headings: headings.to_vec(),
            blocks,
        })
    }

    fn take_mapped(&self, keys: &[String], header: &mut Header) -> Result<(), Fault> {
        for (field, joined) in &self.mapping.columns {
            let mut columns = Vec::new();
            for heading in &joined.columns {
                let key = fold::key(heading);
                let mut at = (0..)
                    .zip(keys)
                    .filter(|(_, k)| **k == key)
                    .map(|(index, _)| index);
                columns.extend(at.next());
                if let (Some(first), Some(second)) = (columns.last(), at.next()) {
                    return Err(header.ambiguous(*field, *first, second));
                }
            }
            let separator = joined.separator.clone();
            header.columns.insert(
                *field,
                Columns {
                    indices: columns,
                    separator,
                },
            );
        }
        Ok(())
    }

    fn take_known(&self, keys: &[String], header: &mut Header) -> Result<(), Fault> {
        let mut found: BTreeMap<Field, Vec<(usize, usize)>> = BTreeMap::new();
        for (index, key) in keys.iter().enumerate() {
            let free = !self.mapped.contains(key);
            if let Some((field, rank)) = dictionary::meaning(key).filter(|_| free) {
                found.entry(field).or_default().push((rank, index));
            }
        }
        for (field, columns) in found {
            if header.columns.contains_key(&field) || field == Field::Ignored {
                continue;
            }
            let indices = match columns.as_slice() {
                _ if field == Field::Marks => columns.iter().map(|(_, index)| *index).collect(),
                [(_, index)] => vec![*index],
                several => vec![the_exact_one(field, several, header)?],
            };
            header.columns.insert(
                field,
                Columns {
                    indices,
                    separator: String::new(),
                },
            );
        }
        Ok(())
    }
}

/// Of several columns for one field only the one with the field's exact heading may be taken.
fn the_exact_one(
    field: Field,
    columns: &[(usize, usize)],
    header: &Header,
) -> Result<usize, Fault> {
    let mut exact = columns
        .iter()
        .filter(|(rank, _)| *rank == 0)
        .map(|(_, index)| *index);
    let mut others = columns.iter().map(|(_, index)| *index);
    match (exact.next(), exact.next()) {
        (Some(index), None) => Ok(index),
        (Some(first), Some(second)) => Err(header.ambiguous(field, first, second)),
        (None, _) => {
            let first = others.next().unwrap_or_default();
            Err(header.ambiguous(field, first, others.next().unwrap_or_default()))
        }
    }
}

/// One header of two rows: what stands in the lower one, else what stands above it.
fn merged(above: &[Cell], below: &[Cell]) -> Vec<Cell> {
    let blank = Cell::Text(String::new());
    let width = above.len().max(below.len());
    (0..width)
        .map(|index| {
            let lower = below.get(index).filter(|cell| !cell.is_blank());
            lower.or_else(|| above.get(index)).unwrap_or(&blank).clone()
        })
        .collect()
}

fn shortened(heading: &str) -> String {
    let words: Vec<_> = heading.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_MAX)
        .collect()
}

/// The columns of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Counted from 0.
    pub(crate) indices: Vec<usize>,
    /// What is put between their cells.
    pub(crate) separator: String,
}

/// The header of a sheet: one block of columns, or several beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetHeader {
    /// Its row or line.
    pub(crate) line_no: u64,
    /// Its last one, where it has two.
    pub(crate) last_line_no: u64,
    /// Its headings for people, blank ones among them, the trailing blanks not.
    pub(crate) headings: Vec<String>,
    /// What each record of a row is read by; one block in most files.
    pub(crate) blocks: Vec<Header>,
}

/// What the columns of one block mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    headings: Arc<[String]>,
    columns: BTreeMap<Field, Columns>,
    /// The columns of this block alone; none where it is the only one.
    own: Vec<usize>,
    /// Days are written as NAD prescribes: 15/06/2026.
    pub(crate) day_first: bool,
}

impl Header {
    /// The first of this block's own columns in which something stands.
    pub(crate) fn first_filled(&self, cells: &[Cell]) -> Option<usize> {
        let mut own = self.own.iter().copied();
        own.find(|index| cells.get(*index).is_some_and(|cell| !cell.is_blank()))
    }

    /// Adds a column that no row has by itself, behind the others.
    pub(crate) fn add(&mut self, field: Field) {
        let columns = Columns {
            indices: vec![self.headings.len()],
            separator: String::new(),
        };
        self.columns.insert(field, columns);
        let added = [dictionary::zh(field).to_owned()];
        self.headings = self.headings.iter().cloned().chain(added).collect();
    }

    /// The columns of a field; `None` where the file has none.
    pub(crate) fn columns(&self, field: Field) -> Option<&Columns> {
        self.columns
            .get(&field)
            .filter(|columns| !columns.indices.is_empty())
    }

    /// True where the file has a column for the field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.columns(field).is_some()
    }

    /// A field's columns as people see them: 「学分」列.
    pub(crate) fn shown(&self, field: Field) -> String {
        let indices = self
            .columns(field)
            .map(|columns| columns.indices.as_slice());
        let names: Vec<_> = indices
            .unwrap_or_default()
            .iter()
            .map(|index| self.heading(*index))
            .collect();
        if names.is_empty() {
            dictionary::zh(field).to_owned()
        } else {
            names.join("+")
        }
    }

    /// True where the row says the headings again, as at the top of every printed page.
    pub(crate) fn is_repeated_by(&self, cells: &[Cell]) -> bool {
        let filled = cells
            .iter()
            .rposition(|cell| !cell.is_blank())
            .map_or(0, |last| last + 1);
        let mut pairs = cells.iter().zip(self.headings.iter());
        filled == self.headings.len()
            && pairs.all(|(cell, known)| shortened(cell.shown()) == *known)
    }

    fn heading(&self, index: usize) -> String {
        format!(
            "「{}」列",
            self.headings.get(index).map_or("", String::as_str)
        )
    }

    fn ambiguous(&self, field: Field, first: usize, second: usize) -> Fault {
        let place = |index: usize| format!("{}(第 {} 列)", self.heading(index), index + 1);
        faults::header_ambiguous(dictionary::zh(field), &place(first), &place(second))
    }
}

#[cfg(test)]
mod tests;
