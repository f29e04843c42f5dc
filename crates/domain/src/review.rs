//! The review clock: an entry is looked at again every so many months, or it stops earning.

use chrono::{Days, Months, NaiveDate};

/// How often an entry has to be reviewed, and how long it still counts when that is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewClock {
    /// Months from one review to the next.
    pub months: u32,
    /// Days after the due day on which outcomes still earn, with a warning.
    pub grace_days: u32,
}

/// When the next review is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// The last day that is in order.
    pub due_on: NaiveDate,
    /// The first day of which an outcome earns nothing.
    pub block_from: NaiveDate,
}

/// How an outcome's day stands to the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewStanding {
    /// In order.
    Current,
    /// Late, and within the days of grace.
    Overdue,
    /// Too late: the outcome earns nothing.
    Blocked,
}

impl ReviewClock {
    /// The review that follows one of that day; none beyond the calendar. A month that lacks the
    /// day ends on its last one: what was reviewed on 29 February is due on the 28th.
    #[must_use]
    pub fn after(self, reviewed_on: NaiveDate) -> Option<Review> {
        let due_on = reviewed_on.checked_add_months(Months::new(self.months))?;
        let grace = Days::new(u64::from(self.grace_days).saturating_add(1));
        let block_from = due_on.checked_add_days(grace)?;
        Some(Review { due_on, block_from })
    }
}

impl Review {
    /// How an outcome of that day stands to it.
    #[must_use]
    pub fn standing_on(self, day: NaiveDate) -> ReviewStanding {
        if day >= self.block_from {
            ReviewStanding::Blocked
        } else if day > self.due_on {
            ReviewStanding::Overdue
        } else {
            ReviewStanding::Current
        }
    }

    /// The due day and the first day that earns nothing: what people are told.
    #[must_use]
    pub fn figures(self) -> String {
        format!("{} – {}", self.due_on, self.block_from)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn review(reviewed_on: &str, months: u32, grace_days: u32) -> Review {
        let clock = ReviewClock { months, grace_days };
        clock.after(day(reviewed_on)).unwrap()
    }

    #[test]
    fn a_review_is_due_on_the_same_day_of_a_later_month_or_on_its_last() {
        let check = |reviewed_on: &str, months, due_on: &str| {
            let found = review(reviewed_on, months, 30).due_on;
            assert_eq!(found, day(due_on), "{reviewed_on} {months}");
        };
        check("2023-07-24", 24, "2025-07-24");
        check("2024-02-29", 24, "2026-02-28");
        check("2024-02-29", 48, "2028-02-29");
        check("2022-02-28", 24, "2024-02-28");
        check("2023-08-31", 6, "2024-02-29");
        check("2024-12-31", 2, "2025-02-28");
    }

    #[test]
    fn the_due_day_is_in_order_and_the_days_of_grace_are_counted_whole() {
        let check = |grace, on: &str, expected| {
            let found = review("2023-07-24", 24, grace).standing_on(day(on));
            assert_eq!(found, expected, "{grace} {on}");
        };
        check(30, "2025-07-24", ReviewStanding::Current);
        check(30, "2025-07-25", ReviewStanding::Overdue);
        check(30, "2025-08-23", ReviewStanding::Overdue);
        check(30, "2025-08-24", ReviewStanding::Blocked);
        check(0, "2025-07-24", ReviewStanding::Current);
        check(0, "2025-07-25", ReviewStanding::Blocked);
        let leap = review("2024-02-29", 24, 1);
        assert_eq!(leap.standing_on(day("2026-02-28")), ReviewStanding::Current);
        assert_eq!(leap.standing_on(day("2026-03-01")), ReviewStanding::Overdue);
        assert_eq!(leap.standing_on(day("2026-03-02")), ReviewStanding::Blocked);
    }

    #[test]
    fn beyond_the_calendar_nothing_is_due() {
        let far = ReviewClock {
            months: u32::MAX,
            grace_days: 0,
        };
        assert_eq!(far.after(day("2024-01-01")), None);
    }

    proptest! {
        #[test]
        fn a_later_review_never_makes_a_day_worse(
            first in 0..5_000_i64, later in 0..500_i64, months in 1..60_u32,
            grace_days in 0..100_u32, on in 0..8_000_i64,
        ) {
            let day = |days| day("2015-01-01") + chrono::TimeDelta::days(days);
            let clock = ReviewClock { months, grace_days };
            let standing = |at| clock.after(day(at)).unwrap().standing_on(day(on));
            let rank = |standing| match standing {
                ReviewStanding::Current => 0,
                ReviewStanding::Overdue => 1,
                ReviewStanding::Blocked => 2,
            };
            prop_assert!(rank(standing(first + later)) <= rank(standing(first)));
        }
    }
}
