//! `person_accounts`: whose own account it is.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{LearnerId, PersonId};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = Text)]
    learner_no: String,
}

/// The number of a person's own account.
pub(crate) fn find_number(
    conn: &mut PgConnection,
    person: PersonId,
) -> Result<Option<String>, LedgerError> {
    let row: Option<NumberRow> = cached(
        "select l.learner_no from person_accounts a join learners l using (learner_id) \
         where a.person_id = $1 and a.ended_at is null",
    )
    .bind::<SqlUuid, _>(person.as_uuid())
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| row.learner_no))
}

#[derive(QueryableByName)]
struct HolderRow {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
}

/// Whose an account is.
pub(crate) fn find_person(
    conn: &mut PgConnection,
    learner: LearnerId,
) -> Result<Option<PersonId>, LedgerError> {
    let row: Option<HolderRow> = diesel::sql_query(
        "select person_id from person_accounts where learner_id = $1 and ended_at is null",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| PersonId::from_uuid(row.person_id)))
}

/// False where the account is somebody's or the person has one.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    person: PersonId,
    code: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into person_accounts (learner_id, person_id, code_id, linked_at) \
         values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(person.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(code)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// False where the account is nobody's.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let ended = diesel::sql_query(
        "update person_accounts set ended_at = $2 where learner_id = $1 and ended_at is null",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(ended == 1)
}
