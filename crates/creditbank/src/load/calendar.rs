//! The holidays of a year and the days made up for them (调休), as a JSON document.

use chrono::{Datelike as _, NaiveDate};
use creditbank_domain::calendar::{DayKind, parse_day};
use creditbank_domain::text::bounded;
use creditbank_ledger::flows::NewCalendarYear;
use serde::Deserialize;

use super::pack::{at, read_json};
use crate::problem::Problem;

/// Days that one holiday may last at most.
const HOLIDAY_DAYS_MAX: usize = 31;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i16,
    /// Whether a person has still to confirm it.
    example: bool,
    source: String,
    holidays: Vec<HolidayFile>,
    made_up: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayFile {
    name: String,
    from: String,
    to: String,
}

/// Reads and checks every day; each lies in the year and stands once.
pub(crate) fn read_calendar(bytes: &[u8]) -> Result<NewCalendarYear, Problem> {
    let file: YearFile = read_json(bytes)?;
    let mut days: Vec<(NaiveDate, DayKind, String)> = Vec::new();
    let mut add = |place: &str, day: NaiveDate, kind, name: &str| {
        if day.year() != i32::from(file.year) {
            return at(place, Err("it lies in another year"));
        }
        if days.iter().any(|(other, ..)| *other == day) {
            return at(place, Err("the day stands twice"));
        }
        days.push((day, kind, name.to_owned()));
        Ok(())
    };
    for (position, holiday) in file.holidays.iter().enumerate() {
        let place = format!("/holidays/{position}");
        let name = at(&format!("{place}/name"), bounded("name", &holiday.name, 40))?;
        let from = at(&format!("{place}/from"), parse_day(&holiday.from))?;
        let to_place = format!("{place}/to");
        let to = at(&to_place, parse_day(&holiday.to))?;
        let within = from.iter_days().take_while(|day| *day <= to);
        let within: Vec<NaiveDate> = within.take(HOLIDAY_DAYS_MAX.saturating_add(1)).collect();
        if within.is_empty() || within.len() > HOLIDAY_DAYS_MAX {
            return at(&to_place, Err("a holiday has 1 to 31 days"));
        }
        for day in within {
            add(&place, day, DayKind::Holiday, &name)?;
        }
    }
    for (position, text) in file.made_up.iter().enumerate() {
        let place = format!("/made_up/{position}");
        add(&place, at(&place, parse_day(text))?, DayKind::MadeUp, "")?;
    }
    Ok(NewCalendarYear {
        year: file.year,
        source: at("/source", bounded("source", &file.source, 500))?,
        example: file.example,
        days,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKS: [&[u8]; 2] = [
        include_bytes!("../../../../packs/calendars/2025.json"),
        include_bytes!("../../../../packs/calendars/2026.json"),
    ];

    #[test]
    fn the_packs_are_examples_and_every_day_made_up_is_a_weekend() {
        for pack in PACKS {
            let year = read_calendar(pack).unwrap();
            assert!(year.example);
            let made_up = year
                .days
                .iter()
                .filter(|(_, kind, _)| *kind == DayKind::MadeUp);
            assert!(made_up.clone().count() >= 5);
            for (day, ..) in made_up {
                assert!(day.weekday().number_from_monday() >= 6, "{day}");
            }
        }
    }

    #[test]
    fn a_wrong_day_is_named_by_its_place() {
        let check = |from: &str, to: &str, made_up: &str, place: &str| {
            let text = format!(
                r#"{{"year": 2026, "example": true, "source": "s", "made_up": ["{made_up}"],
                "holidays": [{{"name": "节", "from": "{from}", "to": "{to}"}}]}}"#
            );
            match read_calendar(text.as_bytes()) {
                Ok(_) => assert_eq!(place, ""),
                Err(refused) => {
                    let refused = refused.to_string();
                    assert!(!place.is_empty() && refused.contains(place), "{refused}");
                }
            }
        };
        check("2026-10-01", "2026-10-07", "2026-10-10", "");
        check("2026-10-01", "2026-09-30", "2026-10-10", "/holidays/0/to");
        check("2026-10-01", "2026-11-30", "2026-10-10", "/holidays/0/to");
        check("2025-12-31", "2026-01-01", "2026-10-10", "/holidays/0");
        check("2026-10-01", "2026-10-07", "2026-10-07", "/made_up/0");
        check("2026-10-01", "2026-10-07", "2027-10-10", "/made_up/0");
        check("2026-10-01", "2026-10-32", "2026-10-10", "/holidays/0/to");
    }
}
