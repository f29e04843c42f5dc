//! The bank's calendar: its day, the moments in which a day begins and ends, and the days it knows.

mod work;

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};

pub use work::{DayKind, WorkCalendar, WorkClock};

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

/// The years that may be named to the bank; what lies outside them is a slip of the hand.
pub const YEARS: RangeInclusive<i32> = 1950..=2100;

/// Why a text is no day of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// Not `YYYY-MM-DD`, or not in the calendar.
    #[error("a date is written YYYY-MM-DD and stands in the calendar")]
    NotADay,
    /// Outside [`YEARS`].
    #[error("a date lies in the years 1950 to 2100")]
    OutOfRange,
}

/// Reads `2026-01-31`, in one of [`YEARS`].
///
/// # Errors
/// [`DayError`]
pub fn parse_day(text: &str) -> Result<NaiveDate, DayError> {
    // Chrono alone would also take `2026-1-31`, signs and blanks.
    let digits =
        |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('-');
    let written_out = parts.next().is_some_and(|part| digits(part, 4))
        && parts.next().is_some_and(|part| digits(part, 2))
        && parts.next().is_some_and(|part| digits(part, 2))
        && parts.next().is_none();
    let day = Some(text).filter(|_| written_out);
    let day = day.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    in_range(day.ok_or(DayError::NotADay)?)
}

/// A day in one of [`YEARS`].
///
/// # Errors
/// [`DayError::OutOfRange`]
pub fn in_range(day: NaiveDate) -> Result<NaiveDate, DayError> {
    if YEARS.contains(&day.year()) {
        Ok(day)
    } else {
        Err(DayError::OutOfRange)
    }
}

/// The moment in which a day of the bank begins.
#[must_use]
pub fn first_moment(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let here = FixedOffset::east_opt(HOURS_EAST * 3600)
        .and_then(|zone| midnight.and_local_timezone(zone).single());
    here.map_or_else(|| midnight.and_utc(), |moment| moment.with_timezone(&Utc))
}

/// The last moment of a day of the bank, in the microseconds in which the books count.
#[must_use]
pub fn last_moment(day: NaiveDate) -> DateTime<Utc> {
    let next = first_moment(day.succ_opt().unwrap_or(day));
    next.checked_sub_signed(TimeDelta::microseconds(1))
        .unwrap_or(next)
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
    #[test]
    fn a_day_begins_and_ends_with_the_moments_that_lie_in_it() {
        for text in ["1950-01-01", "2026-12-31", "2028-02-29", "2100-12-31"] {
            let day = parse_day(text).unwrap();
            let (first, last) = (first_moment(day), last_moment(day));
            assert_eq!((bank_day(first), bank_day(last)), (day, day));
            let step = TimeDelta::microseconds(1);
            assert_ne!(bank_day(first - step), day);
            assert_eq!(last + step, first_moment(day.succ_opt().unwrap()));
        }
    }

    #[test]
    fn a_day_is_written_out_and_lies_in_the_years_of_the_bank() {
        let check = |text: &str, wrong| assert_eq!(parse_day(text), Err(wrong), "{text}");
        for text in [
            "",
            "2026-1-31",
            "2026-02-30",
            "31.01.2026",
            " 2026-01-3",
            "+2026-1-31",
            "20260131",
            "2026-01-31T00:00:00Z",
        ] {
            check(text, DayError::NotADay);
        }
        check("1949-12-31", DayError::OutOfRange);
        check("2101-01-01", DayError::OutOfRange);
        assert!(parse_day("1950-01-01").is_ok() && parse_day("2100-12-31").is_ok());
    }
}
