//! The day on which something happened, of the ways in which XML and JSON write it.

use chrono::{DateTime, NaiveTime};
use creditbank_domain::calendar::bank_day;

/// The bytes of `2024-12-31`.
const DAY_BYTES: usize = 10;

/// The day of a moment: the bank's, where it says in which zone it is; else what stands before the
/// time. A day with a zone is that day. What is neither is left to be refused.
pub(super) fn day_of(text: &str) -> String {
    let text = text.trim();
    let Some((day, time)) = text.split_once('T') else {
        let (day, zone) = text.split_at_checked(DAY_BYTES).unwrap_or((text, ""));
        return if is_zone(zone) { day } else { text }.to_owned();
    };
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return bank_day(moment.to_utc()).to_string();
    }
    let says_zone = time.contains(['Z', 'z', '+', '-']);
    if says_zone { text } else { day }.to_owned()
}

/// `Z`, `+08:00` or `-05:00`.
fn is_zone(text: &str) -> bool {
    let hours = text.strip_prefix(['+', '-']).unwrap_or_default();
    text == "Z" || NaiveTime::parse_from_str(hours, "%H:%M").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_with_an_offset_is_the_banks_day_and_a_day_with_a_zone_is_that_day() {
        for (written, day) in [
            ("2024-12-31T18:00:00Z", "2025-01-01"),
            ("2024-12-31T15:59:59Z", "2024-12-31"),
            ("2024-12-31T16:00:00.000Z", "2025-01-01"),
            ("2025-01-01T00:00:00+08:00", "2025-01-01"),
            ("2025-01-01T00:00:00+09:00", "2024-12-31"),
            ("2024-12-31T12:00:00-05:00", "2025-01-01"),
            ("2024-12-31T18:00:00", "2024-12-31"),
            ("2010-05-14-05:00", "2010-05-14"),
            ("2010-05-14+14:00", "2010-05-14"),
            ("2010-05-14Z", "2010-05-14"),
            ("2010-05-14", "2010-05-14"),
            ("", ""),
        ] {
            assert_eq!(day_of(written), day, "{written}");
        }
    }

    #[test]
    fn what_is_neither_stays_as_it_is_and_is_refused_later() {
        for written in [
            "2024-12-31T18:00Z",
            "2024-12-31T25:00:00Z",
            "2024-12-31-99:00",
            "2024-12-31+x",
            "二〇二四年十二月三十一日",
        ] {
            assert_eq!(day_of(written), written);
            assert_eq!(crate::date::read_date(written), None, "{written}");
        }
    }
}
