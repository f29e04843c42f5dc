//! `sequencer`: how far events are. One row, and a lock that nobody waits for.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text, Timestamptz};

use crate::error::LedgerError;
use crate::store::Tx;

/// Where the sequencer is and what it could see now.
#[derive(QueryableByName)]
pub(crate) struct Standing {
    #[diesel(sql_type = BigInt)]
    pub(crate) last_seq: i64,
    /// Whether there ever was a round.
    #[diesel(sql_type = Bool)]
    pub(crate) begun: bool,
    /// Whether the last round's transaction numbers are another cluster's.
    #[diesel(sql_type = Bool)]
    pub(crate) foreign_numbers: bool,
    /// What is committed now.
    #[diesel(sql_type = Text)]
    pub(crate) snapshot: String,
    /// The first transaction that the last round could not see.
    #[diesel(sql_type = BigInt)]
    pub(crate) lower: i64,
    /// The first one that this round cannot.
    #[diesel(sql_type = BigInt)]
    pub(crate) upper: i64,
    /// Those that ran at the last round and have ended since.
    #[diesel(sql_type = Array<BigInt>)]
    pub(crate) ended: Vec<i64>,
}

impl Standing {
    /// Whether any transaction ended since the last round.
    pub(crate) fn moved(&self) -> bool {
        self.lower != self.upper || !self.ended.is_empty()
    }
}

/// Takes the sequencer's turn until the transaction ends; false where another has it.
///
/// A lock of its own and not of the row: it needs no transaction number, so that a round which
/// finds nothing leaves nothing.
pub(crate) fn try_lock(tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct LockRow {
        #[diesel(sql_type = Bool)]
        locked: bool,
    }
    let row: LockRow = diesel::sql_query(
        "select pg_try_advisory_xact_lock(hashtextextended('creditbank sequencer', 0)) as locked",
    )
    .get_result(tx.conn())?;
    Ok(row.locked)
}

/// Waits for the sequencer's turn.
pub(crate) fn lock(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('creditbank sequencer', 0))")
        .execute(tx.conn())?;
    Ok(())
}

/// Where it is. Only behind the lock does this stay true.
pub(crate) fn find(conn: &mut PgConnection) -> Result<Standing, LedgerError> {
    Ok(diesel::sql_query(include_str!("../sql/sequencer_standing.sql")).get_result(conn)?)
}

/// The number of the newest event.
pub(crate) fn last_seq(conn: &mut PgConnection) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct SeqRow {
        #[diesel(sql_type = BigInt)]
        last_seq: i64,
    }
    let row: SeqRow = diesel::sql_query("select last_seq from sequencer").get_result(conn)?;
    Ok(row.last_seq)
}

/// Says that events up to this one are written.
pub(crate) fn advance(tx: &mut Tx<'_>, last_seq: i64) -> Result<(), LedgerError> {
    diesel::sql_query("update sequencer set last_seq = $1")
        .bind::<BigInt, _>(last_seq)
        .execute(tx.conn())?;
    Ok(())
}

/// Says that whatever was committed in a snapshot has its event.
pub(crate) fn keep_snapshot(
    tx: &mut Tx<'_>,
    snapshot: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query("update sequencer set last_snapshot = $1::text::pg_snapshot, round_at = $2")
        .bind::<Text, _>(snapshot)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    Ok(())
}

/// Summarises the indexes by which rounds find the newest rows; the application has no right to it
/// but through this function. Gives how many ranges of pages it did.
pub(crate) fn summarize(tx: &mut Tx<'_>) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct SummaryRow {
        #[diesel(sql_type = BigInt)]
        summarized: i64,
    }
    let row: SummaryRow =
        diesel::sql_query("select summarize_made_in() as summarized").get_result(tx.conn())?;
    Ok(row.summarized)
}
