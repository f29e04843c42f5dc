//! The receiving institution decides: what is granted is settled and posted, the rest released.
//!
//! The rules are applied again, to the lots as they are now and by the rule set version that the
//! request was made out under, on the day it was sent. A decision is final.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{DecideConversion, Grant, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{DecidedLine, RequestResult};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, RequestId};
use creditbank_domain::text::bounded;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::judge_requests::{Inputs, Judgement, key};
use crate::flows::open_import::refuse_unless_active;
use crate::flows::post_grants::{GrantedCourse, Granting, post_grants};
use crate::reads::{CohortView, RequestView, cohort_view, request_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_inputs::{self, NewInputs};
use crate::tables::conversion_lines::{self, NewLine, Stage};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::transfers::{self, Move, MoveKind, User};
use crate::tables::{audit_events, institutions};

/// What the receiving institution says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionOrder {
    /// Each line as the rules decide it.
    AsTheRulesSay,
    /// Nothing, for a reason of its own, which is kept.
    Refuse {
        /// The reason, without personal data.
        text: String,
    },
    /// Nothing, because nobody decided while the holds stood: what housekeeping says.
    Lapse,
}

/// Decides one request, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution receives no such request,
/// [`LedgerError::Conflict`] where it was decided before.
pub fn decide_request_once(
    ledger: &Ledger,
    grant: &Grant<DecideConversion>,
    request_id: RequestId,
    order: &DecisionOrder,
    request: &Once<'_, RequestView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        let which = Which::One(request_id);
        decide_all(tx, grant, which, order, now)?;
        let rows = conversion_requests::list(tx.conn(), which, View::Whole)?;
        request_view(tx.conn(), rows)
    })
}

/// Decides every open request of a cohort, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution receives no such cohort,
/// [`LedgerError::Conflict`] where none of its requests is open.
pub fn decide_cohort_once(
    ledger: &Ledger,
    grant: &Grant<DecideConversion>,
    cohort_id: CohortId,
    order: &DecisionOrder,
    request: &Once<'_, CohortView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        let which = Which::Cohort(cohort_id);
        decide_all(tx, grant, which, order, now)?;
        let rows = conversion_requests::list(tx.conn(), which, View::Whole)?;
        cohort_view(tx.conn(), cohort_id, rows)
    })
}

pub(super) fn decide_all(
    tx: &mut Tx<'_>,
    grant: &Grant<DecideConversion>,
    which: Which,
    order: &DecisionOrder,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let order = checked(order)?;
    if order == DecisionOrder::AsTheRulesSay {
        let receiving = institutions::find(tx.conn(), grant.institution()?)?;
        refuse_unless_active(&receiving.ok_or(LedgerError::NotFound)?.try_into()?)?;
    }
    let found = conversion_requests::lock_received(tx, which, grant.institution()?)?;
    if found.is_empty() {
        return Err(LedgerError::NotFound);
    }
    let open: Vec<&RequestRow> = found
        .iter()
        .filter(|row| row.state == "requested")
        .collect();
    if open.is_empty() {
        return Err(LedgerError::Conflict(already_decided()));
    }
    let client = grant.actor().client.map(|id| id.as_uuid());
    if client.is_some() && open.iter().any(|row| row.requested_by == client) {
        return Err(LedgerError::Refused(own_request()));
    }
    let mut inputs = Inputs::load(tx, &open)?;
    for row in &open {
        let judged = inputs.decide_one(row, &order)?;
        carry_out(tx, grant, row, &judged, &order, &mut inputs, now)?;
    }
    let subject = match which {
        Which::One(id) => ("request", Some(id.as_uuid())),
        Which::Cohort(id) => ("cohort", Some(id.as_uuid())),
    };
    audit_events::insert(tx, grant, subject, &json!({ "decided": open.len() }), now)
}

