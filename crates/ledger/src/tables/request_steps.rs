//! `request_steps`, `request_standings` and `request_appeals`: the way of each request.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::{LearnerId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz,
    Uuid as SqlUuid,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// An outcome that a reviewer does not accept, or not in full, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredBar {
    pub(crate) outcome: Uuid,
    pub(crate) reason: String,
    pub(crate) text: String,
    /// Credits that may be granted on it all the same; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) accepted: Option<String>,
}

/// A step as it is stored.
#[derive(QueryableByName, Debug, Clone, Serialize)]
pub(crate) struct StepRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = Integer)]
    pub(crate) step_no: i32,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Text)]
    pub(crate) party: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub(crate) hands: Vec<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) text: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub(crate) not_accepted: serde_json::Value,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) marks: Vec<String>,
    #[diesel(sql_type = Date)]
    pub(crate) taken_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) recorded_at: DateTime<Utc>,
}

/// Where a request stands, as it is stored.
#[derive(QueryableByName, Debug, Clone, Serialize)]
pub(crate) struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) chain_id: Option<Uuid>,
    #[diesel(sql_type = Date)]
    pub(crate) judged_on: NaiveDate,
    #[diesel(sql_type = SmallInt)]
    pub(crate) stage_no: i16,
    #[diesel(sql_type = Text)]
    pub(crate) turn: String,
    #[diesel(sql_type = Text)]
    pub(crate) party: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) due_on: Option<NaiveDate>,
    #[diesel(sql_type = Integer)]
    pub(crate) steps: i32,
    #[diesel(sql_type = Bool)]
    pub(crate) marked: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) escalated_at: Option<DateTime<Utc>>,
}

fn json<T: Serialize>(rows: &[T]) -> Result<serde_json::Value, LedgerError> {
    serde_json::to_value(rows).map_err(|_| LedgerError::Corrupt("request_steps"))
}

/// Writes steps down.
pub(crate) fn insert_all(tx: &mut Tx<'_>, steps: &[StepRow]) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into request_steps \
         select * from jsonb_populate_recordset(null::request_steps, $1)",
    )
    .bind::<Jsonb, _>(json(steps)?)
    .execute(tx.conn())?;
    Ok(())
}

/// Writes where requests stand, over what was said before.
pub(crate) fn save_standings(tx: &mut Tx<'_>, rows: &[StandingRow]) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into request_standings \
         select * from jsonb_populate_recordset(null::request_standings, $1) \
         on conflict (learner_id, request_id) do update set stage_no = excluded.stage_no, \
             turn = excluded.turn, party = excluded.party, due_on = excluded.due_on, \
             steps = excluded.steps, escalated_at = excluded.escalated_at",
    )
    .bind::<Jsonb, _>(json(rows)?)
    .execute(tx.conn())?;
    Ok(())
}

/// The steps of some requests, in order.
pub(crate) fn list(
    conn: &mut PgConnection,
    keys: &[(LearnerId, RequestId)],
) -> Result<Vec<StepRow>, LedgerError> {
    let (learners, requests) = split(keys);
    Ok(diesel::sql_query(
        "select s.* from request_steps s \
         join unnest($1::uuid[], $2::uuid[]) as k (learner_id, request_id) \
             using (learner_id, request_id) \
         order by learner_id, request_id, step_no",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .load(conn)?)
}

/// Where some requests stand; none for those older than the table.
pub(crate) fn list_standings(
    conn: &mut PgConnection,
    keys: &[(LearnerId, RequestId)],
) -> Result<Vec<StandingRow>, LedgerError> {
    let (learners, requests) = split(keys);
    Ok(diesel::sql_query(
        "select s.* from request_standings s \
         join unnest($1::uuid[], $2::uuid[]) as k (learner_id, request_id) \
             using (learner_id, request_id)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .load(conn)?)
}

fn split(keys: &[(LearnerId, RequestId)]) -> (Vec<Uuid>, Vec<Uuid>) {
    let keys = keys.iter();
    keys.map(|(learner, request)| (learner.as_uuid(), request.as_uuid()))
        .unzip()
}

/// Says that a request appeals against another; false where that one was appealed against before.
pub(crate) fn insert_appeal(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    (request, appealed): (RequestId, RequestId),
    text: &str,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into request_appeals (learner_id, request_id, appealed_request_id, text) \
         values ($1, $2, $3, $4) on conflict (learner_id, appealed_request_id) do nothing",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(request.as_uuid())
    .bind::<SqlUuid, _>(appealed.as_uuid())
    .bind::<Text, _>(text)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// What some requests appeal against.
pub(crate) fn list_appealed(
    conn: &mut PgConnection,
    keys: &[(LearnerId, RequestId)],
) -> Result<Vec<(RequestId, RequestId)>, LedgerError> {
    #[derive(QueryableByName)]
    struct AppealRow {
        #[diesel(sql_type = SqlUuid)]
        request_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        appealed_request_id: Uuid,
    }
    let (learners, requests) = split(keys);
    let rows: Vec<AppealRow> = diesel::sql_query(
        "select a.request_id, a.appealed_request_id from request_appeals a \
         join unnest($1::uuid[], $2::uuid[]) as k (learner_id, request_id) \
             using (learner_id, request_id)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .load(conn)?;
    let ids = |row: AppealRow| {
        (
            RequestId::from_uuid(row.request_id),
            RequestId::from_uuid(row.appealed_request_id),
        )
    };
    Ok(rows.into_iter().map(ids).collect())
}

/// A request that is late.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct LateRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) requesting_institution_id: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) receiving_institution_id: Uuid,
    #[diesel(sql_type = SmallInt)]
    pub(crate) stage_no: i16,
    #[diesel(sql_type = Text)]
    pub(crate) party: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) due_on: Option<NaiveDate>,
}

/// Notes of requests that were due before a day that their being late is told, and gives them.
pub(crate) fn escalate(
    tx: &mut Tx<'_>,
    today: NaiveDate,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<LateRow>, LedgerError> {
    Ok(diesel::sql_query(
        "with late as ( \
             select learner_id, request_id from request_standings \
             where turn = 'reviewers' and due_on < $1 and escalated_at is null \
             order by learner_id, request_id limit $3 for no key update skip locked \
         ) \
         update request_standings s set escalated_at = $2 \
         from late, conversion_requests r \
         where s.learner_id = late.learner_id and s.request_id = late.request_id \
             and r.learner_id = s.learner_id and r.request_id = s.request_id \
         returning s.learner_id, s.request_id, r.requesting_institution_id, \
             r.receiving_institution_id, s.stage_no, s.party, s.due_on",
    )
    .bind::<Date, _>(today)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(i64::from(limit))
    .load(tx.conn())?)
}
