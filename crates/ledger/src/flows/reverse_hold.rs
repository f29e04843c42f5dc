//! An authorised reversal of what a direct hold used, once.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, ReverseEntries};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::correction::CorrectionRefused;
use creditbank_domain::ids::{CorrectionId, HoldId};
use creditbank_domain::learner_no::LearnerNo;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::reverse_entries::ReversalOrder;
use crate::store::Ledger;
use crate::tables::audit_events;
use crate::tables::corrections::{self, Kind, NewCorrection};
use crate::tables::holds;
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::transfers::{self, Move, MoveKind, User};

/// What a reversal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldReversed {
    /// The entry that says so.
    pub correction_id: CorrectionId,
    /// How much can be used again.
    pub given_back: Hundredths,
}

/// Gives back what a hold used, once, by an authorised reversal.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Refused`] where it used nothing or the lot was
/// withdrawn since, [`LedgerError::Conflict`] where it was reversed before.
pub fn reverse_hold_once(
    ledger: &Ledger,
    grant: &Grant<ReverseEntries>,
    (learner, hold): (LearnerNo, HoldId),
    order: &ReversalOrder,
    request: &Once<'_, HoldReversed>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let stored = holds::lock_by_number(tx, learner, hold)?.ok_or(LedgerError::NotFound)?;
        let learner_id = stored.learner_id;
        let uses = transfers::list_uses(tx.conn(), learner_id, &[stored.lot_id])?;
        let used = uses
            .iter()
            .find(|one| one.user == User::Hold(hold))
            .map_or(0, |one| one.used);
        let used = crate::tables::hundredths(used, "a hold")?;
        // Also where more of it was used since: a reversal is made once.
        if corrections::is_hold_reversed(tx.conn(), learner_id, hold)? {
            return Err(LedgerError::Conflict(
                CorrectionRefused::AlreadyReversed.into(),
            ));
        }
        if used.is_zero() {
            return Err(LedgerError::Refused(CorrectionRefused::NothingUsed.into()));
        }
        let cause = order.cause(grant);
        let new = NewCorrection {
            learner_id,
            correction_id: cause.correction_id,
            kind: Kind::ReverseHold(hold),
            outcome_id: None,
            successor: None,
        };
        corrections::insert(tx, &new, &cause, now)?;
        let back = Move {
            learner_id,
            lot_id: stored.lot_id,
            kind: MoveKind::Reverse,
            amount: used,
            user: Some(User::Hold(hold)),
            correction: Some(cause.correction_id),
            effective_on: bank_day(now),
        };
        transfers::move_all(tx, &[back], now)?;
        let figures = json!({ "kind": "reverse_hold" });
        let subject = ("correction", Some(cause.correction_id.as_uuid()));
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(HoldReversed {
            correction_id: cause.correction_id,
            given_back: used,
        })
    })
}
