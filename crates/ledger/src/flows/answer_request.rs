//! What somebody does about one open request: the applicant answers a question or takes it back, the
//! bank checks it.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, CheckConversion, Grant, RequestConversion, View};
use creditbank_domain::ids::{EvidenceId, RequestId};
use creditbank_domain::process::{Party, Said, StepKind, StepRefused, Verdict};
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::judge_requests::Judging;
use crate::flows::keep_evidence::name_evidence;
use crate::flows::request_standing::refusal;
use crate::flows::request_ways::NewStep;
use crate::flows::walk_requests::{Walk, note, said, seen_at, walk};
use crate::reads::{RequestView, request_view};
use crate::store::Ledger;
use crate::tables::conversion_requests::{self, Side, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};

/// What the applicant does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicantStep {
    /// Answers what was asked; the reviewers have the turn again.
    Answer {
        /// The answer, without personal data.
        text: String,
        /// What was attached to show it.
        evidence: Vec<EvidenceId>,
    },
    /// Takes the request back; what it holds is released.
    Withdraw {
        /// Why, without personal data.
        text: String,
    },
}

/// What the bank finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOrder {
    /// It is complete: the receiving institution may decide.
    Pass,
    /// Something is missing.
    Ask {
        /// What, without personal data.
        text: String,
    },
}

/// Takes a step about the school's or the learner's own request, once for an idempotency key.
/// `version` is the one that the caller has seen.
///
/// # Errors
/// [`LedgerError::NotFound`] where they have no such request, [`LedgerError::Conflict`] where
/// nothing was asked or it has ended, [`LedgerError::Stale`] where it has moved on since,
/// [`LedgerError::Refused`] where a school sent what a learner wants to take back.
pub fn answer_request_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    which: (RequestId, Option<u32>),
    step: &ApplicantStep,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let (kind, text, evidence) = match step {
        ApplicantStep::Answer { text, evidence } => (StepKind::Answered, text, evidence.as_slice()),
        ApplicantStep::Withdraw { text } => (StepKind::Withdrawn, text, &[][..]),
    };
    let side = Applicant::of(grant)?.side();
    let step = (kind, Party::Receiving, Some(text.as_str()), evidence);
    step_once(ledger, (grant, side), which, step, request, now)
}

/// Checks a request, once for an idempotency key. `version` is the one that the caller has seen.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where it is not at a stage of the bank,
/// [`LedgerError::Stale`] where it has moved on since.
pub fn check_request_once(
    ledger: &Ledger,
    grant: &Grant<CheckConversion>,
    which: (RequestId, Option<u32>),
    order: &CheckOrder,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let (said, text) = match order {
        CheckOrder::Pass => (Said::Verdict(Verdict::Approve), None),
        CheckOrder::Ask { text } => (Said::Ask, Some(text.as_str())),
    };
    let step = (StepKind::Said(said), Party::Bank, text, &[][..]);
    step_once(ledger, (grant, Side::Bank), which, step, request, now)
}

fn step_once<A: Action>(
    ledger: &Ledger,
    (grant, side): (&Grant<A>, Side),
    which: (RequestId, Option<u32>),
    (kind, party, text, evidence): (StepKind, Party, Option<&str>, &[EvidenceId]),
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let text = text.map(said).transpose()?;
        let order = Walk {
            side,
            which: Which::One(which.0),
            seen: seen_at(which),
            by: grant.actor(),
            step: NewStep {
                kind,
                party,
                hand: Some(grant.actor().hand()),
                text: text.clone(),
                not_accepted: Vec::new(),
            },
        };
        let ending = |_: &_, _| match kind {
            StepKind::Withdrawn => {
                let why = text.clone().unwrap_or_default();
                Ok(Judging::RefuseAll(ReasonCode::RequestWithdrawn, why))
            }
            // An answer ends nothing, and a stage of the bank is never the last.
            _ => Err(refusal(StepRefused::BankRefusesNothing)),
        };
        let walked = walk(tx, &order, ending, now)?;
        name_evidence(tx, which.0, evidence)?;
        note(tx, grant, order.which, &walked, now)?;
        let rows = conversion_requests::list(tx.conn(), order.which, View::Whole)?;
        request_view(tx.conn(), rows)
    })
}
