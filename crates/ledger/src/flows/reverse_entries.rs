//! Authorised reversals: a correction undone, a conversion taken back. Each once.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Amount;
use creditbank_domain::authz::{Grant, ReverseEntries};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::correction::{CorrectionReason, CorrectionRefused};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CorrectionId, LearnerId, OutcomeId, RequestId};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::NewLot;
use creditbank_domain::text::DocumentNumber;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::correction_view::{CorrectionView, view};
use crate::flows::learner_groups::{Groups, lock_kin, post_one};
use crate::flows::rejudge::{Judged, total};
use crate::flows::unwind::{Unwinding, lots_now};
use crate::new_id::new_id;
use crate::reads::{RequestView, request_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_lines::Stage;
use crate::tables::conversion_requests::{self, Which};
use crate::tables::corrections::{self, Cause, Kind, NewCorrection, StoredCorrection};
use crate::tables::hour_claims;
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::standing_outcomes::{self, StandingOutcome};
use crate::tables::{audit_events, hundredths, lots, notices};

/// Why something is reversed.
#[derive(Debug, Clone)]
pub struct ReversalOrder {
    /// The coded reason.
    pub reason: CorrectionReason,
    /// The document that it rests on.
    pub document: DocumentNumber,
}

impl ReversalOrder {
    pub(super) fn cause(&self, grant: &Grant<ReverseEntries>) -> Cause {
        Cause {
            correction_id: CorrectionId::from_uuid(new_id()),
            reason: self.reason,
            document: self.document.clone(),
            institution: grant.actor().institution,
            client: grant.actor().client,
        }
    }
}

/// Undoes a correction or a withdrawal: what stood before it stands again. Conversions that fell
/// with the correction do not come back by themselves: a decision is asked for again.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Refused`] where it cannot be undone,
/// [`LedgerError::Conflict`] where it was undone before or corrected since.
pub fn undo_correction_once(
    ledger: &Ledger,
    grant: &Grant<ReverseEntries>,
    correction: CorrectionId,
    order: &ReversalOrder,
    request: &Once<'_, CorrectionView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        undo(tx, grant, correction, order, now)
    })
}

fn undo(
    tx: &mut Tx<'_>,
    grant: &Grant<ReverseEntries>,
    correction: CorrectionId,
    order: &ReversalOrder,
    now: DateTime<Utc>,
) -> Result<CorrectionView, LedgerError> {
    let found = corrections::find(tx.conn(), correction)?.ok_or(LedgerError::NotFound)?;
    let mut learners = vec![found.learner_id];
    learners.extend(found.successor.map(|(learner, _)| learner));
    learners.sort();
    learners.dedup();
    lock_kin(tx, &learners)?;
    // Behind the lock: what another reversal did meanwhile is seen.
    let found = corrections::find(tx.conn(), correction)?.ok_or(LedgerError::NotFound)?;
    let (original, standing) = undoable(tx, &found)?;
    let claims_of = claiming(tx, &original)?;
    let restored = restored(tx, &original, standing.as_ref(), bank_day(now))?;
    let cause = order.cause(grant);
    let mut unwinding = Unwinding::new(&cause, now);
    let kind = Kind::Undo(correction);
    let issued = match &standing {
        Some(outcome) => {
            unwinding.supersede(tx, outcome, kind, cause.correction_id, Some(&restored))?
        }
        None => {
            let new = NewCorrection {
                learner_id: found.learner_id,
                correction_id: cause.correction_id,
                kind,
                outcome_id: None,
                successor: Some((restored.learner_id, restored.outcome_id)),
            };
            corrections::insert(tx, &new, &cause, now)?;
            unwinding.concern(original.institution_id);
            post_one(tx, &restored, now)?
        }
    };
    unwinding.carry_on(tx)?;
    if let Some(authority) = claims_of
        && hour_claims::exceed_a_cap(tx.conn(), restored.learner_id)?
    {
        let fault = Fault::of_reason(ReasonCode::CapPeriod, &authority);
        return Err(LedgerError::Refused(fault));
    }
    for learner in learners {
        let figures = json!({ "reason": order.reason.as_str() });
        let outcome = Some(original.outcome_id);
        unwinding.tell("outcome_corrected", learner, outcome, None, figures);
    }
    finish(tx, grant, &unwinding, "undo")?;
    let before = standing.as_ref().unwrap_or(&original);
    view(tx, before, &unwinding, Some((&restored, &issued)))
}

/// The authority by whose table the outcome has its hours, if by one, with the learner's turn to
/// claim there: what was claimed since may have taken the room under the year's cap.
fn claiming(tx: &mut Tx<'_>, original: &StandingOutcome) -> Result<Option<String>, LedgerError> {
    let source = original.source_ref.as_str();
    let claim = hour_claims::find_by_source(tx.conn(), original.institution_id, source)?;
    let Some(claim) = claim else {
        return Ok(None);
    };
    let groups = Groups::of(tx.conn(), &[original.learner_id])?;
    let shown_as = groups.survivor(original.learner_id);
    hour_claims::take_turn(tx, shown_as, &claim.authority)?;
    Ok(Some(claim.authority))
}

