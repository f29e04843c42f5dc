//! What time does: holds that nobody decided about are released, answers kept for retries go, and
//! what two writers at one moment could not see of each other is found.
//!
//! Run every minute or so by the server, in small transactions; several servers may run it at once.

use chrono::{DateTime, Days, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::{InstitutionId, LearnerId, RequestId};
use creditbank_domain::process::{Party, StepKind, Turn};
use creditbank_domain::reason::ReasonCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::find_duplicates::find_late_duplicates;
use crate::flows::holds::release;
use crate::flows::judge_requests::Judging;
use crate::flows::keep_consents::end_lapsed;
use crate::flows::merge_learners::find_late_collisions;
use crate::flows::request_ways::NewStep;
use crate::flows::walk_requests::{Seen, Walk, note, walk};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_requests::{self, RequestRow, Side, Which};
use crate::tables::holds::{self, StoredHold};
use crate::tables::idempotency_keys;
use crate::tables::notices::{self, Notice};
use crate::tables::request_steps;

/// How many requests one call lapses at most.
const AT_ONCE_MAX: u32 = 500;

/// How many keys one transaction forgets, and how many transactions a call takes for it: more than
/// a minute brings, so that what was left lying is caught up with.
const KEYS_AT_ONCE: u32 = 5_000;
const KEY_ROUNDS_MAX: usize = 20;

/// Answers are kept a week for clients that retry late; a day is what they are promised.
const KEYS_KEPT_DAYS: u64 = 7;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Housekeeping {
    /// Requests refused because their holds timed out.
    pub lapsed: usize,
    /// Requests whose being late was told.
    pub escalated: usize,
    /// Requests taken back because the consent that they rest on has run out.
    pub consents_lapsed: usize,
    /// Direct holds released because their time had passed.
    pub holds_lapsed: usize,
    /// Answers forgotten.
    pub keys_forgotten: usize,
}

/// Releases what timed out and forgets old answers. Somebody who decides such a request at this
/// very moment comes first or finds it decided.
///
/// # Errors
/// [`LedgerError::Denied`] where the actor may not decide for every institution,
/// [`LedgerError::Unavailable`]. What was done before the error stays done.
pub fn keep_house(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<Housekeeping, LedgerError> {
    let mut done = Housekeeping::default();
    let overdue = ledger.read(grant, |conn| {
        conversion_requests::list_overdue(conn, now, AT_ONCE_MAX)
    })?;
    for (request, receiving) in overdue {
        match ledger.write(grant, |tx| {
            lapse_request(tx, grant, (request, receiving), now)
        }) {
            Ok(()) => done.lapsed = done.lapsed.saturating_add(1),
            // Decided a moment ago.
            Err(LedgerError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    done.consents_lapsed = end_lapsed(ledger, grant, now)?;
    for hold in ledger.read(grant, |conn| holds::list_overdue(conn, now, AT_ONCE_MAX))? {
        if ledger.write(grant, |tx| lapse_hold(tx, &hold, now))? {
            done.holds_lapsed = done.holds_lapsed.saturating_add(1);
        }
    }
    done.escalated = ledger.write(grant, |tx| escalate(tx, now))?;
    find_late_duplicates(ledger, grant, now)?;
    find_late_collisions(ledger, grant, now)?;
    let before = now
        .checked_sub_days(Days::new(KEYS_KEPT_DAYS))
        .unwrap_or(now);
    for _ in 0..KEY_ROUNDS_MAX {
        let forgotten = ledger.write(grant, |tx| {
            idempotency_keys::forget_before(tx, before, KEYS_AT_ONCE)
        })?;
        done.keys_forgotten = done.keys_forgotten.saturating_add(forgotten);
        if usize::try_from(KEYS_AT_ONCE).is_ok_and(|all| forgotten < all) {
            break;
        }
    }
    Ok(done)
}

/// Ends a request about which nobody did anything while its holds stood.
fn lapse_request(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    (request, receiving): (RequestId, InstitutionId),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let order = Walk {
        side: Side::Receiving(receiving),
        which: Which::One(request),
        seen: Seen::new(),
        by: grant.actor(),
        step: NewStep {
            kind: StepKind::Lapsed,
            party: Party::Bank,
            hand: None,
            text: None,
            not_accepted: Vec::new(),
        },
    };
    let why = |row: &RequestRow, turn| {
        let until = bank_day(row.hold_expires_at).to_string();
        let reason = match turn {
            Turn::Applicant => ReasonCode::EvidenceMissing,
            Turn::Reviewers | Turn::Nobody => ReasonCode::HoldExpired,
        };
        Ok(Judging::RefuseAll(reason, until))
    };
    let walked = walk(tx, &order, why, now)?;
    note(tx, grant, order.which, &walked, now)
}

/// Tells both sides of requests that are late, once at each stage.
fn escalate(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<usize, LedgerError> {
    let late = request_steps::escalate(tx, bank_day(now), now, AT_ONCE_MAX)?;
    let told: Vec<Notice> = { late.iter() }
        .map(|row| Notice {
            learner_id: LearnerId::from_uuid(row.learner_id),
            kind: "request_overdue",
            institutions: { row.requesting_institution_id.into_iter() }
                .chain([row.receiving_institution_id])
                .map(InstitutionId::from_uuid)
                .collect(),
            lot: None,
            outcome: None,
            request: Some(RequestId::from_uuid(row.request_id)),
            correction: None,
            figures: json!({ "stage": row.stage_no, "party": row.party, "due_on": row.due_on }),
        })
        .collect();
    notices::insert_all(tx, &told, now)?;
    Ok(told.len())
}

/// Releases a hold whose time has passed, unless it was settled a moment ago.
fn lapse_hold(
    tx: &mut Tx<'_>,
    overdue: &StoredHold,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let found = holds::lock(tx, overdue.learner_id, overdue.hold_id)?;
    let Some(mut hold) = found else {
        return Ok(false);
    };
    let left = hold.left()?;
    if left.is_zero() {
        return Ok(false);
    }
    release(tx, &mut hold, None, now)?;
    let notice = Notice {
        learner_id: hold.learner_id,
        kind: "hold_lapsed",
        institutions: vec![hold.institution_id],
        lot: Some(hold.lot_id),
        outcome: None,
        request: None,
        correction: None,
        figures: json!({ "released": left.to_string() }),
    };
    notices::insert_all(tx, &[notice], now)?;
    Ok(true)
}
