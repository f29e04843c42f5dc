//! What learners' requests would be: which lots each is about, and what the rules propose. Nothing is
//! written here, so that a draft, a what-if and a request cannot differ.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::consent::StatedBasis;
use creditbank_domain::conversion::{
    ArticulationRule, Candidate, Decision, LotState, RuleSet, Verdict, decide,
};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{EntryId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId};
use creditbank_domain::reason::ReasonCode;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::flows::comparisons::Comparisons;
use crate::flows::conversion_inputs::state_of;
use crate::flows::learner_groups::{Groups, joint_histories};
use crate::flows::request_rules::Basis;
use crate::flows::send_requests::SentRequest;
use crate::new_id::new_id;
use crate::reads::RejectedLearner;
use crate::tables::lots::ConvertibleLot;

/// A learner of an order, found.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The place in the order, counted from 0.
    pub(super) position: u32,
    pub(super) learner_id: LearnerId,
    /// Which outcomes; empty for all.
    pub(super) outcomes: Vec<OutcomeId>,
    /// By what right the receiving institution is to see them, where whoever asks says so.
    pub(super) basis: Option<StatedBasis>,
    /// Which courses of the programme are asked for; empty for whatever the rules give.
    pub(super) courses: Vec<EntryId>,
}

/// A learner whose request was made out.
pub(super) struct Prepared {
    /// The place in the order, counted from 0.
    pub(super) position: u32,
    pub(super) learner_id: LearnerId,
    pub(super) request_id: RequestId,
    pub(super) candidates: Vec<Candidate>,
    pub(super) decision: Decision,
}

impl Prepared {
    pub(super) const fn sent(&self) -> SentRequest<'_> {
        SentRequest {
            key: (self.learner_id, self.request_id),
            proposal: &self.decision,
        }
    }
}

/// The requests of an order as they would be sent, and for whom there is none.
pub(super) struct Preparation {
    pub(super) prepared: Vec<Prepared>,
    pub(super) rejected: Vec<RejectedLearner>,
    /// Whose the lots are.
    pub(super) owners: HashMap<LotId, LearnerId>,
}

/// Makes out what each learner's request would be on a day, with the learners' lots as they are:
/// locked where they are to be held.
pub(super) fn prepare(
    conn: &mut PgConnection,
    requesting: Option<InstitutionId>,
    basis: &Basis,
    wanted: &[Wanted],
    (groups, lots): (&Groups, Vec<ConvertibleLot>),
    today: NaiveDate,
) -> Result<Preparation, LedgerError> {
    let Basis {
        programme,
        rule_set,
    } = basis;
    let learners: Vec<LearnerId> = wanted.iter().map(|one| one.learner_id).collect();
    let mut owners = HashMap::new();
    let mut lots_of: HashMap<LearnerId, Vec<ConvertibleLot>> = HashMap::new();
    for lot in lots {
        owners.insert(lot.lot_id, lot.learner_id);
        let learner = groups.survivor(lot.learner_id);
        lots_of.entry(learner).or_default().push(lot);
    }
    let histories = joint_histories(conn, groups, &learners, programme, rule_set)?;
    let comparisons = Comparisons::on(conn, today, lots_of.values().flatten())?;
    let mut prepared = Vec::with_capacity(wanted.len());
    let mut rejected = Vec::new();
    for one in wanted {
        let (position, learner_id) = (one.position, one.learner_id);
        let lots = lots_of.get(&learner_id).map_or(&[][..], Vec::as_slice);
        let chosen = choose(
            lots,
            &one.outcomes,
            requesting,
            (rule_set, &comparisons),
            today,
        )?;
        let history = histories.get(&learner_id).cloned().unwrap_or_default();
        let proposed = |candidates: &[Candidate]| {
            decide(candidates, rule_set, programme, &history, today)
                .map_err(|_| LedgerError::Corrupt("a sum of credits"))
        };
        let all_of_a_learner = requesting.is_none() && one.outcomes.is_empty();
        let candidates = match chosen {
            Ok(candidates) if all_of_a_learner => {
                let decision = proposed(&candidates)?;
                listed(candidates, &decision)
            }
            chosen => chosen.and_then(|all| towards(all, &one.courses, rule_set)),
        };
        let proposal = match candidates {
            Err(fault) => Err(fault),
            Ok(candidates) => {
                let decision = proposed(&candidates)?;
                gives_only(&decision, &one.courses).map(|()| (candidates, decision))
            }
        };
        match proposal {
            Err(fault) => rejected.push(RejectedLearner { position, fault }),
            Ok((candidates, decision)) => prepared.push(Prepared {
                position,
                learner_id,
                request_id: RequestId::from_uuid(new_id()),
                decision,
                candidates,
            }),
        }
    }
    Ok(Preparation {
        prepared,
        rejected,
        owners,
    })
}