/// The reviewer's own reason, bounded before it is kept.
fn checked(order: &DecisionOrder) -> Result<DecisionOrder, LedgerError> {
    let DecisionOrder::Refuse { text } = order else {
        return Ok(order.clone());
    };
    let text = bounded("the reason", text, 500).map_err(|error| {
        let zh = "须写明理由,最多 500 字,不含控制字符";
        LedgerError::Refused(Fault::new("DECISION_TEXT", zh, error.to_string()))
    })?;
    Ok(DecisionOrder::Refuse { text })
}

fn already_decided() -> Fault {
    Fault::new(
        "ALREADY_DECIDED",
        "该申请已有决定,不能再次决定;请读取最新状态",
        "the request has been decided and cannot be decided again; read its present state",
    )
}

fn own_request() -> Fault {
    Fault::new(
        "OWN_REQUEST",
        "提交申请的账户不能作出决定,请由他人决定",
        "whoever sent the request may not decide it; somebody else has to",
    )
}

/// Settles, releases, posts the grants and closes the request.
fn carry_out(
    tx: &mut Tx<'_>,
    grant: &Grant<DecideConversion>,
    row: &RequestRow,
    judged: &Judgement,
    order: &DecisionOrder,
    inputs: &mut Inputs,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (learner_id, request_id) = key(row);
    let decision = &judged.decision;
    let mut moves = Vec::new();
    for candidate in &judged.inputs.candidates {
        let lot_id = candidate.lot_id;
        let of_lot = decision.lines.iter().filter(|line| line.lot_id == lot_id);
        let used = Hundredths::sum(of_lot.map(|line| line.used))
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        let released = inputs
            .held(request_id, lot_id)
            .minus(used)
            .map_err(|_| LedgerError::Corrupt("more used than held"))?;
        let one = |kind, amount| Move {
            learner_id: inputs.owner(lot_id, learner_id),
            lot_id,
            kind,
            amount,
            user: Some(User::Request(request_id)),
            correction: None,
            effective_on: bank_day(now),
        };
        moves.push(one(MoveKind::Settle, used));
        moves.push(one(MoveKind::Release, released));
    }
    transfers::move_all(tx, &moves, now)?;
    let numbered: Vec<(i32, &DecidedLine)> = (1..).zip(&decision.lines).collect();
    let granted = GrantedCourse::all_of(&numbered)?;
    let granting = Granting {
        receiving: grant.institution()?,
        learner_id,
        request_id,
        asked_on: bank_day(row.requested_at),
        granted_on: bank_day(now),
    };
    let posted = post_grants(tx, &granting, &granted, &inputs.lots, now)?;
    let lines: Vec<NewLine<'_>> = numbered
        .iter()
        .map(|(line_no, line)| NewLine {
            learner_id,
            request_id,
            line_no: *line_no,
            line,
            held: Hundredths::ZERO,
            lot_learner_id: inputs.owner(line.lot_id, learner_id),
            grant_outcome_id: posted.get(line_no).copied(),
            revision: None,
        })
        .collect();
    conversion_lines::insert_all(tx, Stage::Decision, &lines)?;
    if *order == DecisionOrder::AsTheRulesSay {
        let new = NewInputs {
            learner_id,
            request_id,
            inputs: &judged.inputs,
            decision,
        };
        conversion_inputs::insert(tx, &new, now)?;
    }
    let shown_as = inputs.groups.survivor(learner_id);
    let history = inputs.histories.entry(shown_as).or_default();
    history
        .add(&decision.lines, &judged.inputs.candidates)
        .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
    let state = match decision.result {
        RequestResult::Granted => "granted",
        RequestResult::Partly => "partly",
        RequestResult::Refused => "refused",
    };
    let text = match order {
        DecisionOrder::AsTheRulesSay | DecisionOrder::Lapse => None,
        DecisionOrder::Refuse { text } => Some(text.as_str()),
    };
    let client = grant.actor().client;
    conversion_requests::close(tx, learner_id, request_id, state, client, text, now)
}
