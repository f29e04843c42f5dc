//! Holds for uses other than a conversion: reserve a part of a lot, settle it in parts or whole,
//! release what is left. An institution holds lots of the outcomes that it posted.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::{Amount, Hundredths};
use creditbank_domain::authz::{Grant, HoldLots};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::{HoldId, LotId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reason::ReasonCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::open_import::refuse_unless_active;
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::audit_events::Event;
use crate::tables::holds::{self, NewHold, Step, StoredHold};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::institutions;
use crate::tables::lots::{self, HoldableLot};

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

/// A hold as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldView {
    /// The hold.
    pub hold_id: HoldId,
    /// The lot.
    pub lot_id: LotId,
    /// How much was reserved.
    pub amount: Hundredths,
    /// How much of it was used.
    pub settled: Hundredths,
    /// How much of it went back.
    pub released: Hundredths,
    /// Until when the rest stands.
    pub expires_at: DateTime<Utc>,
}

/// What is done with a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldStep {
    /// Use this much of what is left.
    Settle(Hundredths),
    /// Give back all that is left.
    Release,
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
) -> Result<HoldView, LedgerError> {
    ledger.write(grant, |tx| hold(tx, grant, order, now))
}

/// As [`hold_lot`], once for an idempotency key.
///
/// # Errors
/// As [`hold_lot`], and [`LedgerError::IdempotencyKeyReused`].
pub fn hold_lot_once(
    ledger: &Ledger,
    grant: &Grant<HoldLots>,
    order: &HoldOrder,
    request: &Once<'_, HoldView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        hold(tx, grant, order, now)
    })
}

fn hold(
    tx: &mut Tx<'_>,
    grant: &Grant<HoldLots>,
    order: &HoldOrder,
    now: DateTime<Utc>,
) -> Result<HoldView, LedgerError> {
    let institution_id = grant.institution()?;
    if order.expires_at <= now {
        return Err(LedgerError::Refused(ends_before_it_begins()));
    }
    let found = lots::lock_holdable(tx, order.learner, order.lot, institution_id)?;
    if !found.is_some_and(|lot| lot.for_active) {
        let row = institutions::find(tx.conn(), institution_id)?.ok_or(LedgerError::NotFound)?;
        refuse_unless_active(&row.try_into()?)?;
    }
    let lot = found.ok_or(LedgerError::NotFound)?;
    let amount = holdable(&lot, order, now)?;
    let hold_id = HoldId::from_uuid(new_id());
    let made = NewHold {
        institution_id,
        purpose: order.purpose,
        expires_at: order.expires_at,
    };
    let held = (lot.learner_id, order.lot, hold_id);
    let figures = figures("held", amount);
    let event = Event::of(grant, ("hold", Some(hold_id.as_uuid())), &figures, now);
    holds::move_lot(tx, Step::Made(&made), held, amount, Some(&event), now)?;
    Ok(HoldView {
        hold_id,
        lot_id: order.lot,
        amount,
        settled: Hundredths::ZERO,
        released: Hundredths::ZERO,
        expires_at: order.expires_at,
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

/// Settles a part of a hold, or releases what is left of it; releasing again releases nothing.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution has no such hold, [`LedgerError::Refused`] where
/// less is left of it, [`LedgerError::Conflict`] where its time has passed.
pub fn step_hold(
    ledger: &Ledger,
    grant: &Grant<HoldLots>,
    (learner, hold): (LearnerNo, HoldId),
    step: HoldStep,
    now: DateTime<Utc>,
) -> Result<HoldView, LedgerError> {
    ledger.write(grant, |tx| take_step(tx, grant, (learner, hold), step, now))
}

/// As [`step_hold`], once for an idempotency key.
///
/// # Errors
/// As [`step_hold`], and [`LedgerError::IdempotencyKeyReused`].
pub fn step_hold_once(
    ledger: &Ledger,
    grant: &Grant<HoldLots>,
    (learner, hold): (LearnerNo, HoldId),
    step: HoldStep,
    request: &Once<'_, HoldView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        take_step(tx, grant, (learner, hold), step, now)
    })
}

fn take_step(
    tx: &mut Tx<'_>,
    grant: &Grant<HoldLots>,
    (learner, hold): (LearnerNo, HoldId),
    step: HoldStep,
    now: DateTime<Utc>,
) -> Result<HoldView, LedgerError> {
    let institution = grant.institution()?;
    let mut stored = holds::lock_by_number(tx, learner, hold)?
        .filter(|stored| stored.institution_id == institution)
        .ok_or(LedgerError::NotFound)?;
    let left = stored.left()?;
    let subject = ("hold", Some(hold.as_uuid()));
    match step {
        HoldStep::Settle(amount) => {
            let figures = figures("settled", amount);
            let event = Event::of(grant, subject, &figures, now);
            settle(tx, &mut stored, amount, &event, now)?;
        }
        HoldStep::Release if left.is_zero() => {}
        HoldStep::Release => {
            let figures = figures("released", left);
            let event = Event::of(grant, subject, &figures, now);
            release(tx, &mut stored, Some(&event), now)?;
        }
    }
    Ok(view(&stored))
}

/// What is written down about who did it.
fn figures(done: &str, amount: Hundredths) -> serde_json::Value {
    json!({ "done": done, "hundredths": amount.get() })
}

fn settle(
    tx: &mut Tx<'_>,
    hold: &mut StoredHold,
    amount: Hundredths,
    by: &Event<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let left = hold.left()?;
    if amount.is_zero() || amount > left {
        return Err(LedgerError::Refused(not_as_much(amount, left)));
    }
    if hold.expires_at < now {
        return Err(LedgerError::Conflict(lapsed(hold)));
    }
    hold.settled = sum(hold.settled, amount)?;
    holds::move_lot(tx, Step::Settled, hold.lot(), amount, Some(by), now)
}

/// Gives back what is left of a hold whose lot is locked; nobody did where its time has passed.
pub(super) fn release(
    tx: &mut Tx<'_>,
    hold: &mut StoredHold,
    by: Option<&Event<'_>>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let left = hold.left()?;
    hold.released = sum(hold.released, left)?;
    holds::move_lot(tx, Step::Released, hold.lot(), left, by, now)
}

fn sum(one: Hundredths, other: Hundredths) -> Result<Hundredths, LedgerError> {
    one.plus(other)
        .map_err(|_| LedgerError::Corrupt("a sum of a hold"))
}

fn view(hold: &StoredHold) -> HoldView {
    HoldView {
        hold_id: hold.hold_id,
        lot_id: hold.lot_id,
        amount: hold.amount,
        settled: hold.settled,
        released: hold.released,
        expires_at: hold.expires_at,
    }
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
