//! An institution corrects or withdraws an outcome that it posted.
//!
//! Nothing is edited: the outcome's lots are withdrawn, what takes its place is recognised and
//! posted like any other outcome, and the conversions that rested on it are judged again.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{CorrectOutcomes, Grant};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::correction::{Change, Corrected, CorrectionReason, CorrectionRefused};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CorrectionId, LearnerId, LotId};
use creditbank_domain::institution::Institution;
use creditbank_domain::outcome::{LearnerRef, ReportedOutcome};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::{Recognition, recognise};
use creditbank_domain::text::{DocumentNumber, SourceRef};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::correction_facts::{corrected_report, report_of};
use crate::flows::correction_view::{CorrectionView, view};
use crate::flows::learner_groups::{Groups, lock_kin};
use crate::flows::open_import::refuse_unless_active;
use crate::flows::resolve_learners;
use crate::flows::stated::{amounts_in_full, stated};
use crate::flows::unwind::Unwinding;
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::catalogue::OwnedVersion;
use crate::tables::corrections::{Cause, Kind};
use crate::tables::hour_claims;
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::learners::Account;
use crate::tables::outcomes::PlannedOutcome;
use crate::tables::standing_outcomes::{self, StandingOutcome};
use crate::tables::{audit_events, catalogue, institutions, notices};

/// What an institution says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionOrder {
    /// Its own record id of the outcome.
    pub source_ref: SourceRef,
    /// What was otherwise.
    pub change: Change,
    /// Why.
    pub reason: CorrectionReason,
    /// The document that it rests on.
    pub document: DocumentNumber,
}

/// Corrects or withdraws one outcome in one transaction.
///
/// # Errors
/// [`LedgerError::Refused`] where the outcome is not this institution's or the correction is not
/// one, [`LedgerError::Conflict`] where the outcome was withdrawn before.
pub fn correct_outcome(
    ledger: &Ledger,
    grant: &Grant<CorrectOutcomes>,
    order: &CorrectionOrder,
    now: DateTime<Utc>,
) -> Result<CorrectionView, LedgerError> {
    ledger.write(|tx| correct(tx, grant, order, now))
}

/// As [`correct_outcome`], once for an idempotency key.
///
/// # Errors
/// As [`correct_outcome`], and [`LedgerError::IdempotencyKeyReused`].
pub fn correct_outcome_once(
    ledger: &Ledger,
    grant: &Grant<CorrectOutcomes>,
    order: &CorrectionOrder,
    request: &Once<'_, CorrectionView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| correct(tx, grant, order, now))
}

/// As [`correct_outcome`], inside a transaction.
pub(super) fn correct(
    tx: &mut Tx<'_>,
    grant: &Grant<CorrectOutcomes>,
    order: &CorrectionOrder,
    now: DateTime<Utc>,
) -> Result<CorrectionView, LedgerError> {
    let row = institutions::find(tx.conn(), grant.institution()?)?.ok_or(LedgerError::NotFound)?;
    let institution: Institution = row.try_into()?;
    refuse_unless_active(&institution)?;
    let outcome = correctable(tx, &institution, order)?;
    let successor = match &order.change {
        Change::Withdraw => None,
        Change::Correct(to) => Some(plan(tx, &institution, &outcome, to, now)?),
    };
    let heir = successor.as_ref().map(|planned| planned.learner_id);
    lock(tx, &institution, &outcome, heir)?;
    let cause = Cause {
        correction_id: CorrectionId::from_uuid(new_id()),
        reason: order.reason,
        document: order.document.clone(),
        institution: Some(institution.id),
        client: grant.actor().client,
    };
    let mut unwinding = Unwinding::new(&cause, now);
    let (kind, notice) = match successor {
        Some(_) => (Kind::Correct, "outcome_corrected"),
        None => (Kind::Withdraw, "outcome_withdrawn"),
    };
    let issued =
        unwinding.supersede(tx, &outcome, kind, cause.correction_id, successor.as_ref())?;
    unwinding.carry_on(tx)?;
    for learner in distinct(outcome.learner_id, heir) {
        let figures = json!({ "reason": order.reason.as_str() });
        unwinding.tell(notice, learner, Some(outcome.outcome_id), None, figures);
    }
    notices::insert_all(tx, &unwinding.notices, now)?;
    let subject = ("correction", Some(cause.correction_id.as_uuid()));
    let figures = json!({
        "kind": if successor.is_some() { "correct" } else { "withdraw" },
        "conversions": unwinding.revised.len(),
    });
    audit_events::insert(tx, grant, subject, &figures, now)?;
    let kept = successor
        .as_ref()
        .map(|planned| (planned, issued.as_slice()));
    view(tx, &outcome, &unwinding, kept)
}

