//! Years that begin on any day.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

/// The day on which a year begins: `01-01`, `03-01`. Never 29 February, which most years lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearStart {
    month: u32,
    day: u32,
}

/// Not a day on which a year can begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a year begins on a day that every year has, written MM-DD")]
pub struct YearStartError;

impl YearStart {
    /// The first and the last day of the year in which a day lies.
    #[must_use]
    pub fn year_of(self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        let begins = |year: i32| NaiveDate::from_ymd_opt(year, self.month, self.day);
        let year = day.year();
        let this = begins(year).unwrap_or(day);
        let (first, next) = if this <= day {
            (this, begins(year.saturating_add(1)))
        } else {
            (begins(year.saturating_sub(1)).unwrap_or(day), Some(this))
        };
        let last = next.and_then(|next| next.pred_opt());
        (first, last.unwrap_or(NaiveDate::MAX))
    }
}

impl FromStr for YearStart {
    type Err = YearStartError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (month, day) = text.split_once('-').ok_or(YearStartError)?;
        let number = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| digits).ok_or(YearStartError)
        };
        let (month, day) = (number(month)?, number(day)?);
        // No leap year: what it has, every year has.
        NaiveDate::from_ymd_opt(2025, month, day).ok_or(YearStartError)?;
        Ok(Self { month, day })
    }
}

impl fmt::Display for YearStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}
