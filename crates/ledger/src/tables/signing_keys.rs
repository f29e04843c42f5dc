//! `signing_keys`: with which the bank signs access tokens.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Text, Timestamptz};

use crate::error::LedgerError;
use crate::store::Tx;

/// A row as it is stored.
#[derive(QueryableByName, Debug)]
pub(crate) struct SigningKeyRow {
    #[diesel(sql_type = Text)]
    pub(crate) kid: String,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Binary)]
    pub(crate) public_key: Vec<u8>,
    #[diesel(sql_type = Binary)]
    pub(crate) sealed: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
}

/// All that are not long retired, the oldest first.
pub(crate) fn list(
    conn: &mut PgConnection,
    retired_after: DateTime<Utc>,
) -> Result<Vec<SigningKeyRow>, LedgerError> {
    let rows = diesel::sql_query(
        "select kid, state, public_key, sealed, created_at from signing_keys \
         where state <> 'revoked' and (retired_at is null or retired_at > $1) \
         order by created_at, kid",
    )
    .bind::<Timestamptz, _>(retired_after)
    .load(conn)?;
    Ok(rows)
}

/// Whoever rotates takes turns until the end of the transaction; readers are not held up.
pub(crate) fn take_turn(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    tx.conn()
        .batch_execute("select pg_advisory_xact_lock(4611686018427387907)")?;
    Ok(())
}

pub(crate) fn insert_next(
    tx: &mut Tx<'_>,
    kid: &str,
    public_key: &[u8; 32],
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into signing_keys (kid, state, public_key, sealed, created_at) \
         values ($1, 'next', $2, $3, $4)",
    )
    .bind::<Text, _>(kid)
    .bind::<Binary, _>(&public_key[..])
    .bind::<Binary, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// The current key signs no more and is `left` as retired or revoked; the next one becomes
/// current.
pub(crate) fn advance(
    tx: &mut Tx<'_>,
    left: &'static str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update signing_keys set state = $2, retired_at = $1 where state = 'current'",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(left)
    .execute(tx.conn())?;
    diesel::sql_query(
        "update signing_keys set state = 'current', current_at = $1 where state = 'next'",
    )
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
