//! Sums over requests and their lines, for the published figures.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz};

use crate::error::LedgerError;

#[derive(QueryableByName)]
pub(crate) struct RequestFigureRow {
    #[diesel(sql_type = Text)]
    pub(crate) institution: String,
    #[diesel(sql_type = Date)]
    pub(crate) month: NaiveDate,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Date)]
    pub(crate) sent_on: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) ended_on: Option<NaiveDate>,
    #[diesel(sql_type = Array<Date>)]
    pub(crate) asked_on: Vec<NaiveDate>,
    #[diesel(sql_type = Array<Date>)]
    pub(crate) answered_on: Vec<NaiveDate>,
    #[diesel(sql_type = BigInt)]
    pub(crate) requests: i64,
}

#[derive(QueryableByName)]
pub(crate) struct LineFigureRow {
    #[diesel(sql_type = Text)]
    pub(crate) institution: String,
    #[diesel(sql_type = Date)]
    pub(crate) month: NaiveDate,
    #[diesel(sql_type = Text)]
    pub(crate) verdict: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) reason: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub(crate) lines: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) requested: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) granted: i64,
}

/// Requests sent from a moment to before another one.
pub(crate) fn of_requests(
    conn: &mut PgConnection,
    (from, before): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<RequestFigureRow>, LedgerError> {
    Ok(
        diesel::sql_query(include_str!("../sql/figures_of_requests.sql"))
            .bind::<Timestamptz, _>(from)
            .bind::<Timestamptz, _>(before)
            .load(conn)?,
    )
}

/// The lines of those requests.
pub(crate) fn of_lines(
    conn: &mut PgConnection,
    (from, before): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<LineFigureRow>, LedgerError> {
    Ok(
        diesel::sql_query(include_str!("../sql/figures_of_lines.sql"))
            .bind::<Timestamptz, _>(from)
            .bind::<Timestamptz, _>(before)
            .load(conn)?,
    )
}
