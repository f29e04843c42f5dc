//! The cells of one row by their meaning, with every fault found on the way.

use creditbank_domain::fault::Fault;

use crate::cell::Cell;
use crate::dictionary::Field;
use crate::faults;
use crate::fold;
use crate::formula;
use crate::header::Header;

/// The words with which a footer begins, in their folded form (see [`fold::key`]).
const FOOTERS: [&str; 14] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "制表人",
    "制表",
    "打印时间",
    "打印日期",
    "打印人",
    "备注:",
    "审核人",
    "教务处",
    "教务科",
    "total",
];

/// One row under its header.
#[derive(Clone, Copy)]
pub(crate) struct LineCells<'a> {
    header: &'a Header,
    cells: &'a [Cell],
}

impl<'a> LineCells<'a> {
    /// The row's cells under this header.
    pub(crate) const fn new(header: &'a Header, cells: &'a [Cell]) -> Self {
        Self { header, cells }
    }

    /// The header.
    pub(crate) const fn header(self) -> &'a Header {
        self.header
    }

    /// True for rows that are no lines: blank ones, headings said again, footers.
    pub(crate) fn is_no_line(self) -> bool {
        let Some(first) = self.cells.iter().position(|cell| !cell.is_blank()) else {
            return true;
        };
        self.header.is_repeated_by(self.cells) || self.is_footer(first)
    }

    /// A footer begins with one of its words and has neither learner, course nor grade beside it.
    pub(crate) fn is_footer(self, first: usize) -> bool {
        let words = self
            .cells
            .get(first)
            .map(|cell| fold::key(cell.shown()))
            .unwrap_or_default();
        if !FOOTERS
            .iter()
            .any(|footer| words.starts_with(&fold::key(footer)))
        {
            return false;
        }
        let telling = [
            Field::LearnerNo,
            Field::NationalId,
            Field::Passport,
            Field::StudentNumber,
            Field::CourseCode,
            Field::Grade,
        ];
        telling
            .into_iter()
            .filter_map(|field| self.header.columns(field))
            .all(|columns| {
                let mut others = columns.indices.iter().filter(|index| **index != first);
                others.all(|index| self.cells.get(*index).is_none_or(Cell::is_blank))
            })
    }

    /// What is written in a field, its columns joined; `None` where that is nothing.
    pub(crate) fn text(self, field: Field) -> Option<String> {
        let columns = self.header.columns(field)?;
        let parts: Vec<_> = columns
            .indices
            .iter()
            .map(|index| {
                self.cells
                    .get(*index)
                    .map_or("", |cell| fold::trimmed(formula::meant(cell.shown())))
            })
            .collect();
        if parts.iter().all(|part| part.is_empty()) {
            return None;
        }
        Some(parts.join(&columns.separator))
    }

    /// Each column of a field by itself, blank ones left out.
    pub(crate) fn texts(self, field: Field) -> Vec<&'a str> {
        let indices = self
            .header
            .columns(field)
            .map(|columns| columns.indices.as_slice());
        let cells = indices
            .unwrap_or_default()
            .iter()
            .filter_map(|index| self.cells.get(*index));
        cells
            .filter(|cell| !cell.is_blank())
            .map(|cell| formula::meant(cell.shown()))
            .collect()
    }

    /// Refuses a spreadsheet's error values in a field.
    pub(crate) fn refuse_errors(self, field: Field) -> Result<(), Fault> {
        if self.any(field, |cell| matches!(cell, Cell::Error(_))) {
            return Err(self.fault(
                field,
                "CELL_ERROR",
                "单元格是公式错误值,请更正后重报",
                "the cell is a formula's error value; correct it and send the line again",
            ));
        }
        Ok(())
    }

    /// Refuses numbers that a spreadsheet has rounded, in a field whose every digit counts.
    pub(crate) fn refuse_rounded(self, field: Field) -> Result<(), Fault> {
        if self.any(field, is_rounded) {
            return Err(self.fault(
                field,
                "IDENTIFIER_ROUNDED",
                "数字已被表格软件舍入,末几位已丢失;请把该列设为文本格式后重新录入",
                "the spreadsheet has rounded this number, its last digits are lost; \
                 make the column text and enter it again",
            ));
        }
        Ok(())
    }

    /// A value of this field that the domain refuses, naming its column.
    pub(crate) fn refused(self, field: Field, wrong: impl Into<Fault>) -> Fault {
        let fault = wrong.into();
        self.fault(field, fault.code, &fault.zh, &fault.en)
    }

    /// A fault of this field, naming its column.
    pub(crate) fn fault(self, field: Field, code: &'static str, zh: &str, en: &str) -> Fault {
        faults::in_column(code, &self.header.shown(field), zh, en)
    }

    fn any(self, field: Field, is: impl Fn(&Cell) -> bool) -> bool {
        let indices = self
            .header
            .columns(field)
            .map(|columns| columns.indices.as_slice());
        indices
            .unwrap_or_default()
            .iter()
            .filter_map(|index| self.cells.get(*index))
            .any(is)
    }
}

/// Rounded by the spreadsheet that holds it, or by one that wrote the text: `1.10101E+17`.
fn is_rounded(cell: &Cell) -> bool {
    let Cell::Text(text) = cell else {
        return matches!(cell, Cell::Rounded(_));
    };
    let folded = fold::half_width(text).to_ascii_uppercase();
    let number = |part: &str, point: bool| {
        let digit = |character: char| character.is_ascii_digit() || (point && character == '.');
        !part.is_empty() && part.chars().all(digit)
    };
    folded
        .split_once("E+")
        .is_some_and(|(mantissa, exponent)| number(mantissa, true) && number(exponent, false))
}
