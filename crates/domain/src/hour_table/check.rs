//! What is looked at before a table is taken.

use std::collections::BTreeSet;

use super::{Condition, Gives, HourTable};
use crate::fault::Fault;

/// Why a table is not taken. Rows and caps are named by their codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// It decides nothing.
    #[error("the table has no rows")]
    Empty,
    /// It ends before it begins.
    #[error("the table ends before it begins")]
    EndsBeforeItBegins,
    /// Two rows or two caps have one code.
    #[error("the code {0} stands twice")]
    Twice(String),
    /// The same facts would fit two rows.
    #[error("rows {0} and {1} fit the same facts")]
    Overlap(String, String),
    /// A span holds no number, or ranks begin below 1.
    #[error("row {0} fits no facts at all: a span is empty or a rank is 0")]
    NeverFits(String),
    /// A row gives by size and does not say of what.
    #[error("row {0} gives by size and does not say what the size is counted in")]
    SizeUnsaid(String),
    /// A row gives nothing, or divides by nothing.
    #[error("row {0} gives nothing, or counts in steps or sizes of nothing")]
    GivesNothing(String),
    /// A cap names an activity that no row has, or none.
    #[error("cap {0} names no activity, or one that no row has")]
    CapOfNothing(String),
}

impl HourTable {
    /// Checks the table as a whole: every fact fits one row at most.
    ///
    /// # Errors
    /// [`TableFault`], the first that is found.
    pub fn check(&self) -> Result<(), TableFault> {
        if self.rows.is_empty() {
            return Err(TableFault::Empty);
        }
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            return Err(TableFault::EndsBeforeItBegins);
        }
        let mut codes = BTreeSet::new();
        let caps = self.caps.iter().map(|cap| &cap.code);
        for code in self.rows.iter().map(|row| &row.code).chain(caps) {
            if !codes.insert(code) {
                return Err(TableFault::Twice(code.clone()));
            }
        }
        for (position, row) in self.rows.iter().enumerate() {
            let code = || row.code.clone();
            if row.condition.never_fits() {
                return Err(TableFault::NeverFits(code()));
            }
            match row.gives {
                Gives::Fixed(amount) if amount.is_zero() => {
                    return Err(TableFault::GivesNothing(code()));
                }
                Gives::PerSize {
                    every,
                    amount,
                    step,
                    ..
                } if every == 0 || amount.is_zero() || step.is_zero() => {
                    return Err(TableFault::GivesNothing(code()));
                }
                Gives::PerSize { .. } if row.condition.size.is_none() => {
                    return Err(TableFault::SizeUnsaid(code()));
                }
                Gives::Fixed(_) | Gives::PerSize { .. } => {}
            }
            let mut earlier = self.rows.iter().take(position);
            if let Some(other) = earlier.find(|other| other.condition.meets(&row.condition)) {
                return Err(TableFault::Overlap(other.code.clone(), code()));
            }
        }
        let known: BTreeSet<&str> = self
            .rows
            .iter()
            .map(|row| row.condition.activity.as_str())
            .collect();
        let hollow = self.caps.iter().find(|cap| {
            let unknown = |activity: &String| !known.contains(activity.as_str());
            cap.activities.is_empty() || cap.activities.iter().any(unknown)
        });
        match hollow {
            Some(cap) => Err(TableFault::CapOfNothing(cap.code.clone())),
            None => Ok(()),
        }
    }
}

impl Condition {
    fn never_fits(&self) -> bool {
        let counted = [self.rank, self.of];
        let none = counted
            .into_iter()
            .flatten()
            .any(|span| span.is_empty() || span.from == 0);
        none || self.size.is_some_and(|size| size.span.is_empty())
    }

    /// True where some facts fit both: where any column keeps them apart, none do.
    fn meets(&self, other: &Self) -> bool {
        fn both<T>(one: Option<T>, other: Option<T>, meet: impl Fn(T, T) -> bool) -> bool {
            one.zip(other).is_none_or(|(one, other)| meet(one, other))
        }
        self.activity == other.activity
            && both(
                self.profession.as_ref(),
                other.profession.as_ref(),
                |a, b| a == b,
            )
            && both(self.class.as_ref(), other.class.as_ref(), |a, b| a == b)
            && both(self.rank, other.rank, super::Span::meets)
            && both(self.of, other.of, super::Span::meets)
            && both(self.size, other.size, |a, b| {
                a.unit == b.unit && a.span.meets(b.span)
            })
    }
}

impl From<&TableFault> for Fault {
    fn from(fault: &TableFault) -> Self {
        let (code, zh) = match fault {
            TableFault::Empty => ("HOUR_TABLE_EMPTY", "学时表没有任何行".to_owned()),
            TableFault::EndsBeforeItBegins => {
                ("HOUR_TABLE_DATES", "学时表结束日期早于开始日期".to_owned())
            }
            TableFault::Twice(code) => ("HOUR_TABLE_CODE_TWICE", format!("编号 {code} 重复")),
            TableFault::Overlap(one, two) => (
                "HOUR_TABLE_OVERLAP",
                format!("行 {one} 与行 {two} 适用于相同情形,每种情形只能有一行"),
            ),
            TableFault::NeverFits(row) => (
                "HOUR_TABLE_ROW_EMPTY",
                format!("行 {row} 不适用于任何情形:区间为空或名次为 0"),
            ),
            TableFault::SizeUnsaid(row) => (
                "HOUR_TABLE_SIZE_UNSAID",
                format!("行 {row} 按规模计算,但未写明规模单位"),
            ),
            TableFault::GivesNothing(row) => (
                "HOUR_TABLE_ROW_GIVES_NOTHING",
                format!("行 {row} 的学时、步长或规模为 0"),
            ),
            TableFault::CapOfNothing(cap) => (
                "HOUR_TABLE_CAP_OF_NOTHING",
                format!("上限 {cap} 没有活动,或所列活动不在表内"),
            ),
        };
        Self::new(code, zh, fault.to_string())
    }
}
