//! What the calendar does to lots: those past their last day expire, and their learners are told
//! 180, 90 and 30 days ahead.
//!
//! Run every hour or so by the server, in small transactions; several servers may run it at once.
//! A balance counts a lot as expired from its day on, whether or not this has come to it yet.

use chrono::{DateTime, Days, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::calendar::bank_day;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::lot_expiry::{self, EndingLot};
use crate::tables::transfers::{self, Move, MoveKind};

/// How many lots one transaction moves or warns of.
const AT_ONCE_MAX: u32 = 1_000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expiry {
    /// Lots of which something expired.
    pub expired: usize,
    /// Warnings given.
    pub warned: usize,
}

/// Moves what can be used no longer, and warns of what will end.
///
/// # Errors
/// [`LedgerError::Unavailable`]. What was done before the error stays done.
pub fn expire_lots(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<Expiry, LedgerError> {
    let today = bank_day(now);
    let mut done = Expiry::default();
    let mut after: Option<EndingLot> = None;
    loop {
        let ended = ledger.write(grant, |tx| {
            let ended = lot_expiry::lock_ended(tx, today, after, AT_ONCE_MAX)?;
            let moves: Vec<Move> = ended.iter().map(expiring).collect();
            transfers::move_all(tx, &moves, now)?;
            Ok(ended)
        })?;
        done.expired = done.expired.saturating_add(ended.len());
        after = ended.last().copied();
        if after.is_none() {
            break;
        }
    }
    loop {
        let warned = ledger.write(grant, |tx| lot_expiry::warn(tx, today, AT_ONCE_MAX, now))?;
        done.warned = done.warned.saturating_add(warned);
        if warned == 0 {
            return Ok(done);
        }
    }
}

fn expiring(lot: &EndingLot) -> Move {
    Move {
        learner_id: lot.learner_id,
        lot_id: lot.lot_id,
        kind: MoveKind::Expire,
        amount: lot.available,
        user: None,
        correction: None,
        effective_on: day_after(lot.expires_on),
    }
}

/// It can be used on its last day and counts as expired from the next.
fn day_after(last: NaiveDate) -> NaiveDate {
    last.checked_add_days(Days::new(1)).unwrap_or(last)
}
