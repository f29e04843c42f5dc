//! A school asks that learners' outcomes be converted: first check, proposal, hold.
//!
//! One learner or a cohort; an answer for each. What is asked for is held until the receiving
//! institution decides, also where the first check proposes a refusal: the decision is not the
//! bank's.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Actor, Grant, RequestConversion, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::StatedBasis;
use creditbank_domain::conversion::{
    Candidate, Decision, LotState, Programme, RuleSet, decide, requested_amount,
};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId};
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::InstitutionCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::comparisons::Comparisons;
use crate::flows::conversion_inputs::state_of;
use crate::flows::learner_groups::{joint_histories, lock_joint_lots};
use crate::flows::open_import::refuse_unless_active;
use crate::flows::register::institution_id;
use crate::flows::request_bases::Bases;
use crate::flows::resolve_learners::People;
use crate::flows::send_requests::{SentRequest, send_requests};
use crate::new_id::new_id;
use crate::reads::{CohortView, RejectedLearner, cohort_view};
use crate::store::{Ledger, Tx};
use crate::tables::conversion_lines::{self, NewLine, Stage};
use crate::tables::conversion_requests::{self, NewCohort, NewRequest, Which};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::lots::ConvertibleLot;
use crate::tables::transfers::{self, Move, MoveKind, User};
use crate::tables::{audit_events, institutions, programmes, rule_set_programmes, rule_sets};

/// What a school asks for.
#[derive(Debug, Clone)]
pub struct ConversionOrder {
    /// Who is to grant.
    pub receiving: InstitutionCode,
    /// The code of its programme.
    pub programme: String,
    /// The code of the rule set that is to decide; the one for the programme where none is named.
    pub rule_set: Option<String>,
    /// For whom; each learner once.
    pub learners: Vec<OrderedLearner>,
    /// By what right the receiving institution is to see it, where the school says so.
    pub basis: Option<StatedBasis>,
}

/// One learner of an order.
#[derive(Debug, Clone)]
pub struct OrderedLearner {
    /// Who.
    pub learner: LearnerRef,
    /// Which outcomes; empty for every outcome with credit left that the school posted.
    pub outcomes: Vec<OutcomeId>,
}

/// A learner whose request was made out.
pub(super) struct Prepared {
    pub(super) learner_id: LearnerId,
    pub(super) request_id: RequestId,
    pub(super) candidates: Vec<Candidate>,
    pub(super) decision: Decision,
}

/// Sends stored requests on their way.
pub(super) fn send(
    tx: &mut Tx<'_>,
    by: &Actor,
    cohort: &NewCohort,
    prepared: &[Prepared],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sent: Vec<SentRequest<'_>> = prepared.iter().map(Prepared::sent).collect();
    send_requests(tx, by.hand(), cohort, &sent, now)
}

impl Prepared {
    const fn sent(&self) -> SentRequest<'_> {
        SentRequest {
            key: (self.learner_id, self.request_id),
            proposal: &self.decision,
        }
    }
}

