//! `identity.key_checks`: the proof that the configured key is the bank's.

use diesel::prelude::*;
use diesel::sql_types::Binary;

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
    if known.iter().any(|row| row.key_check == mine) {
        Ok(())
    } else {
        Err(LedgerError::WrongIdentityKey)
    }
}
