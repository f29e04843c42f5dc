//! `review_chains`, `review_delegations` and the work calendar, as they are listed.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::InstitutionId;
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::{CalendarYearView, ChainView, DelegationView};
use crate::tables::review_chains;
use crate::tables::work_calendar;

#[derive(QueryableByName)]
struct ChainRow {
    #[diesel(sql_type = SqlUuid)]
    chain_id: Uuid,
    #[diesel(sql_type = Text)]
    institution: String,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Integer)]
    answer_days: i32,
}

/// The chains of an institution or of all, by institution and day: a few each.
pub(crate) fn list_chains(
    conn: &mut PgConnection,
    institution: Option<&str>,
) -> Result<Vec<ChainView>, LedgerError> {
    let rows: Vec<ChainRow> = diesel::sql_query(
        "select c.chain_id, i.code as institution, c.valid_from, c.document_number, c.answer_days \
         from review_chains c join institutions i using (institution_id) \
         where $1 is null or i.code = $1 order by i.code, c.valid_from",
    )
    .bind::<Nullable<Text>, _>(institution)
    .load(conn)?;
    { rows.into_iter() }
        .map(|row| {
            let stored = review_chains::find(conn, row.chain_id)?;
            let reviewers = stored.reviewers;
            Ok(ChainView {
                chain_id: row.chain_id,
                institution: row.institution,
                valid_from: row.valid_from,
                document_number: row.document_number,
                answer_days: u32::try_from(row.answer_days)
                    .map_err(|_| LedgerError::Corrupt("review_chains.answer_days"))?,
                stages: { stored.chain.stages().cloned() }.zip(reviewers).collect(),
            })
        })
        .collect()
}

#[derive(QueryableByName)]
struct DelegationRow {
    #[diesel(sql_type = SqlUuid)]
    delegation_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    institution: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    absent: Uuid,
    #[diesel(sql_type = SqlUuid)]
    delegate: Uuid,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Date)]
    valid_to: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

impl From<DelegationRow> for DelegationView {
    fn from(row: DelegationRow) -> Self {
        Self {
            delegation_id: row.delegation_id,
            institution: row.institution,
            absent: row.absent,
            delegate: row.delegate,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            recorded_at: row.recorded_at,
        }
    }
}

const DELEGATIONS: &str = "select d.delegation_id, i.code as institution, d.absent, d.delegate, \
         d.valid_from, d.valid_to, d.recorded_at \
     from review_delegations d left join institutions i using (institution_id)";

pub(crate) fn find_delegation(
    conn: &mut PgConnection,
    id: Uuid,
) -> Result<Option<DelegationView>, LedgerError> {
    let row: Option<DelegationRow> =
        diesel::sql_query(format!("{DELEGATIONS} where d.delegation_id = $1"))
            .bind::<SqlUuid, _>(id)
            .get_result(conn)
            .optional()?;
    Ok(row.map(DelegationView::from))
}

/// A page of delegations in the order in which they were noted, an institution's or all.
pub(crate) fn list_delegations(
    conn: &mut PgConnection,
    institution: Option<InstitutionId>,
    (after, limit): (Option<Uuid>, u32),
) -> Result<Vec<DelegationView>, LedgerError> {
    let rows: Vec<DelegationRow> = diesel::sql_query(format!(
        "{DELEGATIONS} where ($1 is null or d.institution_id = $1) \
             and ($2 is null or d.delegation_id > $2) order by d.delegation_id limit $3"
    ))
    .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    Ok(rows.into_iter().map(DelegationView::from).collect())
}

#[derive(QueryableByName)]
struct YearRow {
    #[diesel(sql_type = SmallInt)]
    year: i16,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Bool)]
    example: bool,
}

/// The years that are loaded, or one, with their days.
pub(crate) fn list_calendars(
    conn: &mut PgConnection,
    only: Option<i16>,
) -> Result<Vec<CalendarYearView>, LedgerError> {
    let rows: Vec<YearRow> = diesel::sql_query(
        "select year, source, example from work_calendar_years \
         where $1 is null or year = $1 order by year",
    )
    .bind::<Nullable<SmallInt>, _>(only)
    .load(conn)?;
    { rows.into_iter() }
        .map(|row| {
            let days = work_calendar::list(conn, row.year)?.into_iter();
            Ok(CalendarYearView {
                year: row.year,
                source: row.source,
                example: row.example,
                days: days.map(|day| (day.day, day.kind, day.name)).collect(),
            })
        })
        .collect()
}
