//! Work calendars, as they are loaded and shown.

use chrono::{Datelike as _, NaiveDate};
use creditbank_domain::calendar::{DayKind, parse_day};
use creditbank_domain::fault::Fault;
use creditbank_domain::text::bounded;
use creditbank_ledger::flows::NewCalendarYear;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::problem::{Place, Placed, PlacedFault};

/// The days of a year that are free or worked against their weekday.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::calendar()))]
pub(crate) struct CalendarBody {
    /// The year.
    #[validate(range(min = 1950, max = 2100))]
    #[schema(minimum = 1950, maximum = 2100)]
    pub(crate) year: i16,
    /// Whose arrangement it is.
    #[schema(max_length = 500)]
    pub(crate) source: String,
    /// Whether a person has still to confirm it.
    pub(crate) example: bool,
    /// Day by day.
    #[validate(length(max = 366))]
    #[schema(max_items = 366)]
    pub(crate) days: Vec<CalendarDay>,
}

/// A day that is not what its weekday says.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarDay {
    /// The day.
    #[schema(format = Date)]
    pub(crate) day: String,
    /// `holiday`, or `made_up` for a Saturday or Sunday that is worked.
    #[schema(example = "holiday", extensions(("x-words" = json!(DayKind::WORDS))))]
    pub(crate) kind: String,
    /// What is celebrated; empty for a day made up.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub(crate) name: String,
}

impl CalendarBody {
    pub(crate) fn read(&self) -> Result<NewCalendarYear, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let source = placed.take("source", bounded("source", &self.source, 500));
        let mut days: Vec<(NaiveDate, DayKind, String)> = Vec::with_capacity(self.days.len());
        let at = root.child("days");
        for (index, read) in self.days.iter().enumerate() {
            let read = placed.take_all(read.read(self.year, &at.child(index)));
            days.extend(read);
        }
        days.sort_by_key(|(day, ..)| *day);
        if days
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.0 == b.0))
        {
            placed.refuse("days", day_fault("一天只能列一次", "a day stands once"));
        }
        match source {
            Some(source) if placed.is_empty() => Ok(NewCalendarYear {
                year: self.year,
                source,
                example: self.example,
                days,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

impl CalendarDay {
    fn read(
        &self,
        year: i16,
        at: &Place,
    ) -> Result<(NaiveDate, DayKind, String), Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let day = placed.take("day", parse_day(&self.day));
        if day.is_some_and(|day| day.year() != i32::from(year)) {
            placed.refuse("day", day_fault("该日不在此年", "it lies in another year"));
        }
        let kind = placed.take("kind", self.kind.parse::<DayKind>());
        let name = match self.name.trim() {
            "" => Ok(String::new()),
            name => bounded("name", name, 40),
        };
        let name = placed.take("name", name);
        match (day, kind, name) {
            (Some(day), Some(kind), Some(name)) if placed.is_empty() => Ok((day, kind, name)),
            _ => Err(placed.into_faults()),
        }
    }
}

fn day_fault(zh: &str, en: &str) -> Fault {
    Fault::new("CALENDAR_DAY", zh, en)
}

/// A year whose holidays are loaded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::calendar_view()))]
pub(crate) struct CalendarView {
    /// The year.
    pub(crate) year: i16,
    /// Whose arrangement it is.
    pub(crate) source: String,
    /// Whether a person has still to confirm it.
    pub(crate) example: bool,
    /// Its days.
    pub(crate) days: Vec<CalendarDay>,
}

impl From<&reads::CalendarYearView> for CalendarView {
    fn from(row: &reads::CalendarYearView) -> Self {
        let days = row.days.iter().map(|(day, kind, name)| CalendarDay {
            day: day.to_string(),
            kind: kind.clone(),
            name: name.clone(),
        });
        Self {
            year: row.year,
            source: row.source.clone(),
            example: row.example,
            days: days.collect(),
        }
    }
}

/// The years whose holidays are loaded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::calendars_view()))]
pub(crate) struct CalendarsView {
    /// In order.
    pub(crate) years: Vec<CalendarView>,
}
