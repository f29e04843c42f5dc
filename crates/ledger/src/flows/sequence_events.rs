//! The sequencer: gives whatever was committed its number in the change feed.
//!
//! It works outside the posting path and in rounds. A round tells what is committed now and was not
//! at the last round; the two snapshots say so exactly, whatever the transactions in between took
//! their time for. So a slow transaction holds nobody up and is told in the round after its end.
//! Everything, the snapshot included, changes in one transaction: a kill leaves the round undone.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::fault::Fault;
use serde_json::json;

use crate::error::LedgerError;
use crate::store::{Ledger, Tx};
use crate::tables::audit_events;
use crate::tables::events::{self, Scope, Untold};
use crate::tables::sequencer::{self, Standing};

/// How many events one transaction writes at most, where nothing else is wished for.
pub const EVENTS_AT_ONCE: u32 = 20_000;

/// So many transactions later the snapshot is kept, also where none of them had anything to tell.
const IDLE_TRANSACTIONS_MAX: i64 = 64;

/// What a call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sequenced {
    /// Events written.
    pub events: u64,
    /// Whether more may wait: call again at once.
    pub more: bool,
}

/// Does one round, or the next part of a round that is too much for one transaction. Where another
/// sequencer is at work, does nothing.
///
/// # Errors
/// [`LedgerError::Refused`] with `EVENTS_NEED_REBASE` where the bank was put into another cluster,
/// whose transaction numbers mean something else; [`LedgerError::Unavailable`].
pub fn sequence_events(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    at_once: u32,
    now: DateTime<Utc>,
) -> Result<Sequenced, LedgerError> {
    let at_once = at_once.max(1);
    ledger.write(grant, |tx| {
        if !sequencer::try_lock(tx)? {
            return Ok(Sequenced::default());
        }
        let standing = sequencer::find(tx.conn())?;
        if standing.foreign_numbers {
            return Err(LedgerError::Refused(needs_rebase()));
        }
        let waiting = events::list_backlog(tx.conn(), standing.last_seq, i64::from(at_once))?;
        if !waiting.is_empty() {
            tell(tx, standing.last_seq, &waiting)
        } else if !standing.begun {
            fill(tx, &Scope::Everything, standing.last_seq, now)
        } else if standing.moved() {
            round(tx, &standing, at_once, now)
        } else {
            Ok(Sequenced::default())
        }
    })
}

fn needs_rebase() -> Fault {
    Fault::new(
        "EVENTS_NEED_REBASE",
        "数据库已迁入另一个 Postgres 集群,变更流的断点失效;请核对数据后运行 creditbank events rebase",
        "the bank was put into another Postgres cluster, where the feed's place means nothing; \
         check the bank, then run creditbank events rebase",
    )
}

/// Tells the next part of the backlog.
fn tell(tx: &mut Tx<'_>, last_seq: i64, waiting: &[Untold]) -> Result<Sequenced, LedgerError> {
    let last_seq = events::tell(tx, last_seq, waiting)?;
    events::shorten_backlog(tx, last_seq)?;
    sequencer::advance(tx, last_seq)?;
    Ok(Sequenced {
        events: count(waiting)?,
        // If not of this round, then what was committed since it began.
        more: true,
    })
}

/// Puts what there is to tell into the backlog.
fn fill(
    tx: &mut Tx<'_>,
    scope: &Scope<'_>,
    last_seq: i64,
    now: DateTime<Utc>,
) -> Result<Sequenced, LedgerError> {
    let filled = events::fill_backlog(tx, scope, last_seq, now)?;
    Ok(Sequenced {
        events: 0,
        more: filled > 0,
    })
}

fn round(
    tx: &mut Tx<'_>,
    standing: &Standing,
    at_once: u32,
    now: DateTime<Utc>,
) -> Result<Sequenced, LedgerError> {
    // One more than fits tells that it is too much.
    let limit = i64::from(at_once).saturating_add(1);
    let untold = events::list_untold(tx.conn(), standing, limit)?;
    if untold.is_empty() {
        let passed = standing.upper.saturating_sub(standing.lower);
        if passed >= IDLE_TRANSACTIONS_MAX || !standing.ended.is_empty() {
            sequencer::keep_snapshot(tx, &standing.snapshot, now)?;
        }
        return Ok(Sequenced::default());
    }
    if i64::try_from(untold.len()) == Ok(limit) {
        return fill(tx, &Scope::Since(standing), standing.last_seq, now);
    }
    let last_seq = events::tell(tx, standing.last_seq, &untold)?;
    sequencer::advance(tx, last_seq)?;
    sequencer::keep_snapshot(tx, &standing.snapshot, now)?;
    Ok(Sequenced {
        events: count(&untold)?,
        more: false,
    })
}

fn count(events: &[Untold]) -> Result<u64, LedgerError> {
    u64::try_from(events.len()).map_err(|_| LedgerError::Corrupt("a count of events"))
}

/// Makes the sequencer's place that of this cluster: whatever has no event gets one, and rounds go
/// on from now. For a bank that was restored from a dump, or moved. Gives how many events wait to
/// be told; harmless where nothing was wrong.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn rebase_events(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<u64, LedgerError> {
    ledger.write(grant, |tx| {
        sequencer::lock(tx)?;
        let last_seq = sequencer::last_seq(tx.conn())?;
        events::clear_backlog(tx)?;
        let waiting = events::fill_backlog(tx, &Scope::EverythingByMoment, last_seq, now)?;
        let figures = json!({ "last_seq": last_seq, "waiting": waiting });
        audit_events::insert(tx, grant, ("events", None), &figures, now)?;
        u64::try_from(waiting).map_err(|_| LedgerError::Corrupt("a count of events"))
    })
}

/// Keeps what a round has to look through small, however much is being posted: to be called every
/// few seconds while there is. Gives how many parts of the tables were summarised; none where a
/// vacuum is doing it anyway.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn tend_events(ledger: &Ledger, grant: &Grant<KeepRegister>) -> Result<u64, LedgerError> {
    let summarized = ledger.write(grant, sequencer::summarize)?;
    u64::try_from(summarized).map_err(|_| LedgerError::Corrupt("a count of page ranges"))
}