/// Makes out a request for every learner of the order, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::Refused`] where the school, the receiving institution, its programme or its
/// rules do not allow any request.
pub fn request_conversion_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    order: &ConversionOrder,
    request: &Once<'_, CohortView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let requesting = grant.institution()?;
    once(ledger, request, now, |tx| {
        let row = institutions::find(tx.conn(), requesting)?.ok_or(LedgerError::NotFound)?;
        refuse_unless_active(&row.try_into()?)?;
        let (programme, rule_set) = rules_for(tx, order, now)?;
        let (wanted, mut rejected) = resolve(tx, order, requesting)?;
        let learners: Vec<LearnerId> = wanted.iter().map(|(_, learner, _)| *learner).collect();
        let (stated, today) = (order.basis.as_ref(), bank_day(now));
        let bases = Bases::load(tx, stated, rule_set.receiving, &learners, today)?;
        let mut lots_of: HashMap<LearnerId, Vec<ConvertibleLot>> = HashMap::new();
        let (groups, lots) = lock_joint_lots(tx, &learners)?;
        // Merged a moment ago, after the learners were looked up: look again.
        if learners.iter().any(|id| groups.survivor(*id) != *id) {
            return Err(LedgerError::Contended);
        }
        let mut owners = HashMap::new();
        for lot in lots {
            owners.insert(lot.lot_id, lot.learner_id);
            let learner = groups.survivor(lot.learner_id);
            lots_of.entry(learner).or_default().push(lot);
        }
        let histories = joint_histories(tx.conn(), &groups, &learners, &programme, &rule_set)?;
        let all = lots_of.values().flatten();
        let comparisons = Comparisons::on(tx.conn(), bank_day(now), all)?;
        let mut prepared = Vec::with_capacity(wanted.len());
        for (position, learner_id, outcomes) in wanted {
            let lots = lots_of.get(&learner_id).map_or(&[][..], Vec::as_slice);
            let rules = (&rule_set, &comparisons);
            let chosen = choose(lots, outcomes, requesting, rules, today)?;
            match chosen.and_then(|chosen| bases.of(learner_id).map(|_| chosen)) {
                Err(fault) => rejected.push(RejectedLearner { position, fault }),
                Ok(candidates) => {
                    let history = histories.get(&learner_id).cloned().unwrap_or_default();
                    let decision = decide(&candidates, &rule_set, &programme, &history, today)
                        .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
                    let request_id = RequestId::from_uuid(new_id());
                    prepared.push(Prepared {
                        learner_id,
                        request_id,
                        candidates,
                        decision,
                    });
                }
            }
        }
        let cohort = NewCohort {
            cohort_id: CohortId::from_uuid(new_id()),
            requesting,
            receiving: rule_set.receiving,
            programme_id: programme.id,
            rule_set_id: rule_set.id,
            requested_by: grant.actor().client,
            // Said by the stages that each request walks, as they are written down.
            hold_expires_at: now,
            judged_on: None,
        };
        store(tx, &cohort, &rule_set, &prepared, &owners, now)?;
        let sent = prepared.iter().map(|one| (one.learner_id, one.request_id));
        bases.write(tx, grant.actor(), sent, now)?;
        send(tx, grant.actor(), &cohort, &prepared, now)?;
        let subject = ("cohort", Some(cohort.cohort_id.as_uuid()));
        let figures = json!({ "requests": prepared.len(), "rejected": rejected.len() });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        rejected.sort_by_key(|learner| learner.position);
        let rows =
            conversion_requests::list(tx.conn(), Which::Cohort(cohort.cohort_id), View::Whole)?;
        let mut view = cohort_view(tx.conn(), cohort.cohort_id, rows)?;
        view.rejected = rejected;
        Ok(view)
    })
}

fn rules_for(
    tx: &mut Tx<'_>,
    order: &ConversionOrder,
    now: DateTime<Utc>,
) -> Result<(Programme, RuleSet), LedgerError> {
    let receiving = institution_id(tx, &order.receiving)?;
    let row = institutions::find(tx.conn(), receiving)?.ok_or(LedgerError::NotFound)?;
    refuse_unless_active(&row.try_into()?)?;
    let programme = programmes::find_by_code(tx.conn(), receiving, &order.programme)?;
    let programme = programme.ok_or_else(|| {
        LedgerError::Refused(Fault::new(
            "PROGRAMME_UNKNOWN",
            format!("接收机构没有专业 {},请核对专业代码", order.programme),
            format!(
                "the receiving institution has no programme {}; check it",
                order.programme
            ),
        ))
    })?;
    let (code, today) = (order.rule_set.as_deref(), bank_day(now));
    match rule_set_programmes::find_in_force(tx.conn(), &programme, code, today)? {
        Some(id) => {
            let stored = rule_sets::find(tx.conn(), id)?;
            let missing = LedgerError::Corrupt("rule_sets.rule_set_id");
            Ok((programme, stored.ok_or(missing)?.rule_set))
        }
        None => Err(LedgerError::Refused(match code {
            None => no_rules(&order.programme),
            Some(code) => match rule_set_programmes::find_scope(tx.conn(), receiving, code, today)?
            {
                None => not_in_force(code),
                Some(programmes) => for_others(code, &order.programme, &programmes),
            },
        })),
    }
}

fn no_rules(programme: &str) -> Fault {
    Fault::new(
        "NO_RULES_IN_FORCE",
        format!("接收机构目前没有适用于专业 {programme} 的已批准且有效的转换规则"),
        format!(
            "the receiving institution has no approved rules in force today for programme \
             {programme}"
        ),
    )
}

fn not_in_force(code: &str) -> Fault {
    Fault::new(
        "RULE_SET_NOT_IN_FORCE",
        format!("接收机构没有代码为 {code} 且今日有效的转换规则;不写代码即按该专业的规则"),
        format!(
            "the receiving institution has no rule set {code} in force today; name none to be \
             decided by the programme's"
        ),
    )
}

fn for_others(code: &str, programme: &str, programmes: &[String]) -> Fault {
    Fault::new(
        "RULE_SET_OTHER_PROGRAMME",
        format!(
            "规则集 {code} 只适用于专业 {},不适用于 {programme}",
            programmes.join("、")
        ),
        format!(
            "rule set {code} is for {} only, not for {programme}",
            programmes.join(", ")
        ),
    )
}

type Wanted<'o> = (u32, LearnerId, &'o [OutcomeId]);

