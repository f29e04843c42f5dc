//! What somebody has to do soon, as long as it is to be done: nothing of it is stored.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::PersonId;
use creditbank_domain::import_job::ImportJobState;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::DueItem;

/// As many of a kind; the work list has all of them.
const AT_MOST: i64 = 100;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Nullable<Date>)]
    due_on: Option<NaiveDate>,
}

fn items(kind: &'static str, rows: Vec<Row>) -> Vec<DueItem> {
    let item = |row: Row| DueItem {
        kind,
        subject_id: row.subject_id,
        due_on: row.due_on,
    };
    rows.into_iter().map(item).collect()
}

/// Requests that an institution has to decide by a day, or should have.
pub(crate) fn reviews(
    conn: &mut PgConnection,
    institution: Uuid,
    by: NaiveDate,
) -> Result<Vec<DueItem>, LedgerError> {
    let rows = diesel::sql_query(
        "select r.request_id as subject_id, s.due_on \
         from conversion_requests r join request_standings s using (learner_id, request_id) \
         where r.state = 'requested' and r.receiving_institution_id = $1 \
             and s.turn = 'reviewers' and s.party = 'receiving' and s.due_on <= $2 \
         order by s.due_on, r.request_id limit $3",
    )
    .bind::<SqlUuid, _>(institution)
    .bind::<Date, _>(by)
    .bind::<BigInt, _>(AT_MOST)
    .load(conn)?;
    Ok(items("review_due", rows))
}

/// Requests of an institution whose holds end before a moment without a decision.
pub(crate) fn holds(
    conn: &mut PgConnection,
    institution: Uuid,
    before: DateTime<Utc>,
) -> Result<Vec<DueItem>, LedgerError> {
    let rows = diesel::sql_query(
        "select request_id as subject_id, \
             (hold_expires_at at time zone 'Asia/Shanghai')::date as due_on \
         from conversion_requests \
         where state = 'requested' and requesting_institution_id = $1 and hold_expires_at < $2 \
         order by hold_expires_at, request_id limit $3",
    )
    .bind::<SqlUuid, _>(institution)
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(AT_MOST)
    .load(conn)?;
    Ok(items("hold_ends", rows))
}

/// Jobs of an institution that end before a moment where nobody answers or approves them.
pub(crate) fn waits(
    conn: &mut PgConnection,
    institution: Uuid,
    (state, kind): (ImportJobState, &'static str),
    before: DateTime<Utc>,
) -> Result<Vec<DueItem>, LedgerError> {
    let rows = diesel::sql_query(
        "select t.job_id as subject_id, \
             (t.waits_until at time zone 'Asia/Shanghai')::date as due_on \
         from import_job_turns t join import_jobs j using (job_id) \
         where t.institution_id = $1 and t.waits_until < $2 and j.state = $3 \
         order by t.waits_until, t.job_id limit $4",
    )
    .bind::<SqlUuid, _>(institution)
    .bind::<Timestamptz, _>(before)
    .bind::<Text, _>(state.as_str())
    .bind::<BigInt, _>(AT_MOST)
    .load(conn)?;
    Ok(items(kind, rows))
}

/// Proposed rule sets of the committees in which somebody sits, and on which they have said nothing.
pub(crate) fn votes(
    conn: &mut PgConnection,
    person: PersonId,
    today: NaiveDate,
) -> Result<Vec<DueItem>, LedgerError> {
    let rows = diesel::sql_query(
        "select r.rule_set_id as subject_id, null::date as due_on \
         from rule_sets r join rule_set_documents d using (rule_set_id) \
         where r.state = 'proposed' and r.proposed_by <> $1 \
             and d.content::jsonb -> 'approval' ->> 'committee' in ( \
                 select m.committee_code from committee_members m where m.member = $1 \
                     and m.member_since <= $2 and (m.member_until is null or m.member_until >= $2)) \
             and not exists (select from rule_set_votes v \
                 where v.rule_set_id = r.rule_set_id and v.voter = $1) \
         order by r.rule_set_id limit $3",
    )
    .bind::<Text, _>(person.to_string())
    .bind::<Date, _>(today)
    .bind::<BigInt, _>(AT_MOST)
    .load(conn)?;
    Ok(items("vote_awaited", rows))
}
