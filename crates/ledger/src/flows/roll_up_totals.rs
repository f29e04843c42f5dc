//! The roll-up: counts events into totals, behind a cursor of its own and outside the posting path.
//!
//! Sums and cursor change in one transaction, so at any moment the totals are exactly the sums over
//! the events up to the cursor.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use serde_json::json;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::{audit_events, sequencer, totals};

/// What a call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RolledUp {
    /// Events counted.
    pub events: u64,
    /// Whether more are there: call again at once.
    pub more: bool,
}

/// What making the totals again showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RebuiltTotals {
    /// The newest event that they count.
    pub up_to_seq: u64,
    /// How many rows there are.
    pub rows: u64,
    /// Whether they are what was there before. Anything else is a fault.
    pub unchanged: bool,
}

/// Counts at most so many events. Where another roll-up is at work, does nothing.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn roll_up_totals(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    at_once: u32,
) -> Result<RolledUp, LedgerError> {
    ledger.write(grant, |tx| {
        if !totals::try_lock(tx)? {
            return Ok(RolledUp::default());
        }
        let after = totals::progress(tx.conn())?;
        let last = sequencer::last_seq(tx.conn())?;
        let up_to = last.min(after.saturating_add(i64::from(at_once.max(1))));
        if up_to <= after {
            return Ok(RolledUp::default());
        }
        totals::roll_up(tx, after, up_to)?;
        totals::advance(tx, after, up_to)?;
        Ok(RolledUp {
            events: number(up_to.saturating_sub(after))?,
            more: up_to < last,
        })
    })
}

/// Makes the totals again from nothing, up to the event that they count already, in one
/// transaction: whoever reads meanwhile sees the old ones, whoever posts notices nothing.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn rebuild_totals(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<RebuiltTotals, LedgerError> {
    ledger.write(grant, |tx| {
        totals::lock(tx)?;
        let up_to = totals::progress(tx.conn())?;
        let before = totals::fingerprint(tx.conn())?;
        totals::clear(tx)?;
        totals::roll_up(tx, 0, up_to)?;
        let after = totals::fingerprint(tx.conn())?;
        let rebuilt = RebuiltTotals {
            up_to_seq: number(up_to)?,
            rows: number(after.1)?,
            unchanged: before == after,
        };
        let figures = json!({ "up_to_seq": up_to, "unchanged": rebuilt.unchanged });
        audit_events::insert(tx, grant, ("totals", None), &figures, now)?;
        Ok(rebuilt)
    })
}

fn number(value: i64) -> Result<u64, LedgerError> {
    u64::try_from(value).map_err(|_| LedgerError::Corrupt("a count of events"))
}
