//! Dates as transcripts write them. Year first always: 03/07/2005 could be two days.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use crate::fold;

/// Reads `2024-01-31`, `2024/1/31`, `2024.1.31`, `2024年1月31日` or `20240131`; a time of day behind
/// it is passed over. `None` for anything else and for days that no calendar has; whether the day
/// can be meant is asked by `calendar::in_range`.
pub(crate) fn read_date(text: &str) -> Option<NaiveDate> {
    let folded = fold::half_width(text);
    let day = without_time(&folded);
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        from_parts(day.get(..4)?, day.get(4..6)?, day.get(6..)?)
    } else if let Some(rest) = day.strip_suffix('日') {
        let (year, rest) = rest.split_once('年')?;
        let (month, day) = rest.split_once('月')?;
        from_parts(year, month, day)
    } else {
        let separator = ['-', '/', '.']
            .into_iter()
            .find(|separator| day.contains(*separator))?;
        let mut parts = day.split(separator);
        let date = from_parts(parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() { None } else { date }
    }
}

/// Reads `15/06/2026`, `15-06-2026` or `15.06.2026`, for the layouts that prescribe this order.
pub(crate) fn read_date_day_first(text: &str) -> Option<NaiveDate> {
    let folded = fold::half_width(text);
    let mut parts = folded.split(['/', '-', '.']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let date = from_parts(year, month, day);
    if parts.next().is_some() { None } else { date }
}

fn without_time(text: &str) -> &str {
    let Some((day, time)) = text.split_once([' ', 'T']) else {
        return text;
    };
    let clock = |character: char| character.is_ascii_digit() || matches!(character, ':' | '.');
    if time.contains(':') && time.chars().all(clock) {
        day
    } else {
        text
    }
}

fn from_parts(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let number = |part: &str, digits: RangeInclusive<usize>| {
        let part = part.trim();
        let plain = part.bytes().all(|byte| byte.is_ascii_digit());
        if plain && digits.contains(&part.len()) {
            part.parse::<u32>().ok()
        } else {
            None
        }
    };
    let year = i32::try_from(number(year, 4..=4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(month, 1..=2)?, number(day, 1..=2)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_the_same_day() {
        let forms = [
            "2024-01-09",
            "2024/1/9",
            "2024.1.9",
            "2024年1月9日",
            "2024年01月09日",
            "20240109",
            "２０２４－０１－０９",
            "2024-01-09 00:00:00",
            "2024-01-09T08:30:00.000",
            " 2024/01/09 ",
        ];
        for form in forms {
            assert_eq!(
                read_date(form),
                NaiveDate::from_ymd_opt(2024, 1, 9),
                "{form}"
            );
        }
    }

    #[test]
    fn the_day_comes_first_only_where_it_is_asked_for() {
        let day = NaiveDate::from_ymd_opt(2026, 6, 15);
        assert_eq!(read_date_day_first("15/06/2026"), day);
        assert_eq!(read_date_day_first("15-6-2026"), day);
        for text in [
            "2026-06-15",
            "06/15/2026",
            "15/06/26",
            "15/06/2026/1",
            "30/02/2026",
        ] {
            assert_eq!(read_date_day_first(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_day_or_could_be_two_is_refused() {
        let forms = [
            "2024-02-30",
            "2023-02-29",
            "20241301",
            "09/01/2024",
            "24-01-09",
            "2024-01",
            "2024",
            "45300",
            "2024-01-09-01",
            "2024-01-09 maybe",
            "",
            "+2024-1-1",
        ];
        for form in forms {
            assert_eq!(read_date(form), None, "{form}");
        }
    }
}
