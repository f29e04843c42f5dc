//! `totals` and `totals_progress`: sums by institution, unit, category and day, made from events.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::error::LedgerError;
use crate::store::Tx;

/// Takes the roll-up's turn until the transaction ends; false where another has it.
pub(crate) fn try_lock(tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct LockRow {
        #[diesel(sql_type = Bool)]
        locked: bool,
    }
    let row: LockRow = diesel::sql_query(
        "select pg_try_advisory_xact_lock(hashtextextended('creditbank totals', 0)) as locked",
    )
    .get_result(tx.conn())?;
    Ok(row.locked)
}

/// Waits for the roll-up's turn.
pub(crate) fn lock(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('creditbank totals', 0))")
        .execute(tx.conn())?;
    Ok(())
}

/// The newest event that is counted.
pub(crate) fn progress(conn: &mut PgConnection) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct ProgressRow {
        #[diesel(sql_type = BigInt)]
        seq: i64,
    }
    let row: ProgressRow = diesel::sql_query("select seq from totals_progress").get_result(conn)?;
    Ok(row.seq)
}

/// Counts the events behind `after` up to `up_to`.
pub(crate) fn roll_up(tx: &mut Tx<'_>, after: i64, up_to: i64) -> Result<(), LedgerError> {
    diesel::sql_query(include_str!("../sql/roll_up_totals.sql"))
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(up_to)
        .execute(tx.conn())?;
    Ok(())
}

/// Says that events up to this one are counted.
pub(crate) fn advance(tx: &mut Tx<'_>, after: i64, up_to: i64) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update totals_progress set seq = $2, recorded_at = greatest(recorded_at, \
             (select max(recorded_at) from events where seq > $1 and seq <= $2))",
    )
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(up_to)
    .execute(tx.conn())?;
    Ok(())
}

/// Forgets all sums. They are made again before the transaction ends.
pub(crate) fn clear(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    diesel::sql_query("delete from totals").execute(tx.conn())?;
    Ok(())
}

/// A number that is the same for the same sums, and how many rows they are.
pub(crate) fn fingerprint(conn: &mut PgConnection) -> Result<(i64, i64), LedgerError> {
    #[derive(QueryableByName)]
    struct FingerprintRow {
        #[diesel(sql_type = BigInt)]
        digest: i64,
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let row: FingerprintRow = diesel::sql_query(
        "select coalesce(bit_xor(hash_record_extended(t, 0)), 0) as digest, count(*) as rows \
         from totals t",
    )
    .get_result(conn)?;
    Ok((row.digest, row.rows))
}
