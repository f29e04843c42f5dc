//! Hour tables: what a paper, a patent, a project, a lecture given is worth in class hours.
//!
//! Authorities differ, by year too, so a table is data: dated, citing its document, several side by
//! side. A table is a decision table of hit policy *unique*: no two rows fit the same facts, which
//! is checked before a table is taken. Facts that no row fits are refused with a coded reason,
//! never guessed. Caps hold for a group of activities in a year that begins on the table's own day.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::amount::{Hundredths, Unit};
use crate::words::words;

mod check;
mod decide;
mod year;

pub use check::TableFault;
pub use decide::{HourDecision, HourRefusal, hours};
pub use year::YearStart;

words!(
    /// What the size of an activity is counted in.
    SizeUnit, "a unit of size", {
        /// 字
        Characters => "characters",
        /// 分钟
        Minutes => "minutes",
        /// 人
        People => "people",
        /// 天
        Days => "days",
        /// 次
        Times => "times",
    }
);

words!(
    /// What happens to the part of an hour that a division leaves.
    Rounding, "a rounding", {
        /// Dropped.
        Down => "down",
        /// To the nearest step, a half upwards.
        Nearest => "nearest",
        /// Up to the next step.
        Up => "up",
    }
);

impl SizeUnit {
    /// The unit for people who read Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Characters => "字",
            Self::Minutes => "分钟",
            Self::People => "人",
            Self::Days => "天",
            Self::Times => "次",
        }
    }
}

impl Rounding {
    /// The rounding for people who read Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Down => "舍去",
            Self::Nearest => "四舍五入",
            Self::Up => "进位",
        }
    }
}

/// From one number to another, both included; open above where there is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The least.
    pub from: u32,
    /// The most.
    pub to: Option<u32>,
}

impl Span {
    /// True where the number lies in it.
    #[must_use]
    pub fn holds(self, number: u32) -> bool {
        self.from <= number && self.to.is_none_or(|to| number <= to)
    }

    fn meets(self, other: Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }

    fn is_empty(self) -> bool {
        self.to.is_some_and(|to| to < self.from)
    }
}

/// How large an activity has to be for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeSpan {
    /// Counted in what.
    pub unit: SizeUnit,
    /// How many.
    pub span: Span,
}

/// What the facts have to be for a row; what a row does not say fits everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The profession, for example `health`.
    pub profession: Option<String>,
    /// The activity, for example `paper`: every row has one.
    pub activity: String,
    /// The class or level of it, for example `A`.
    pub class: Option<String>,
    /// The person's place among those who did it, counted from 1.
    pub rank: Option<Span>,
    /// How many did it.
    pub of: Option<Span>,
    /// How large it is.
    pub size: Option<SizeSpan>,
}

/// What a row gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Always this.
    Fixed(Hundredths),
    /// For every so many units of size this, in steps: 0.50 for every 1,000 characters, in whole
    /// hours, the rest dropped.
    PerSize {
        /// For how many.
        every: u32,
        /// How much.
        amount: Hundredths,
        /// The result is a multiple of this.
        step: Hundredths,
        /// What happens to the rest.
        rounding: Rounding,
    },
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourRow {
    /// Its code within the table.
    pub code: String,
    /// When it fits.
    pub condition: Condition,
    /// What it gives then.
    pub gives: Gives,
}

/// The most that a group of activities gives in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCap {
    /// Its code within the table.
    pub code: String,
    /// Which activities count together.
    pub activities: BTreeSet<String>,
    /// How much in a year.
    pub most: Hundredths,
    /// The day on which its year begins.
    pub year_starts: YearStart,
}

/// One version of an authority's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourTable {
    /// Whose table it is.
    pub authority: String,
    /// The authority's code of it, the same over all versions.
    pub code: String,
    /// Counts up from 1.
    pub version: u32,
    /// First day of an activity that it decides.
    pub valid_from: NaiveDate,
    /// Last such day; open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// The number of the document that it rests on.
    pub document_number: String,
    /// What it gives: hours, mostly.
    pub unit: Unit,
    /// Its rows.
    pub rows: Vec<HourRow>,
    /// Its caps.
    pub caps: Vec<HourCap>,
}

impl HourTable {
    /// True where an activity of that day is decided by it.
    #[must_use]
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// The version in force on a day: the latest to start among those that cover it.
#[must_use]
pub fn in_force(tables: &[HourTable], day: NaiveDate) -> Option<&HourTable> {
    tables
        .iter()
        .filter(|table| table.in_force_on(day))
        .max_by_key(|table| (table.valid_from, table.version))
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityFacts {
    /// In which profession it counts.
    pub profession: String,
    /// What it was.
    pub activity: String,
    /// Of which class or level.
    pub class: Option<String>,
    /// The person's place among those who did it, counted from 1.
    pub rank: Option<u32>,
    /// How many did it.
    pub of: Option<u32>,
    /// How large it was.
    pub size: Option<(SizeUnit, u32)>,
    /// The day that counts: of the appraisal, of the publication, of the lecture.
    pub done_on: NaiveDate,
}

/// Hours that were given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierHours {
    /// For what.
    pub activity: String,
    /// On which day it was done.
    pub done_on: NaiveDate,
    /// How much.
    pub given: Hundredths,
}

#[cfg(test)]
mod tests;