/// What of all that a learner has some rule names: only that is asked for and held.
fn listed(mut candidates: Vec<Candidate>, decision: &Decision) -> Result<Vec<Candidate>, Fault> {
    let unlisted = |lot: LotId| {
        let mut lines = decision.lines.iter().filter(|line| line.lot_id == lot);
        lines.all(|line| line.verdict == Verdict::Refused(ReasonCode::NotInList))
    };
    candidates.retain(|candidate| !unlisted(candidate.lot_id));
    if candidates.is_empty() {
        Err(no_outcomes())
    } else {
        Ok(candidates)
    }
}

/// The lots that a request is about: those of the school's own outcomes, or all of a learner's.
pub(super) fn choose(
    lots: &[ConvertibleLot],
    outcomes: &[OutcomeId],
    requesting: Option<InstitutionId>,
    (rule_set, comparisons): (&RuleSet, &Comparisons),
    day: NaiveDate,
) -> Result<Result<Vec<Candidate>, Fault>, LedgerError> {
    let own: Vec<&ConvertibleLot> = lots
        .iter()
        .filter(|lot| requesting.is_none_or(|school| lot.institution_id == school))
        .filter(|lot| rule_set.converts(lot.unit))
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

/// What of a learner's lots some rule that gives one of the courses names; all where none is named.
fn towards(
    mut candidates: Vec<Candidate>,
    courses: &[EntryId],
    rule_set: &RuleSet,
) -> Result<Vec<Candidate>, Fault> {
    if courses.is_empty() {
        return Ok(candidates);
    }
    let giving = |rule: &ArticulationRule| {
        let mut effects = rule.effects.iter();
        effects.any(|effect| courses.contains(&effect.course))
    };
    candidates.retain(|candidate| {
        let mut rules = rule_set.rules.iter().filter(|rule| giving(rule));
        rules.any(|rule| {
            let mut sources = rule.condition.sources();
            sources.any(|source| source.names(candidate))
        })
    });
    if candidates.is_empty() {
        Err(nothing_towards())
    } else {
        Ok(candidates)
    }
}

/// A request for some courses is none for others that the same outcomes would rather give.
fn gives_only(decision: &Decision, courses: &[EntryId]) -> Result<(), Fault> {
    let asked = |course: Option<EntryId>| course.is_some_and(|it| courses.contains(&it));
    let mut granted = decision.lines.iter().filter(|line| !line.granted.is_zero());
    if courses.is_empty() || granted.all(|line| asked(line.target)) {
        return Ok(());
    }
    Err(Fault::new(
        "TARGET_COURSE_OTHERWISE",
        "按规则,该学习者的成果将换得所列以外的课程;请补列该课程,或不填目标课程",
        "by the rules the learner's outcomes give a course that is not listed; list it too, or \
         list none",
    ))
}

fn nothing_towards() -> Fault {
    Fault::new(
        "TARGET_COURSE_UNREACHED",
        "没有规则以该学习者现有的成果换得所列目标课程",
        "no rule gives the listed courses for any outcome that the learner has",
    )
}

/// One answer for "not known" and "nothing of yours", so that nobody learns who has an account.
pub(super) fn no_outcomes() -> Fault {
    Fault::new(
        "NO_CONVERTIBLE_OUTCOMES",
        "本校没有为该学习者登记可转换的学分成果",
        "this school has posted no outcome with credit left for this learner",
    )
}

fn outcome_unknown(outcome: OutcomeId) -> Fault {
    Fault::new(
        "OUTCOME_UNKNOWN",
        format!("成果 {outcome} 不是本校登记或本人名下的学分成果"),
        format!(
            "outcome {outcome} is not one with credit that the school posted, or of the learner who asks"
        ),
    )
}