/// The outcome that the correction took back, and the one that stands instead of it.
fn undoable(
    tx: &mut Tx<'_>,
    found: &StoredCorrection,
) -> Result<(StandingOutcome, Option<StandingOutcome>), LedgerError> {
    if !found.undoable {
        return Err(LedgerError::Refused(CorrectionRefused::NotUndoable.into()));
    }
    if found.undone {
        return Err(LedgerError::Conflict(
            CorrectionRefused::AlreadyReversed.into(),
        ));
    }
    let missing = || LedgerError::Corrupt("corrections.outcome_id");
    let mut outcome_of = |learner: LearnerId, outcome: OutcomeId| {
        standing_outcomes::find(tx.conn(), learner, outcome)?.ok_or_else(missing)
    };
    let original = outcome_of(found.learner_id, found.outcome_id.ok_or_else(missing)?)?;
    let standing = match found.successor {
        Some((learner, outcome)) => Some(outcome_of(learner, outcome)?),
        None => None,
    };
    if standing.as_ref().is_some_and(|outcome| !outcome.stands) {
        return Err(LedgerError::Conflict(
            CorrectionRefused::CorrectedSince.into(),
        ));
    }
    Ok((original, standing))
}

/// The original once more, with lots like those that it had. One that went without credit because
/// another attempt had it asks for it again: the other may have fallen meanwhile.
fn restored(
    tx: &mut Tx<'_>,
    original: &StandingOutcome,
    standing: Option<&StandingOutcome>,
    today: NaiveDate,
) -> Result<PlannedOutcome, LedgerError> {
    let waited = original.earned_nothing == Some(ReasonCode::AlreadyCredited);
    let mut again = if waited {
        lots_now(tx, original, today)?.unwrap_or_default()
    } else {
        Vec::new()
    };
    let earned_nothing = original.earned_nothing.filter(|_| again.is_empty());
    for lot in lots::list_of_outcome(tx.conn(), original.learner_id, original.outcome_id)? {
        let issued = hundredths(lot.issued, "lots.issued")?;
        let amount =
            Amount::new(lot.unit, issued).map_err(|_| LedgerError::Corrupt("lots.issued"))?;
        again.push(NewLot {
            amount,
            expires_on: lot.expires_on,
        });
    }
    Ok(PlannedOutcome {
        earned_nothing,
        corrects: Some(standing.unwrap_or(original).outcome_id),
        ..original.successor(again)
    })
}

/// Takes a whole conversion back: its grants are withdrawn, what they were granted for falls with
/// them, and the lots that it used are given back to the learner.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Refused`] where it grants nothing,
/// [`LedgerError::Conflict`] where it was reversed before.
pub fn reverse_conversion_once(
    ledger: &Ledger,
    grant: &Grant<ReverseEntries>,
    conversion: RequestId,
    order: &ReversalOrder,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        reverse_conversion(tx, grant, conversion, order, now)
    })
}

fn reverse_conversion(
    tx: &mut Tx<'_>,
    grant: &Grant<ReverseEntries>,
    conversion: RequestId,
    order: &ReversalOrder,
    now: DateTime<Utc>,
) -> Result<RequestView, LedgerError> {
    let learner_id = Judged::load(tx, conversion)?.learner_id;
    lock_kin(tx, &[learner_id])?;
    let judged = Judged::load(tx, conversion)?;
    if corrections::is_reversed(tx.conn(), learner_id, conversion)? {
        return Err(LedgerError::Conflict(
            CorrectionRefused::AlreadyReversed.into(),
        ));
    }
    let lines = judged.lines(tx)?;
    let granted_before = total(&lines)?;
    if granted_before.is_zero() {
        return Err(LedgerError::Refused(
            CorrectionRefused::NothingGranted.into(),
        ));
    }
    let cause = order.cause(grant);
    let new = NewCorrection {
        learner_id,
        correction_id: cause.correction_id,
        kind: Kind::ReverseConversion(conversion),
        outcome_id: None,
        successor: None,
    };
    corrections::insert(tx, &new, &cause, now)?;
    let mut unwinding = Unwinding::new(&cause, now);
    let used: Vec<_> = lines.iter().filter(|line| line.used > 0).collect();
    let revised = unwinding.take_back(tx, &judged, &used, order.document.as_str())?;
    unwinding.write_lines(tx, &judged, Stage::Decision, &revised)?;
    unwinding.say_revised(tx, &judged, granted_before, "conversion_reversed")?;
    unwinding.carry_on(tx)?;
    finish(tx, grant, &unwinding, "reverse_conversion")?;
    let whole = creditbank_domain::authz::View::Whole;
    let rows = conversion_requests::list(tx.conn(), Which::One(conversion), whole)?;
    request_view(tx.conn(), rows)
}

/// Tells everyone and writes down who did it.
fn finish(
    tx: &mut Tx<'_>,
    grant: &Grant<ReverseEntries>,
    unwinding: &Unwinding<'_>,
    kind: &'static str,
) -> Result<(), LedgerError> {
    notices::insert_all(tx, &unwinding.notices, unwinding.now)?;
    let subject = ("correction", Some(unwinding.cause.correction_id.as_uuid()));
    let figures = json!({ "kind": kind, "conversions": unwinding.revised.len() });
    audit_events::insert(tx, grant, subject, &figures, unwinding.now)
}
