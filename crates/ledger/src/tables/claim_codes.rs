//! `claim_codes` and `claim_attempts`: how a learner who signed in proves which account is theirs.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{InstitutionId, LearnerId, PersonId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// A code to be handed out.
pub(crate) struct NewRow {
    pub(crate) digest: [u8; 32],
    pub(crate) learner: LearnerId,
    pub(crate) institution: InstitutionId,
    pub(crate) client: Option<Uuid>,
    pub(crate) person: Option<Uuid>,
    pub(crate) expires_at: DateTime<Utc>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: &NewRow,
    now: DateTime<Utc>,
) -> Result<Uuid, LedgerError> {
    let id = new_id();
    diesel::sql_query(
        "insert into claim_codes (code_id, digest, learner_id, institution_id, issued_at, \
             issued_by_client, issued_by_person, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Binary, _>(&row.digest[..])
    .bind::<SqlUuid, _>(row.learner.as_uuid())
    .bind::<SqlUuid, _>(row.institution.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(row.client)
    .bind::<Nullable<SqlUuid>, _>(row.person)
    .bind::<Timestamptz, _>(row.expires_at)
    .execute(tx.conn())?;
    Ok(id)
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// How many codes of an account could be redeemed.
pub(crate) fn count_open(
    conn: &mut PgConnection,
    learner: LearnerId,
    now: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    let row: CountRow = diesel::sql_query(
        "select count(*) as found from claim_codes \
         where learner_id = $1 and used_at is null and expires_at > $2",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<Timestamptz, _>(now)
    .get_result(conn)?;
    Ok(row.found)
}

/// Codes of one account are handed out one after another.
pub(crate) fn take_turn(tx: &mut Tx<'_>, name: &str) -> Result<(), LedgerError> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('claim ' || $1, 0))")
        .bind::<Text, _>(name)
        .execute(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct KnownRow {
    #[diesel(sql_type = Bool)]
    known: bool,
}

/// Whether an institution opened an account or posted an outcome of it.
pub(crate) fn is_known_to(
    conn: &mut PgConnection,
    learner: LearnerId,
    institution: InstitutionId,
) -> Result<bool, LedgerError> {
    let row: KnownRow = diesel::sql_query(
        "select exists (select from learners where learner_id = $1 and opened_by = $2) \
             or exists (select from outcomes where learner_id = $1 and institution_id = $2) \
             as known",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .get_result(conn)?;
    Ok(row.known)
}

/// A code that was handed out.
#[derive(QueryableByName)]
pub(crate) struct CodeRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) code_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) learner_no: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) expires_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) used_by: Option<Uuid>,
}

/// Whoever redeems the same code at the same moment waits.
pub(crate) fn lock(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<Option<CodeRow>, LedgerError> {
    let row = diesel::sql_query(
        "select c.code_id, c.learner_id, l.learner_no, c.expires_at, c.used_by \
         from claim_codes c join learners l using (learner_id) \
         where c.digest = $1 for update of c",
    )
    .bind::<Binary, _>(&digest[..])
    .get_result(tx.conn())
    .optional()?;
    Ok(row)
}

pub(crate) fn mark_used(
    tx: &mut Tx<'_>,
    code: Uuid,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query("update claim_codes set used_at = $2, used_by = $3 where code_id = $1")
        .bind::<SqlUuid, _>(code)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(person.as_uuid())
        .execute(tx.conn())?;
    Ok(())
}

/// How often a login tried in vain since a moment.
pub(crate) fn count_attempts(
    conn: &mut PgConnection,
    login: &[u8; 32],
    since: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    let row: CountRow = diesel::sql_query(
        "select count(*) as found from claim_attempts \
         where login_digest = $1 and attempted_at > $2",
    )
    .bind::<Binary, _>(&login[..])
    .bind::<Timestamptz, _>(since)
    .get_result(conn)?;
    Ok(row.found)
}

pub(crate) fn insert_attempt(
    tx: &mut Tx<'_>,
    login: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into claim_attempts (login_digest, attempted_at, attempt_id) values ($1, $2, $3)",
    )
    .bind::<Binary, _>(&login[..])
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(new_id())
    .execute(tx.conn())?;
    Ok(())
}

/// Forgets attempts that count no more.
pub(crate) fn forget_attempts(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<(), LedgerError> {
    diesel::sql_query("delete from claim_attempts where attempted_at < $1")
        .bind::<Timestamptz, _>(before)
        .execute(tx.conn())?;
    Ok(())
}
