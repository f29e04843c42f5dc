//! `identity.key_checks`: the proof that the configured key is the bank's.

use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool};

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName)]
struct KeyCheckRow {
    #[diesel(sql_type = Binary)]
    key_check: Vec<u8>,
}

/// The first key to come is the bank's; another one is refused from then on.
pub(crate) fn claim(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    let mine = tx.keys().key_check();
    diesel::sql_query(
        "insert into identity.key_checks (key_check, created_at) \
         select $1, now() where not exists (select from identity.key_checks) \
         on conflict do nothing",
    )
    .bind::<Binary, _>(&mine[..])
    .execute(tx.conn())?;
    let known: Vec<KeyCheckRow> =
        diesel::sql_query("select key_check from identity.key_checks").load(tx.conn())?;
    if !known.iter().any(|row| row.key_check == mine) {
        return Err(LedgerError::WrongIdentityKey);
    }
    claim_wall(tx)
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = Bool)]
    claimed: bool,
}

/// Leaves what the database checks signatures with, where it has nothing yet.
///
/// Where the migration of the wall is missing there is no wall yet; the server says what is missing.
fn claim_wall(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    let built: ClaimedRow =
        diesel::sql_query("select to_regproc('claim_wall_key') is not null as claimed")
            .get_result(tx.conn())?;
    if !built.claimed {
        return Ok(());
    }
    let [inner, outer] = tx.keys().wall_pads();
    let row: ClaimedRow = diesel::sql_query("select claim_wall_key($1, $2) as claimed")
        .bind::<Binary, _>(&inner[..])
        .bind::<Binary, _>(&outer[..])
        .get_result(tx.conn())?;
    if row.claimed {
        Ok(())
    } else {
        Err(LedgerError::WrongIdentityKey)
    }
}
