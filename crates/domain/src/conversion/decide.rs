//! The decision about one learner's request, line by line.

mod acceptance;
mod applications;
mod applied;
mod failing;
mod figures;
mod fit;
mod inputs;
mod limits;
mod lines;
mod misfits;
mod names;
mod past;
mod refusals;
mod rejudge;
mod settled;
mod shares;
mod stood;
mod ways;
mod what_if;
mod worth;

use chrono::NaiveDate;

use super::candidate::{Candidate, History};
use super::decision::{Decision, RequestResult};
use super::plan::best_plan;
use super::rule::{Programme, RuleSet};
use crate::amount::{AmountError, Hundredths};
pub(super) use acceptance::Acceptance;
use inputs::Inputs;
use lines::lines;
pub use past::used_in_full;
pub use rejudge::{rejudge, reversed_line};
use settled::Settled;
use ways::Ways;
pub use what_if::{Fit, MissingCourse, Outlook, Prospect, what_if};

/// The version of the engine: counts up whenever it would decide otherwise, or say otherwise, by
/// the same rules on the same facts. What an earlier one decided is then no longer made again word
/// for word by this one.
pub const ENGINE: i16 = 3;

/// How long the planner looks for something better; about a second at most.
const STEPS_MAX: u64 = 5_000;

/// How much of a lot a request holds: the most that a rule which names it could use of it, at most
/// what is usable; all of that where no rule names it.
///
/// No decision about the request uses more of the lot.
#[must_use]
pub fn requested_amount(rule_set: &RuleSet, candidate: &Candidate) -> Hundredths {
    let usable = candidate.state.asked().unwrap_or(candidate.issued);
    let naming = rule_set.rules.iter().filter(|rule| {
        let mut sources = rule.condition.sources();
        sources.any(|source| source.names(candidate))
    });
    let most = naming.map(|rule| {
        if rule.condition.most_outcomes() > 1 {
            return usable;
        }
        // Where sums leave 64 bits there is no decision either, so anything is enough.
        let needs = rule.needs(candidate.unit, &[usable]).unwrap_or_default();
        needs.first().copied().unwrap_or(usable)
    });
    most.max().unwrap_or(usable)
}

/// Decides a request. Pure: the same arguments give the same decision years later.
///
/// Among all ways to apply the rules to the candidates it is the one with the largest grant, then
/// the fewest lots, then the oldest. The total does not depend on the order of `candidates`; the
/// lines follow it.
///
/// # Errors
/// [`AmountError::Overflow`] where sums leave 64 bits.
pub fn decide(
    candidates: &[Candidate],
    rule_set: &RuleSet,
    programme: &Programme,
    history: &History,
    today: NaiveDate,
) -> Result<Decision, AmountError> {
    decide_accepting(candidates, &[], rule_set, programme, history, today)
}

/// Decides a request of which somebody accepts some outcomes in part.
pub(super) fn decide_accepting(
    candidates: &[Candidate],
    accepted: &[Acceptance],
    rule_set: &RuleSet,
    programme: &Programme,
    history: &History,
    today: NaiveDate,
) -> Result<Decision, AmountError> {
    decided(Inputs {
        candidates,
        accepted,
        rule_set,
        programme,
        history,
        today,
        stood: None,
    })
}

fn decided(inputs: Inputs<'_>) -> Result<Decision, AmountError> {
    decided_among(&Ways::of(inputs)?)
}

fn decided_among(ways: &Ways<'_>) -> Result<Decision, AmountError> {
    let plan = best_plan(&ways.problem(), STEPS_MAX);
    let settled = Settled::of(ways, &plan);
    let lines = lines(&settled)?;
    Ok(Decision {
        result: RequestResult::of(&lines),
        lines,
        total: plan.total,
        proven: plan.proven,
        complete: ways.complete,
        bound: plan.bound,
    })
}
