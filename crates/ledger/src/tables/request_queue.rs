//! Open requests as `conversion_requests` and `request_standings` have them, for lists.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::View;
use creditbank_domain::ids::{InstitutionId, RequestId};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::QueueFilter;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct QueueRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) cohort_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) learner_no: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) requesting_code: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) receiving_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) programme_code: String,
    #[diesel(sql_type = SmallInt)]
    pub(crate) stage_no: i16,
    #[diesel(sql_type = Text)]
    pub(crate) party: String,
    #[diesel(sql_type = Text)]
    pub(crate) turn: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) due_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    pub(crate) marked: bool,
    #[diesel(sql_type = Integer)]
    pub(crate) steps: i32,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) requested_at: DateTime<Utc>,
}

/// The open requests that a view lets one see, after one, in the order in which they were sent.
pub(crate) fn list(
    conn: &mut PgConnection,
    view: View,
    filter: &QueueFilter,
    after: Option<RequestId>,
    limit: u32,
) -> Result<Vec<QueueRow>, LedgerError> {
    let (institution, learner) = match view {
        View::Whole => (None, None),
        View::OnlyOf(institution) => (Some(institution.as_uuid()), None),
        View::OnlyOwn(learner) => (None, Some(learner)),
    };
    let party = filter.party.map(creditbank_domain::process::Party::as_str);
    let learner = learner
        .as_ref()
        .map(creditbank_domain::learner_no::LearnerNo::as_str);
    Ok(diesel::sql_query(include_str!("../sql/request_queue.sql"))
        .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), RequestId::as_uuid))
        .bind::<Nullable<SqlUuid>, _>(institution)
        .bind::<Nullable<Text>, _>(learner)
        .bind::<Nullable<Text>, _>(party)
        .bind::<Nullable<Bool>, _>(filter.awaiting_answer)
        .bind::<Nullable<Bool>, _>(filter.marked)
        .bind::<Nullable<Date>, _>(filter.due_before)
        .bind::<BigInt, _>(i64::from(limit))
        .load(conn)?)
}

/// A request that waits for an institution's reviewers.
#[derive(QueryableByName)]
pub(crate) struct TurnRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    /// What somebody has to look at.
    #[diesel(sql_type = Array<Text>)]
    pub(crate) marks: Vec<String>,
}

/// Requests that wait for an institution's reviewers: so many at most of those that the rules are
/// certain of and of the others each, the ones due first coming first.
pub(crate) fn list_waiting(
    conn: &mut PgConnection,
    receiving: InstitutionId,
    limit: u32,
) -> Result<Vec<TurnRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select request_id, marks from ( \
             select r.request_id, coalesce(s.marks, '{}') as marks, \
                 row_number() over (partition by w.marked order by w.due_on, r.request_id) as nth \
             from conversion_requests r \
             join request_standings w using (learner_id, request_id) \
             left join request_steps s on s.learner_id = r.learner_id \
                 and s.request_id = r.request_id and s.step_no = 0 \
             where r.receiving_institution_id = $1 and r.state = 'requested' \
                 and w.turn = 'reviewers' and w.party = 'receiving' \
         ) waiting where nth <= $2 order by nth",
    )
    .bind::<SqlUuid, _>(receiving.as_uuid())
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}