/// Who is meant, each learner once; whoever is not known or stands twice is rejected.
fn resolve<'o>(
    tx: &mut Tx<'_>,
    order: &'o ConversionOrder,
    requesting: InstitutionId,
) -> Result<(Vec<Wanted<'o>>, Vec<RejectedLearner>), LedgerError> {
    let learners = order.learners.iter().map(|ordered| &ordered.learner);
    let people = People::find(tx, requesting, learners)?;
    let mut wanted = Vec::new();
    let mut rejected = Vec::new();
    let mut seen = HashSet::new();
    for ((position, at), ordered) in (0_u32..).zip(0_usize..).zip(&order.learners) {
        match people.account(at) {
            None => rejected.push(RejectedLearner {
                position,
                fault: no_outcomes(),
            }),
            Some(account) if !seen.insert(account.learner_id) => {
                rejected.push(RejectedLearner {
                    position,
                    fault: twice(),
                });
            }
            Some(account) => {
                wanted.push((position, account.learner_id, ordered.outcomes.as_slice()));
            }
        }
    }
    Ok((wanted, rejected))
}

/// The lots that a request is about: those of the school's own outcomes.
pub(super) fn choose(
    lots: &[ConvertibleLot],
    outcomes: &[OutcomeId],
    requesting: InstitutionId,
    (rule_set, comparisons): (&RuleSet, &Comparisons),
    day: NaiveDate,
) -> Result<Result<Vec<Candidate>, Fault>, LedgerError> {
    let own: Vec<&ConvertibleLot> = lots
        .iter()
        .filter(|lot| lot.institution_id == requesting && rule_set.converts(lot.unit))
        .collect();
    if let Some(unknown) = outcomes
        .iter()
        .find(|wanted| own.iter().all(|lot| lot.outcome_id != **wanted))
    {
        return Ok(Err(outcome_unknown(*unknown)));
    }
    let mut candidates = Vec::new();
    for lot in own {
        let state = state_of(lot, day)?;
        let named = outcomes.contains(&lot.outcome_id);
        // Without a list only what can still be used is meant; what is named is answered.
        if named || (outcomes.is_empty() && matches!(state, LotState::Usable(_))) {
            candidates.push(comparisons.candidate(lot, state)?);
        }
    }
    if candidates.is_empty() {
        Ok(Err(no_outcomes()))
    } else {
        Ok(Ok(candidates))
    }
}

/// Stores requests, proposals and holds of a whole cohort, a statement each.
pub(super) fn store(
    tx: &mut Tx<'_>,
    cohort: &NewCohort,
    rule_set: &RuleSet,
    prepared: &[Prepared],
    owners: &HashMap<LotId, LearnerId>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let mut requests = Vec::with_capacity(prepared.len());
    let mut lines = Vec::new();
    let mut holds = Vec::new();
    let mut held = HashMap::new();
    let owner = |lot: LotId, otherwise: LearnerId| owners.get(&lot).copied().unwrap_or(otherwise);
    for one in prepared {
        let Prepared {
            learner_id,
            request_id,
            ..
        } = *one;
        requests.push(NewRequest {
            learner_id,
            request_id,
        });
        for candidate in &one.candidates {
            let amount = requested_amount(rule_set, candidate);
            if matches!(candidate.state, LotState::Usable(_)) {
                holds.push(Move {
                    learner_id: owner(candidate.lot_id, learner_id),
                    lot_id: candidate.lot_id,
                    kind: MoveKind::Hold,
                    amount,
                    user: Some(User::Request(request_id)),
                    correction: None,
                    effective_on: bank_day(now),
                });
            }
            held.insert((request_id, candidate.lot_id), amount);
        }
        for (line_no, line) in (1..).zip(&one.decision.lines) {
            lines.push(NewLine {
                learner_id,
                request_id,
                line_no,
                line,
                held: held.remove(&(request_id, line.lot_id)).unwrap_or_default(),
                lot_learner_id: owner(line.lot_id, learner_id),
                grant_outcome_id: None,
                revision: None,
            });
        }
    }
    conversion_requests::insert_all(tx, cohort, &requests, now)?;
    conversion_lines::insert_all(tx, Stage::Proposal, &lines)?;
    transfers::move_all(tx, &holds, now)
}

/// One answer for "not known" and "nothing of yours", so that nobody learns who has an account.
fn no_outcomes() -> Fault {
    Fault::new(
        "NO_CONVERTIBLE_OUTCOMES",
        "本校没有为该学习者登记可转换的学分成果",
        "this school has posted no outcome with credit left for this learner",
    )
}

fn twice() -> Fault {
    Fault::new(
        "LEARNER_TWICE",
        "同一学习者在申请中出现两次,请保留一次",
        "the learner stands twice in the order; keep one",
    )
}

fn outcome_unknown(outcome: OutcomeId) -> Fault {
    Fault::new(
        "OUTCOME_UNKNOWN",
        format!("成果 {outcome} 不是本校为该学习者登记的学分成果"),
        format!("outcome {outcome} is not one with credit that this school posted for the learner"),
    )
}
