//! What decisions about requests rest on, read under lock, and the decisions themselves.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{
    Bar, Candidate, Decision, Explanation, LotState, Programme, RequestResult, RuleSet, Verdict,
};
use creditbank_domain::ids::{LearnerId, LotId, ProgrammeId, RequestId, RuleSetId};
use creditbank_domain::reason::ReasonCode;

use crate::error::LedgerError;
use crate::flows::comparisons::Comparisons;
use crate::flows::conversion_inputs::state_of;
use crate::flows::learner_groups::{Groups, joint_histories, lock_joint_lots};
use crate::store::Tx;
use crate::tables::conversion_inputs::DecisionInputs;
use crate::tables::conversion_lines::{self, LineRow};
use crate::tables::conversion_requests::RequestRow;
use crate::tables::lots::ConvertibleLot;
use crate::tables::request_steps::StoredBar;
use crate::tables::{accepted, hundredths, parsed, programmes, rule_sets, transfers};

/// How a request is to be decided.
pub(super) enum Judging {
    /// By the rules, without what reviewers do not accept.
    ByTheRules(Vec<StoredBar>),
    /// Nothing is granted, for one reason.
    RefuseAll(ReasonCode, String),
}

impl Judging {
    fn bars(&self, candidates: &[Candidate]) -> Result<Vec<Bar>, LedgerError> {
        let Self::ByTheRules(stored) = self else {
            return Ok(Vec::new());
        };
        let mut bars = Vec::new();
        for bar in stored {
            let lots = candidates
                .iter()
                .filter(|it| it.outcome_id.as_uuid() == bar.outcome);
            for lot in lots {
                bars.push(Bar {
                    lot_id: lot.lot_id,
                    reason: parsed(&bar.reason, "request_steps.not_accepted")?,
                    text: bar.text.clone(),
                    accepted: accepted(bar.accepted.as_deref(), "request_steps.not_accepted")?,
                });
            }
        }
        Ok(bars)
    }
}

/// A decision with what it was made on.
pub(super) struct Judgement {
    pub(super) inputs: DecisionInputs,
    pub(super) decision: Decision,
}

/// Everything that the decisions of some requests rest on.
pub(super) struct Inputs {
    pub(super) groups: Groups,
    pub(super) lots: HashMap<LotId, ConvertibleLot>,
    lines: HashMap<RequestId, Vec<LineRow>>,
    held: HashMap<(RequestId, LotId), Hundredths>,
    pub(super) histories: HashMap<LearnerId, creditbank_domain::conversion::History>,
    programme: Programme,
    rule_set: RuleSet,
    /// By the days on which the requests were sent.
    comparisons: BTreeMap<NaiveDate, Comparisons>,
}

impl Inputs {
    /// Locks the learners' lots and reads what their decisions rest on. The requests of a cohort
    /// share programme and rule set.
    pub(super) fn load(tx: &mut Tx<'_>, open: &[&RequestRow]) -> Result<Self, LedgerError> {
        let missing = LedgerError::Corrupt("conversion_requests");
        let Some(first) = open.first() else {
            return Err(missing);
        };
        let programme = programmes::find(tx.conn(), ProgrammeId::from_uuid(first.programme_id))?;
        let rule_set = rule_sets::find(tx.conn(), RuleSetId::from_uuid(first.rule_set_id))?;
        let (Some(programme), Some(stored)) = (programme, rule_set) else {
            return Err(missing);
        };
        let keys: Vec<(LearnerId, RequestId)> = open.iter().map(|row| key(row)).collect();
        let learners = concerned(tx, open)?;
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
        let of_lines = { lines.iter() }.flat_map(|(request, lines)| {
            let owners = lines
                .iter()
                .map(|line| LearnerId::from_uuid(line.lot_learner_id));
            owners.map(|owner| (owner, *request))
        });
        let holders: BTreeSet<(LearnerId, RequestId)> = of_lines.collect();
        let holders: Vec<_> = holders.into_iter().collect();
        for (request, lot, amount) in transfers::list_held(tx.conn(), &holders)? {
            held.insert((request, lot), hundredths(amount, "a hold")?);
        }
        let histories =
            joint_histories(tx.conn(), &groups, &learners, &programme, &stored.rule_set)?;
        let mut comparisons = BTreeMap::new();
        for day in open.iter().map(|row| row.judged_on()) {
            if let Entry::Vacant(place) = comparisons.entry(day) {
                place.insert(Comparisons::on(tx.conn(), day, lots.values())?);
            }
        }
        Ok(Self {
            comparisons,
            groups,
            lots,
            lines,
            held,
            histories,
            programme,
            rule_set: stored.rule_set,
        })
    }

    pub(super) fn held(&self, request: RequestId, lot: LotId) -> Hundredths {
        self.held.get(&(request, lot)).copied().unwrap_or_default()
    }

    /// Whose a lot is.
    pub(super) fn owner(&self, lot: LotId, otherwise: LearnerId) -> LearnerId {
        self.lots.get(&lot).map_or(otherwise, |lot| lot.learner_id)
    }

    pub(super) fn decide_one(
        &self,
        row: &RequestRow,
        how: &Judging,
    ) -> Result<Judgement, LedgerError> {
        let (learner, request) = key(row);
        let day = row.judged_on();
        let missing = LedgerError::Corrupt("conversion_requests.requested_at");
        let comparisons = self.comparisons.get(&day).ok_or(missing)?;
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
            candidates.push(comparisons.candidate(lot, state)?);
        }
        let shown_as = self.groups.survivor(learner);
        let history = self.histories.get(&shown_as).cloned().unwrap_or_default();
        let inputs = DecisionInputs {
            today: day,
            programme: self.programme.clone(),
            bars: how.bars(&candidates)?,
            candidates,
            history,
        };
        let mut decision = inputs
            .decide(&self.rule_set)
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        if let Judging::RefuseAll(reason, text) = how {
            refuse_all(&mut decision, *reason, text);
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

/// Whose lots requests use: their learners', and those of accounts that were merged when they were
/// sent and are not any more.
pub(super) fn concerned(
    tx: &mut Tx<'_>,
    rows: &[&RequestRow],
) -> Result<Vec<LearnerId>, LedgerError> {
    let keys: Vec<(LearnerId, RequestId)> = rows.iter().map(|row| key(row)).collect();
    let mut learners: Vec<LearnerId> = keys.iter().map(|(learner, _)| *learner).collect();
    learners.extend(conversion_lines::list_other_owners(tx.conn(), &keys)?);
    learners.sort();
    Ok(learners)
}

pub(super) fn key(row: &RequestRow) -> (LearnerId, RequestId) {
    (
        LearnerId::from_uuid(row.learner_id),
        RequestId::from_uuid(row.request_id),
    )
}