/// The outcome of a source reference as it stands now.
fn correctable(
    tx: &mut Tx<'_>,
    institution: &Institution,
    order: &CorrectionOrder,
) -> Result<StandingOutcome, LedgerError> {
    let source = order.source_ref.as_str();
    let found = standing_outcomes::find_by_source(tx.conn(), institution.id, source)?;
    let outcome = found.ok_or_else(|| LedgerError::Refused(source_unknown()))?;
    if outcome.request_id.is_some() {
        return Err(LedgerError::Refused(
            CorrectionRefused::GrantedByConversion.into(),
        ));
    }
    if !outcome.stands {
        return Err(LedgerError::Conflict(
            CorrectionRefused::AlreadyWithdrawn.into(),
        ));
    }
    let corrects = matches!(order.change, Change::Correct(_));
    if corrects && hour_claims::find_by_source(tx.conn(), institution.id, source)?.is_some() {
        return Err(LedgerError::Refused(CorrectionRefused::HoursByTable.into()));
    }
    Ok(outcome)
}

/// Locks the lots of everyone concerned, as every conversion does. If somebody else corrected the
/// outcome meanwhile, the flow begins again with what stands now.
fn lock(
    tx: &mut Tx<'_>,
    institution: &Institution,
    outcome: &StandingOutcome,
    heir: Option<LearnerId>,
) -> Result<(), LedgerError> {
    lock_kin(tx, &distinct(outcome.learner_id, heir))?;
    let again = standing_outcomes::find_by_source(tx.conn(), institution.id, &outcome.source_ref)?;
    match again {
        Some(again) if again.outcome_id == outcome.outcome_id && again.stands => Ok(()),
        _ => Err(LedgerError::Contended),
    }
}

fn distinct(learner: LearnerId, heir: Option<LearnerId>) -> Vec<LearnerId> {
    let mut learners = vec![learner];
    learners.extend(heir.filter(|heir| *heir != learner));
    learners.sort();
    learners
}

/// Recognises the outcome as it is said to have been.
fn plan(
    tx: &mut Tx<'_>,
    institution: &Institution,
    outcome: &StandingOutcome,
    to: &Corrected,
    now: DateTime<Utc>,
) -> Result<PlannedOutcome, LedgerError> {
    let today = bank_day(now);
    let versions = catalogue::list_by_entries(tx.conn(), &[outcome.entry_id])?;
    let recorded = versions
        .iter()
        .map(|owned| &owned.version)
        .find(|version| version.version_id == outcome.version_id)
        .ok_or(LedgerError::Corrupt("outcomes.version_id"))?;
    let before = report_of(outcome, recorded)?;
    let report = corrected_report(before.clone(), to);
    let own = Account {
        learner_id: outcome.learner_id,
        learner_no: outcome.learner_no,
    };
    let account = match &to.learner {
        Some(learner) => {
            let said = resolve(tx, institution, learner, now)?;
            // Whom the account is shown as is no other learner.
            let groups = Groups::of(tx.conn(), &[own.learner_id])?;
            let same = groups.survivor(own.learner_id) == said.learner_id;
            if same { own } else { said }
        }
        None => own,
    };
    let says = |report: &ReportedOutcome| amounts_in_full(&stated(report), Some(recorded));
    let same = (
        report.grade,
        report.attempt,
        report.awarded_on,
        report.progress,
    ) == (
        before.grade,
        before.attempt,
        before.awarded_on,
        before.progress,
    ) && says(&report) == says(&before);
    if same && account.learner_id == outcome.learner_id {
        return Err(LedgerError::Refused(
            CorrectionRefused::NothingToCorrect.into(),
        ));
    }
    let owned = OwnedVersion::in_force(&versions, report.awarded_on).ok_or_else(|| {
        let code = ReasonCode::OutcomeVersionNotValidThen;
        LedgerError::Refused(Fault::of_reason(code, &report.awarded_on.to_string()))
    })?;
    let version = &owned.version;
    let recognition = recognise(&report, version, owned.review(), institution, today)
        .map_err(|refusal| LedgerError::Refused(Fault::from(&refusal)))?;
    let (lots, earned_nothing) = match recognition {
        Recognition::Earns(lots) => (lots, None),
        Recognition::EarnsNothing(reason) => (Vec::new(), Some(reason)),
    };
    Ok(PlannedOutcome {
        learner_id: account.learner_id,
        version_id: version.version_id,
        repeatable: version.repeatable,
        grade: report.grade,
        attempt: report.attempt,
        awarded_on: report.awarded_on,
        stated: stated(&report),
        earned_nothing,
        lots: lots
            .into_iter()
            .map(|lot| (LotId::from_uuid(new_id()), lot))
            .collect(),
        ..outcome.successor(Vec::new())
    })
}

/// Whose the outcome is said to be; an account is opened as posting would.
fn resolve(
    tx: &mut Tx<'_>,
    institution: &Institution,
    learner: &LearnerRef,
    now: DateTime<Utc>,
) -> Result<Account, LedgerError> {
    let found = resolve_learners::find_or_open(tx, institution, learner, now)?;
    found.ok_or_else(|| LedgerError::Refused(resolve_learners::learner_unknown()))
}

fn source_unknown() -> Fault {
    Fault::new(
        "SOURCE_REF_UNKNOWN",
        "本机构没有以该来源编号入账的成果,请核对编号",
        "this institution posted no outcome under that source reference; check it",
    )
}
