//! Working days and the clocks that count them.
//!
//! Saturdays and Sundays are free unless the State Council's arrangement of the year makes up for a
//! holiday with them; such arrangements are loaded as data, a year each. What lies in a year that
//! is not loaded counts weekends only, and [`WorkCalendar::knows`] says so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::words::words;

words!(
    /// What a day is, against what its weekday says.
    DayKind, "a kind of day", {
        /// Free, though it may be a weekday.
        Holiday => "holiday",
        /// Worked, though it is a Saturday or Sunday (调休).
        MadeUp => "made_up",
    }
);

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkCalendar {
    exceptions: BTreeMap<NaiveDate, DayKind>,
    years: BTreeSet<i32>,
}

impl WorkCalendar {
    /// Weekends, but for the days that are said to be otherwise in the years that were loaded.
    #[must_use]
    pub fn new(
        years: impl IntoIterator<Item = i32>,
        exceptions: impl IntoIterator<Item = (NaiveDate, DayKind)>,
    ) -> Self {
        Self {
            exceptions: exceptions.into_iter().collect(),
            years: years.into_iter().collect(),
        }
    }

    /// Whether the holidays of that year are loaded.
    #[must_use]
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// Whether people work on that day.
    #[must_use]
    pub fn is_worked(&self, day: NaiveDate) -> bool {
        match self.exceptions.get(&day) {
            Some(DayKind::Holiday) => false,
            Some(DayKind::MadeUp) => true,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The last day of a term of so many working days that begins with `day`: `day` itself does not
    /// count, and a term of none ends at once. `None` beyond the calendar.
    #[must_use]
    pub fn after(&self, day: NaiveDate, working_days: u32) -> Option<NaiveDate> {
        let mut end = day;
        let mut left = working_days;
        while left > 0 {
            end = end.succ_opt()?;
            left -= u32::from(self.is_worked(end));
        }
        Some(end)
    }

    /// How many working days lie behind `from`, up to and with `to`; none where it lies before.
    #[must_use]
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> u32 {
        let mut days = 0_u32;
        let mut day = from;
        while let Some(next) = day.succ_opt().filter(|next| *next <= to) {
            day = next;
            days = days.saturating_add(u32::from(self.is_worked(day)));
        }
        days
    }
}

/// A term in working days that stands still while somebody else has the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkClock {
    term: u32,
    spent: u32,
    running_since: Option<NaiveDate>,
}

impl WorkClock {
    /// Starts to count behind that day.
    #[must_use]
    pub const fn start(working_days: u32, on: NaiveDate) -> Self {
        Self {
            term: working_days,
            spent: 0,
            running_since: Some(on),
        }
    }

    /// Stands still from the end of that day.
    #[must_use]
    pub fn pause(self, calendar: &WorkCalendar, on: NaiveDate) -> Self {
        Self {
            spent: self.spent_by(calendar, on),
            running_since: None,
            ..self
        }
    }

    /// Goes on behind that day; a clock that runs is left alone.
    #[must_use]
    pub fn resume(self, on: NaiveDate) -> Self {
        Self {
            running_since: self.running_since.or(Some(on)),
            ..self
        }
    }

    /// Whether it stands still.
    #[must_use]
    pub const fn is_paused(self) -> bool {
        self.running_since.is_none()
    }

    /// How many working days were used by the end of that day.
    #[must_use]
    pub fn spent_by(self, calendar: &WorkCalendar, on: NaiveDate) -> u32 {
        let running = { self.running_since }.map_or(0, |since| calendar.between(since, on));
        self.spent.saturating_add(running)
    }

    /// The last day in time; none while it stands still, nor beyond the calendar.
    #[must_use]
    pub fn due_on(self, calendar: &WorkCalendar) -> Option<NaiveDate> {
        let since = self.running_since?;
        calendar.after(since, self.term.saturating_sub(self.spent))
    }

    /// How many working days are left behind that day; none where it is the last, or late.
    #[must_use]
    pub fn left_on(self, calendar: &WorkCalendar, on: NaiveDate) -> u32 {
        self.term.saturating_sub(self.spent_by(calendar, on))
    }
}

#[cfg(test)]
mod tests;
