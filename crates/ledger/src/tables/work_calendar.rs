//! `work_calendar_years` and `work_calendar_days`: which days are worked.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::calendar::{DayKind, WorkCalendar};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, SmallInt, Text, Timestamptz};

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

/// A day that is not what its weekday says.
#[derive(QueryableByName, Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayRow {
    #[diesel(sql_type = Date)]
    pub(crate) day: NaiveDate,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
}

#[derive(QueryableByName)]
struct YearRow {
    #[diesel(sql_type = SmallInt)]
    year: i16,
}

/// The calendar as it is loaded today.
pub(crate) fn load(conn: &mut PgConnection) -> Result<WorkCalendar, LedgerError> {
    let years: Vec<YearRow> =
        diesel::sql_query("select year from work_calendar_years").load(conn)?;
    let days: Vec<DayRow> =
        diesel::sql_query("select day, kind, name from work_calendar_days").load(conn)?;
    let mut exceptions = Vec::with_capacity(days.len());
    for row in days {
        let kind: DayKind = parsed(&row.kind, "work_calendar_days.kind")?;
        exceptions.push((row.day, kind));
    }
    let years = years.into_iter().map(|row| i32::from(row.year));
    Ok(WorkCalendar::new(years, exceptions))
}

/// The days of a year, in order.
pub(crate) fn list(conn: &mut PgConnection, year: i16) -> Result<Vec<DayRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select day, kind, name from work_calendar_days where year = $1 order by day",
    )
    .bind::<SmallInt, _>(year)
    .load(conn)?)
}

/// False where the year is loaded already.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    year: i16,
    (source, example): (&str, bool),
    days: &[DayRow],
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into work_calendar_years (year, source, example, created_at) \
         values ($1, $2, $3, $4) on conflict (year) do nothing",
    )
    .bind::<SmallInt, _>(year)
    .bind::<Text, _>(source)
    .bind::<Bool, _>(example)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    if inserted == 0 {
        return Ok(false);
    }
    let kinds: Vec<&str> = days.iter().map(|row| row.kind.as_str()).collect();
    let names: Vec<&str> = days.iter().map(|row| row.name.as_str()).collect();
    let days: Vec<NaiveDate> = days.iter().map(|row| row.day).collect();
    diesel::sql_query(
        "insert into work_calendar_days (day, year, kind, name) \
         select day, $1, kind, name from unnest($2::date[], $3::text[], $4::text[]) \
             as d (day, kind, name)",
    )
    .bind::<SmallInt, _>(year)
    .bind::<Array<Date>, _>(days)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(names)
    .execute(tx.conn())?;
    Ok(true)
}
