//! Holds for uses other than a conversion: reserve a part of a lot, settle it in parts or whole,
//! release what is left. An institution holds lots of the outcomes that it posted.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::{Amount, Hundredths};
use creditbank_domain::authz::{Grant, HoldLots, ReverseEntries};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::correction::CorrectionRefused;
use creditbank_domain::fault::Fault;
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::{HoldId, LearnerId, LotId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::open_import::refuse_unless_active;
use crate::flows::reverse_entries::ReversalOrder;
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::corrections::{self, Kind, NewCorrection};
use crate::tables::holds::{self, NewHold, StoredHold};
use crate::tables::lots::{self, HoldableLot};
use crate::tables::transfers::{self, Move, MoveKind, User};
use crate::tables::{institutions, learners};

/// What is to be held.
#[derive(Debug, Clone, Copy)]
pub struct HoldOrder {
    /// Whose lot it is.
    pub learner: LearnerNo,
    /// The lot.
    pub lot: LotId,
    /// How much of it; the unit is the lot's.
    pub amount: Amount,
    /// What for.
    pub purpose: HoldPurpose,
    /// Until when it stands.
    pub expires_at: DateTime<Utc>,
}

/// Reserves a part of a lot.
///
/// # Errors
/// [`LedgerError::NotFound`] where the lot is not one of an outcome that the institution posted,
/// [`LedgerError::Refused`] where there is not as much of it, or no longer.
pub fn hold_lot(
    ledger: &Ledger,
    grant: &Grant<HoldLots>,
    order: &HoldOrder,
    now: DateTime<Utc>,
) -> Result<HoldId, LedgerError> {
    let institution_id = grant.institution()?;
    if order.expires_at <= now {
        return Err(LedgerError::Refused(ends_before_it_begins()));
    }
    ledger.write(|tx| {
        let row = institutions::find(tx.conn(), institution_id)?.ok_or(LedgerError::NotFound)?;
        refuse_unless_active(&row.try_into()?)?;
        let account = learners::find_by_number(tx.conn(), order.learner)?;
        let learner_id = account.ok_or(LedgerError::NotFound)?.learner_id;
        let lot = lots::lock_holdable(tx, learner_id, order.lot, institution_id)?
            .ok_or(LedgerError::NotFound)?;
        let amount = holdable(&lot, order, now)?;
        let hold_id = HoldId::from_uuid(new_id());
        let hold = NewHold {
            learner_id,
            hold_id,
            lot_id: order.lot,
            institution_id,
            purpose: order.purpose,
            amount,
            expires_at: order.expires_at,
        };
        holds::insert(tx, &hold, now)?;
        let kind = MoveKind::Hold;
        move_one(tx, (learner_id, order.lot, hold_id), kind, amount, now)?;
        Ok(hold_id)
    })
}

fn holdable(
    lot: &HoldableLot,
    order: &HoldOrder,
    now: DateTime<Utc>,
) -> Result<Hundredths, LedgerError> {
    if lot.unit != order.amount.unit() {
        return Err(LedgerError::Refused(
            creditbank_domain::amount::AmountError::UnitMismatch.into(),
        ));
    }
    if lot.expires_on.is_some_and(|last| last < bank_day(now)) {
        return Err(LedgerError::Refused(Fault::of_reason(
            ReasonCode::Expired,
            &lot.expires_on
                .map(|last| last.to_string())
                .unwrap_or_default(),
        )));
    }
    let amount = order.amount.hundredths();
    if amount > lot.available {
        return Err(LedgerError::Refused(not_as_much(amount, lot.available)));
    }
    Ok(amount)
}

/// Uses a part of what is held, or all of it.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution has no such hold, [`LedgerError::Refused`] where
/// less is left of it, [`LedgerError::Conflict`] where its time has passed.
pub fn settle_hold(
    ledger: &Ledger,
    grant: &Grant<HoldLots>,
    learner: LearnerNo,
    hold: HoldId,
    amount: Hundredths,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(|tx| {
        let stored = lock_own(tx, grant, learner, hold)?;
        if amount.is_zero() || amount > stored.left {
            return Err(LedgerError::Refused(not_as_much(amount, stored.left)));
        }
        if stored.expires_at < now {
            return Err(LedgerError::Conflict(lapsed(&stored)));
        }
        holds::add_settled(tx, stored.learner_id, hold, amount)?;
        let parts = (stored.learner_id, stored.lot_id, hold);
        move_one(tx, parts, MoveKind::Settle, amount, now)
    })
}

/// Gives back what is left of a hold, and says how much that was; nothing the second time.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution has no such hold.
pub fn release_hold(
    ledger: &Ledger,
    grant: &Grant<HoldLots>,
    learner: LearnerNo,
    hold: HoldId,
    now: DateTime<Utc>,
) -> Result<Hundredths, LedgerError> {
    ledger.write(|tx| {
        let stored = lock_own(tx, grant, learner, hold)?;
        release(tx, &stored, now)
    })
}

/// Gives back what a hold used, once, by an authorised reversal.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Refused`] where it used nothing or the lot was
/// withdrawn since, [`LedgerError::Conflict`] where it was reversed before.
pub fn reverse_hold(
    ledger: &Ledger,
    grant: &Grant<ReverseEntries>,
    learner: LearnerNo,
    hold: HoldId,
    order: &ReversalOrder,
    now: DateTime<Utc>,
) -> Result<Hundredths, LedgerError> {
    ledger.write(|tx| {
        let account = learners::find_by_number(tx.conn(), learner)?;
        let learner_id = account.ok_or(LedgerError::NotFound)?.learner_id;
        let stored = holds::lock(tx, learner_id, hold)?.ok_or(LedgerError::NotFound)?;
        let uses = transfers::list_uses(tx.conn(), learner_id, &[stored.lot_id])?;
        let used = uses
            .iter()
            .find(|one| one.user == User::Hold(hold))
            .map_or(0, |one| one.used);
        let used = crate::tables::hundredths(used, "a hold")?;
        if used.is_zero() {
            let reversed = corrections::is_hold_reversed(tx.conn(), learner_id, hold)?;
            return Err(if reversed {
                LedgerError::Conflict(CorrectionRefused::AlreadyReversed.into())
            } else {
                LedgerError::Refused(CorrectionRefused::NothingUsed.into())
            });
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
        Ok(used)
    })
}

/// Gives back what is left of a hold whose lot is locked.
pub(super) fn release(
    tx: &mut Tx<'_>,
    hold: &StoredHold,
    now: DateTime<Utc>,
) -> Result<Hundredths, LedgerError> {
    holds::add_released(tx, hold.learner_id, hold.hold_id, hold.left)?;
    let parts = (hold.learner_id, hold.lot_id, hold.hold_id);
    move_one(tx, parts, MoveKind::Release, hold.left, now)?;
    Ok(hold.left)
}

fn lock_own(
    tx: &mut Tx<'_>,
    grant: &Grant<HoldLots>,
    learner: LearnerNo,
    hold: HoldId,
) -> Result<StoredHold, LedgerError> {
    let institution = grant.institution()?;
    let account = learners::find_by_number(tx.conn(), learner)?;
    let learner_id = account.ok_or(LedgerError::NotFound)?.learner_id;
    holds::lock(tx, learner_id, hold)?
        .filter(|stored| stored.institution_id == institution)
        .ok_or(LedgerError::NotFound)
}

fn move_one(
    tx: &mut Tx<'_>,
    (learner_id, lot_id, hold): (LearnerId, LotId, HoldId),
    kind: MoveKind,
    amount: Hundredths,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let one = Move {
        learner_id,
        lot_id,
        kind,
        amount,
        user: Some(User::Hold(hold)),
        correction: None,
        effective_on: bank_day(now),
    };
    transfers::move_all(tx, &[one], now)
}

fn not_as_much(wanted: Hundredths, there: Hundredths) -> Fault {
    Fault::new(
        "NOT_AS_MUCH",
        format!("数量应大于零且不超过现有 {there},所求为 {wanted}"),
        format!("the amount must be above zero and at most {there}; {wanted} was asked for"),
    )
}

fn ends_before_it_begins() -> Fault {
    Fault::new(
        "HOLD_ENDS_IN_THE_PAST",
        "预留的到期时间应晚于当前时间",
        "a hold has to end in the future",
    )
}

fn lapsed(hold: &StoredHold) -> Fault {
    Fault::new(
        "HOLD_LAPSED",
        format!("预留已于 {} 到期,请重新预留", hold.expires_at),
        format!("the hold stood until {}; hold again", hold.expires_at),
    )
}
