//! `login_attempts`: who tries secrets, for all servers together.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;

/// What was tried within the time that counts.
#[derive(QueryableByName)]
pub(crate) struct Tries {
    #[diesel(sql_type = BigInt)]
    pub(crate) of_pair: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) of_address: i64,
    /// The oldest of them.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) oldest_at: Option<DateTime<Utc>>,
}

/// Those of one address come one after another, so that many at one moment are not more than the
/// limit.
pub(crate) fn take_turn(tx: &mut Tx<'_>, address: &[u8; 32]) -> Result<(), LedgerError> {
    cached("select pg_advisory_xact_lock(hashtextextended('login ' || encode($1, 'hex'), 0))")
        .bind::<Binary, _>(&address[..])
        .execute(tx.conn())?;
    Ok(())
}

pub(crate) fn count(
    conn: &mut PgConnection,
    pair: &[u8; 32],
    address: &[u8; 32],
    since: DateTime<Utc>,
) -> Result<Tries, LedgerError> {
    let tries = cached(
        "select count(*) filter (where pair_digest = $1) as of_pair, count(*) as of_address, \
             min(attempted_at) as oldest_at \
         from login_attempts where address_digest = $2 and attempted_at > $3",
    )
    .bind::<Binary, _>(&pair[..])
    .bind::<Binary, _>(&address[..])
    .bind::<Timestamptz, _>(since)
    .get_result(conn)?;
    Ok(tries)
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    pair: &[u8; 32],
    address: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Uuid, LedgerError> {
    let id = new_id();
    cached(
        "insert into login_attempts (attempt_id, pair_digest, address_digest, attempted_at) \
         values ($1, $2, $3, $4)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Binary, _>(&pair[..])
    .bind::<Binary, _>(&address[..])
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(id)
}

pub(crate) fn delete(tx: &mut Tx<'_>, attempt: Uuid) -> Result<(), LedgerError> {
    cached("delete from login_attempts where attempt_id = $1")
        .bind::<SqlUuid, _>(attempt)
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets what counts no more.
pub(crate) fn forget_before(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<(), LedgerError> {
    cached("delete from login_attempts where attempted_at < $1")
        .bind::<Timestamptz, _>(before)
        .execute(tx.conn())?;
    Ok(())
}
