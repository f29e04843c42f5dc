//! The bank's own stage: the secretariat passes a request on, or asks for what is missing.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{CheckConversion, Grant, View};
use creditbank_domain::ids::RequestId;
use creditbank_domain::process::{Party, Said, StepKind, StepRefused, Verdict};

use crate::error::LedgerError;
use crate::flows::request_standing::refusal;
use crate::flows::request_ways::NewStep;
use crate::flows::walk_requests::{Walk, note, said, walk};
use crate::reads::{RequestView, request_view};
use crate::store::Ledger;
use crate::tables::conversion_requests::{self, Side, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};

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

/// Checks a request, once for an idempotency key. `version` is the one that the caller has seen.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where it is not at a stage of the bank,
/// [`LedgerError::Stale`] where it has moved on since.
pub fn check_request_once(
    ledger: &Ledger,
    grant: &Grant<CheckConversion>,
    (request_id, version): (RequestId, Option<u32>),
    order: &CheckOrder,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        let (said, text) = match order {
            CheckOrder::Pass => (Said::Verdict(Verdict::Approve), None),
            CheckOrder::Ask { text } => (Said::Ask, Some(said(text)?)),
        };
        let order = Walk {
            side: Side::Bank,
            which: Which::One(request_id),
            version,
            by: grant.actor(),
            step: NewStep {
                kind: StepKind::Said(said),
                party: Party::Bank,
                hand: Some(grant.actor().hand()),
                text,
                not_accepted: Vec::new(),
            },
        };
        // A stage of the bank is never the last.
        let never = |_: &_, _| Err(refusal(StepRefused::BankRefusesNothing));
        let walked = walk(tx, &order, never, now)?;
        note(tx, grant, order.which, walked, now)?;
        let rows = conversion_requests::list(tx.conn(), order.which, View::Whole)?;
        request_view(tx.conn(), rows)
    })
}
