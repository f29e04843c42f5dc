//! The bank's calendar day.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// China Standard Time, the only zone of the bank, has had no daylight saving since 1991.
const HOURS_EAST: i32 = 8;

/// The day it is in China at an instant: midnight there is 16:00 UTC of the day before.
#[must_use]
pub fn bank_day(now: DateTime<Utc>) -> NaiveDate {
    FixedOffset::east_opt(HOURS_EAST * 3600).map_or_else(
        || now.date_naive(),
        |zone| now.with_timezone(&zone).date_naive(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_at_sixteen_utc() {
        let day = |text: &str| bank_day(text.parse().unwrap()).to_string();
        assert_eq!(day("2026-12-31T15:59:59Z"), "2026-12-31");
        assert_eq!(day("2026-12-31T16:00:00Z"), "2027-01-01");
        assert_eq!(day("2028-02-28T16:00:00Z"), "2028-02-29");
    }
}
