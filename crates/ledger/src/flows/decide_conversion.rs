//! The receiving institution decides: what is granted is settled and posted, the rest released.
//!
//! The rules are applied again, to the lots as they are now and by the rule set version that the
//! request was made out under, on the day it was sent. A decision is final.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{DecideConversion, Grant, View};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, OutcomeId, RequestId};
use creditbank_domain::process::{Party, Said, StepKind, Verdict};
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::judge_requests::Judging;
use crate::flows::open_import::refuse_unless_active;
use crate::flows::request_ways::NewStep;
use crate::flows::walk_requests::{Seen, Walk, Walked, note, said, seen_at, walk};
use crate::reads::{CohortView, RequestView, cohort_view, request_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_requests::{self, Side, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::institutions;
use crate::tables::request_steps::StoredBar;

/// What the receiving institution says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionOrder {
    /// Each line as the rules decide it.
    AsTheRulesSay,
    /// As the rules decide it without what the reviewer does not accept.
    Without(Vec<NotAccepted>),
    /// Nothing, for a reason of its own, which is kept.
    Refuse {
        /// The reason, without personal data.
        text: String,
    },
    /// Nothing yet: the applicant has to answer something first.
    Ask {
        /// What is missing, without personal data.
        text: String,
    },
}

/// An outcome of a request that a reviewer does not accept, or not in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAccepted {
    /// The outcome.
    pub outcome_id: OutcomeId,
    /// The most that may be granted on it all the same; mostly nothing.
    pub accepted: Hundredths,
    /// One that a person may give: [`ReasonCode::is_for_reviewers`].
    pub reason: ReasonCode,
    /// In the reviewer's words, without personal data.
    pub text: String,
}

/// Decides one request, once for an idempotency key. Where several have to agree, or another stage
/// follows, the request stays open. `version` is the one that the caller has seen.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution receives no such request,
/// [`LedgerError::Conflict`] where it was decided before or somebody else has the turn,
/// [`LedgerError::Stale`] where it has moved on since that version.
pub fn decide_request_once(
    ledger: &Ledger,
    grant: &Grant<DecideConversion>,
    (request_id, version): (RequestId, Option<u32>),
    order: &DecisionOrder,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let which = Which::One(request_id);
        decide_all(
            tx,
            grant,
            (which, seen_at((request_id, version))),
            order,
            now,
        )?;
        let rows = conversion_requests::list(tx.conn(), which, View::Whole)?;
        request_view(tx.conn(), rows)
    })
}

/// Decides every open request of a cohort, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution receives no such cohort,
/// [`LedgerError::Conflict`] where none of its requests is open and has the reviewers' turn.
pub fn decide_cohort_once(
    ledger: &Ledger,
    grant: &Grant<DecideConversion>,
    cohort_id: CohortId,
    order: &DecisionOrder,
    request: &Once<'_, CohortView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let which = Which::Cohort(cohort_id);
        decide_all(tx, grant, (which, Seen::new()), order, now)?;
        let rows = conversion_requests::list(tx.conn(), which, View::Whole)?;
        cohort_view(tx.conn(), cohort_id, rows)
    })
}

/// Decides requests of the grant's institution, and notes it.
pub(super) fn decide_all(
    tx: &mut Tx<'_>,
    grant: &Grant<DecideConversion>,
    (which, seen): (Which<'_>, Seen),
    order: &DecisionOrder,
    now: DateTime<Utc>,
) -> Result<Walked, LedgerError> {
    let institution = grant.institution()?;
    let (said, text, not_accepted) = match order {
        DecisionOrder::AsTheRulesSay => (Said::Verdict(Verdict::Approve), None, Vec::new()),
        DecisionOrder::Without(bars) => {
            let bars = bars.iter().map(bar).collect::<Result<_, _>>()?;
            (Said::Verdict(Verdict::Approve), None, bars)
        }
        DecisionOrder::Refuse { text } => {
            let text = self::said(text)?;
            (Said::Verdict(Verdict::Refuse), Some(text), Vec::new())
        }
        DecisionOrder::Ask { text } => (Said::Ask, Some(self::said(text)?), Vec::new()),
    };
    if said == Said::Verdict(Verdict::Approve) {
        let receiving = institutions::find(tx.conn(), institution)?;
        refuse_unless_active(&receiving.ok_or(LedgerError::NotFound)?.try_into()?)?;
    }
    let refuses = text.clone().unwrap_or_default();
    let order = Walk {
        side: Side::Receiving(institution),
        which,
        seen,
        by: grant.actor(),
        step: NewStep {
            kind: StepKind::Said(said),
            party: Party::Receiving,
            hand: Some(grant.actor().hand()),
            text,
            not_accepted,
        },
    };
    let walked = walk(
        tx,
        &order,
        |_, _| Ok(Judging::RefuseAll(ReasonCode::Other, refuses.clone())),
        now,
    )?;
    note(tx, grant, which, &walked, now)?;
    Ok(walked)
}

fn bar(not_accepted: &NotAccepted) -> Result<StoredBar, LedgerError> {
    let reason = not_accepted.reason;
    if !reason.is_for_reviewers() {
        return Err(LedgerError::Refused(Fault::new(
            "REASON_NOT_FOR_REVIEWERS",
            format!("{reason} 由规则判定,人工不采认请选用材料、身份、内容类理由或 OTHER"),
            format!(
                "{reason} is for the rules to find; a reviewer gives a reason of evidence, identity or \
                 content, or OTHER"
            ),
        )));
    }
    Ok(StoredBar {
        outcome: not_accepted.outcome_id.as_uuid(),
        reason: reason.as_str().to_owned(),
        text: said(&not_accepted.text)?,
        accepted: (!not_accepted.accepted.is_zero()).then(|| not_accepted.accepted.to_string()),
    })
}
