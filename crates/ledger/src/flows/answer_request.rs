//! What whoever asked does about an open request: answers a question, or takes it back.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, RequestConversion, View};
use creditbank_domain::ids::{EvidenceId, RequestId};
use creditbank_domain::process::{Party, StepKind};
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::judge_requests::Judging;
use crate::flows::keep_evidence::name_evidence;
use crate::flows::request_ways::NewStep;
use crate::flows::walk_requests::{Walk, note, said, walk};
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

/// Takes a step about the school's own request, once for an idempotency key. `version` is the one
/// that the caller has seen.
///
/// # Errors
/// [`LedgerError::NotFound`] where the school has no such request, [`LedgerError::Conflict`] where
/// nothing was asked or it has ended, [`LedgerError::Stale`] where it has moved on since.
pub fn answer_request_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    (request_id, version): (RequestId, Option<u32>),
    step: &ApplicantStep,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        let (kind, text) = match step {
            ApplicantStep::Answer { text, .. } => (StepKind::Answered, text),
            ApplicantStep::Withdraw { text } => (StepKind::Withdrawn, text),
        };
        let text = said(text)?;
        let order = Walk {
            side: Side::Requesting(grant.institution()?),
            which: Which::One(request_id),
            version,
            by: grant.actor(),
            step: NewStep {
                kind,
                party: Party::Receiving,
                hand: Some(grant.actor().hand()),
                text: Some(text.clone()),
                not_accepted: Vec::new(),
            },
        };
        let withdrawn = |_: &_, _| {
            Ok(Judging::RefuseAll(
                ReasonCode::RequestWithdrawn,
                text.clone(),
            ))
        };
        let walked = walk(tx, &order, withdrawn, now)?;
        if let ApplicantStep::Answer { evidence, .. } = step {
            name_evidence(tx, request_id, evidence)?;
        }
        note(tx, grant, order.which, walked, now)?;
        let rows = conversion_requests::list(tx.conn(), order.which, View::Whole)?;
        request_view(tx.conn(), rows)
    })
}
