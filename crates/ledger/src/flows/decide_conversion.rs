//! The receiving institution decides: what is granted is settled and posted, the rest released.
//!
//! The rules are applied again, to the lots as they are now and by the rule set version that the
//! request was made out under, on the day it was sent. A decision is final.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{DecideConversion, Grant, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::{
    Candidate, DecidedLine, Decision, Explanation, LotState, Programme, RequestResult, RuleSet,
    Verdict,
};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, LearnerId, LotId, ProgrammeId, RequestId, RuleSetId};
use creditbank_domain::level::Frameworks;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::bounded;
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::conversion_inputs::{candidate, state_of};
use crate::flows::learner_groups::{Groups, joint_histories, lock_joint_lots};
use crate::flows::open_import::refuse_unless_active;
use crate::flows::post_grants::{GrantedCourse, Granting, post_grants};
use crate::reads::{CohortView, RequestView, cohort_view, request_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_inputs::{self, DecisionInputs, NewInputs};
use crate::tables::conversion_lines::{self, LineRow, NewLine, Stage};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::lots::ConvertibleLot;
use crate::tables::transfers::{self, Move, MoveKind, User};
use crate::tables::{audit_events, hundredths, institutions, level_frameworks, programmes, rule_sets};

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

/// A decision with what it was made on.
struct Judgement {
    inputs: DecisionInputs,
    decision: Decision,
}

/// Everything that the decisions of some requests rest on.
struct Inputs {
    groups: Groups,
    lots: HashMap<LotId, ConvertibleLot>,
    lines: HashMap<RequestId, Vec<LineRow>>,
    held: HashMap<(RequestId, LotId), Hundredths>,
    histories: HashMap<LearnerId, creditbank_domain::conversion::History>,
    programme: Programme,
    rule_set: RuleSet,
    /// As they stood on the days on which the requests were sent.
    frameworks: BTreeMap<NaiveDate, Frameworks>,
}

impl Inputs {
    /// Locks the learners' lots and reads what their decisions rest on. The requests of a cohort
    /// share programme and rule set.
    fn load(tx: &mut Tx<'_>, open: &[&RequestRow]) -> Result<Self, LedgerError> {
        let missing = LedgerError::Corrupt("conversion_requests");
        let Some(first) = open.first() else {
            return Err(missing);
        };
        let programme = programmes::find(tx.conn(), ProgrammeId::from_uuid(first.programme_id))?;
        let rule_set = rule_sets::find(tx.conn(), RuleSetId::from_uuid(first.rule_set_id))?;
        let (Some(programme), Some(stored)) = (programme, rule_set) else {
            return Err(missing);
        };
        let mut learners: Vec<LearnerId> = open
            .iter()
            .map(|row| LearnerId::from_uuid(row.learner_id))
            .collect();
        let keys: Vec<(LearnerId, RequestId)> = open.iter().map(|row| key(row)).collect();
        // Also of accounts that were merged when the request was sent and are not any more.
        learners.extend(conversion_lines::list_other_owners(tx.conn(), &keys)?);
        learners.sort();
        let (groups, lots) = lock_joint_lots(tx, &learners)?;
        let lots: HashMap<LotId, ConvertibleLot> =
            lots.into_iter().map(|lot| (lot.lot_id, lot)).collect();
        let mut lines: HashMap<RequestId, Vec<LineRow>> = HashMap::new();
        for line in conversion_lines::list_standing(tx.conn(), &keys)? {
            lines
                .entry(RequestId::from_uuid(line.request_id))
                .or_default()
                .push(line);
        }
        let mut held = HashMap::new();
        for (_, request) in keys {
            let lines = lines.get(&request).into_iter().flatten();
            let owners: BTreeSet<Uuid> = lines.map(|line| line.lot_learner_id).collect();
            for owner in owners.into_iter().map(LearnerId::from_uuid) {
                for (lot, amount) in transfers::list_held(tx.conn(), owner, request)? {
                    held.insert((request, lot), hundredths(amount, "a hold")?);
                }
            }
        }
        let histories = joint_histories(tx.conn(), &groups, &learners, &programme, &stored.rule_set)?;
        let mut frameworks = BTreeMap::new();
        for day in open.iter().map(|row| bank_day(row.requested_at)) {
            if let Entry::Vacant(place) = frameworks.entry(day) {
                place.insert(level_frameworks::on(tx.conn(), day)?);
            }
        }
        Ok(Self {
            frameworks,
            groups,
            lots,
            lines,
            held,
            histories,
            programme,
            rule_set: stored.rule_set,
        })
    }

    fn held(&self, request: RequestId, lot: LotId) -> Hundredths {
        self.held.get(&(request, lot)).copied().unwrap_or_default()
    }

    /// Whose a lot is.
    fn owner(&self, lot: LotId, otherwise: LearnerId) -> LearnerId {
        self.lots.get(&lot).map_or(otherwise, |lot| lot.learner_id)
    }

    fn decide_one(
        &self,
        row: &RequestRow,
        order: &DecisionOrder,
    ) -> Result<Judgement, LedgerError> {
        let (learner, request) = key(row);
        let day = bank_day(row.requested_at);
        let missing = LedgerError::Corrupt("level_frameworks");
        let frameworks = self.frameworks.get(&day).ok_or(missing)?;
        let mut candidates: Vec<Candidate> = Vec::new();
        for line in self.lines.get(&request).into_iter().flatten() {
            let lot_id = LotId::from_uuid(line.lot_id);
            if candidates.iter().any(|one| one.lot_id == lot_id) {
                continue;
            }
            let lot = self
                .lots
                .get(&lot_id)
                .ok_or(LedgerError::Corrupt("a line's lot"))?;
            let held = self.held(request, lot_id);
            let ours = self.groups.survivor(lot.learner_id) == self.groups.survivor(learner);
            let state = if !ours {
                // The accounts were separated since: it is another learner's lot by now.
                LotState::HeldElsewhere
            } else if held.is_zero() {
                match state_of(lot, day)? {
                    // Free by now, but this request never held it: it stays refused.
                    LotState::Usable(_) => LotState::HeldElsewhere,
                    other => other,
                }
            } else {
                LotState::Usable(held)
            };
            candidates.push(candidate(lot, state, frameworks)?);
        }
        let shown_as = self.groups.survivor(learner);
        let history = self.histories.get(&shown_as).cloned().unwrap_or_default();
        let inputs = DecisionInputs {
            today: day,
            programme: self.programme.clone(),
            candidates,
            history,
        };
        let mut decision = inputs
            .decide(&self.rule_set)
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        match order {
            DecisionOrder::AsTheRulesSay => {}
            DecisionOrder::Refuse { text } => {
                refuse_all(&mut decision, ReasonCode::Other, text);
            }
            DecisionOrder::Lapse => {
                let until = bank_day(row.hold_expires_at).to_string();
                refuse_all(&mut decision, ReasonCode::HoldExpired, &until);
            }
        }
        Ok(Judgement { inputs, decision })
    }
}

fn refuse_all(decision: &mut Decision, reason: ReasonCode, text: &str) {
    decision.result = RequestResult::Refused;
    for line in &mut decision.lines {
        line.granted = Hundredths::ZERO;
        line.used = Hundredths::ZERO;
        line.remedy = None;
        line.verdict = Verdict::Refused(reason);
        let words = reason.text();
        line.explanation = Explanation {
            zh: format!("{}:{text}", words.zh),
            en: format!("{}: {text}", words.en),
        };
    }
}

fn key(row: &RequestRow) -> (LearnerId, RequestId) {
    (
        LearnerId::from_uuid(row.learner_id),
        RequestId::from_uuid(row.request_id),
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
