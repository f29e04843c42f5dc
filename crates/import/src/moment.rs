//! Times of day with their day, as meeting systems write them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::date::read_date;
use crate::fold;

/// Reads `2026-11-22 09:00:03` with any date of [`read_date`], or `11/22/2026 09:00:03 AM`: only
/// English exports have AM and PM, and they write the month first.
pub(crate) fn read_moment(text: &str) -> Option<NaiveDateTime> {
    let folded = fold::half_width(text);
    let (day, time) = folded.split_once([' ', 'T', '日'])?;
    let upper = time.trim().to_ascii_uppercase();
    let (clock, half) = match upper.strip_suffix("AM") {
        Some(clock) => (clock, Some(0)),
        None => match upper.strip_suffix("PM") {
            Some(clock) => (clock, Some(12)),
            None => (upper.as_str(), None),
        },
    };
    let mut parts = clock.trim().split(':');
    let mut part = || parts.next().map(number);
    let (hour, minute) = (part()??, part()??);
    let second = match part() {
        None => 0,
        Some(second) => second?,
    };
    let hour = match half {
        None => hour,
        Some(after) if (1..=12).contains(&hour) => hour % 12 + after,
        Some(_) => return None,
    };
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    let day = day.trim_end_matches(',');
    let date = if half.is_some() && day.contains('/') {
        month_first(day)?
    } else {
        let closing = if day.contains('月') { "日" } else { "" };
        read_date(&format!("{day}{closing}"))?
    };
    Some(date.and_time(time))
}

fn month_first(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('/');
    let mut part = || parts.next().map(number);
    let (month, day, year) = (part()??, part()??, part()??);
    let year = if year < 100 { year + 2000 } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn number(text: &str) -> Option<u32> {
    let text = text.split('.').next().unwrap_or(text);
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_the_same_moment() {
        for form in [
            "2026-11-22 15:00:03",
            "2026/11/22 15:00:03",
            "2026年11月22日 15:00:03",
            "2026-11-22T15:00:03.250",
            "11/22/2026 03:00:03 PM",
            "11/22/26, 3:00:03 PM",
        ] {
            let moment = read_moment(form).map(|moment| moment.to_string());
            assert_eq!(moment.as_deref(), Some("2026-11-22 15:00:03"), "{form}");
        }
    }

    #[test]
    fn what_could_be_two_days_or_is_no_time_is_refused() {
        for form in [
            "03/07/2026 15:00",
            "2026-11-22",
            "2026-11-22 25:00",
            "2026-11-22 13:00 PM",
            "15:00:03",
            "2026-11-22 noon",
            "",
        ] {
            assert_eq!(read_moment(form), None, "{form}");
        }
    }
}
