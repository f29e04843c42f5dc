//! What a learner's outcomes would come to in programmes, without asking for anything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::failing::missing;
use super::inputs::Inputs;
use super::shares::part_down;
use super::ways::Ways;
use super::{STEPS_MAX, decided_among};
use crate::amount::{AmountError, Hundredths};
use crate::conversion::candidate::{Candidate, History};
use crate::conversion::decision::Decision;
use crate::conversion::explain::Explanation;
use crate::conversion::plan::{PlanOption, PlanProblem, best_plan};
use crate::conversion::rule::{ArticulationRule, Cap, CapShape, Effect, Programme, RuleSet};
use crate::ids::{EntryId, ProgrammeId};

/// A programme in which the learner might convert, with what stands there already.
#[derive(Debug, Clone, Copy)]
pub struct Prospect<'a> {
    /// The programme.
    pub programme: &'a Programme,
    /// The rules that would decide.
    pub rule_set: &'a RuleSet,
    /// What the learner has in it.
    pub history: &'a History,
}

/// How well the outcomes fit a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// All that the rules and caps could ever give.
    Match,
    /// A part of it.
    Maybe,
    /// Nothing.
    Miss,
}

/// A course that the rules could give and that the learner would not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingCourse {
    /// The course.
    pub course: EntryId,
    /// What people call it.
    pub title: String,
    /// The credits that it has.
    pub credits: Hundredths,
    /// The rule that would give it.
    pub rule_code: String,
    /// What is missing for that, where it can be said.
    pub remedy: Option<Explanation>,
}

/// What would come of a request for a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The programme.
    pub programme: ProgrammeId,
    /// How well it fits.
    pub fit: Fit,
    /// What stands granted and what would be, as a part of `possible`: `66.66` percent, rounded
    /// down; `100.00` where nothing is possible and nothing is missing.
    pub percent: Hundredths,
    /// What conversions granted already and would grant now.
    pub granted: Hundredths,
    /// The most that the rules and the caps on the whole programme and its parts could ever grant,
    /// courses that the learner has by other ways left out.
    pub possible: Hundredths,
    /// What else the rules could give, in their order; empty for a match.
    pub missing: Vec<MissingCourse>,
    /// The decision as a request would have it.
    pub decision: Decision,
}

/// Decides for every programme as a request would be decided, and says how much that is of what
/// could be. In the order of the programmes as given.
///
/// # Errors
/// [`AmountError::Overflow`] where sums leave 64 bits.
pub fn what_if(
    candidates: &[Candidate],
    prospects: &[Prospect<'_>],
    today: NaiveDate,
) -> Result<Vec<Outlook>, AmountError> {
    let outlooks = prospects.iter().map(|prospect| {
        outlook(Inputs {
            candidates,
            accepted: &[],
            rule_set: prospect.rule_set,
            programme: prospect.programme,
            history: prospect.history,
            today,
            stood: None,
        })
    });
    outlooks.collect()
}

fn outlook(inputs: Inputs<'_>) -> Result<Outlook, AmountError> {
    let ways = Ways::of(inputs)?;
    let decision = decided_among(&ways)?;
    let before = Hundredths::sum(inputs.history.grants.iter().map(|past| past.granted))?;
    let granted = before.plus(decision.total)?;
    let possible = possible(&ways)?.max(granted);
    let wanting = missing_courses(&ways, &decision);
    let fit = if granted.is_zero() && !wanting.is_empty() {
        Fit::Miss
    } else if granted == possible {
        Fit::Match
    } else {
        Fit::Maybe
    };
    let hundred = Hundredths::new(10_000)?;
    Ok(Outlook {
        programme: inputs.programme.id,
        fit,
        percent: match fit {
            Fit::Match => hundred,
            Fit::Maybe | Fit::Miss => part_down(hundred, granted, possible)?,
        },
        granted,
        possible,
        missing: if fit == Fit::Match {
            Vec::new()
        } else {
            wanting
        },
        decision,
    })
}

/// Every course that the rules could give with the first rule that gives it, those that the learner
/// has anyway and those that are never replaced left out.
fn listed<'a>(ways: &Ways<'a>) -> Vec<(&'a ArticulationRule, &'a Effect)> {
    let Inputs {
        rule_set, history, ..
    } = ways.inputs;
    let mut seen = BTreeSet::new();
    let rules = rule_set.rules.iter();
    let effects = rules.flat_map(|rule| rule.effects.iter().map(move |effect| (rule, effect)));
    let given = |course| history.grants.iter().any(|past| past.course == course);
    effects
        .filter(|(_, effect)| rule_set.never_replaced(effect.course).is_none())
        .filter(|(_, effect)| given(effect.course) || !history.courses.contains(&effect.course))
        .filter(|(_, effect)| seen.insert(effect.course))
        .collect()
}

/// What somebody with every outcome that the rules name could be granted in all.
fn possible(ways: &Ways<'_>) -> Result<Hundredths, AmountError> {
    let Inputs {
        rule_set,
        programme,
        ..
    } = ways.inputs;
    let mut most: BTreeMap<EntryId, Hundredths> = BTreeMap::new();
    for effect in rule_set.rules.iter().flat_map(|rule| &rule.effects) {
        let gross = effect.gross_at_most();
        let best = most.entry(effect.course).or_default();
        *best = gross.max(*best);
    }
    let whole = |cap: &&_| is_for_everything(cap);
    let caps: Vec<_> = rule_set.caps.iter().filter(whole).collect();
    let room: Result<Vec<Hundredths>, AmountError> = caps
        .iter()
        .map(|cap| cap.limit(cap.base(rule_set, programme)))
        .collect();
    let listed = listed(ways);
    let options = listed.iter().enumerate().map(|(nth, (_, effect))| {
        let numbered = caps.iter().enumerate();
        let counting = numbered.filter(|(_, cap)| cap.counts_course(rule_set, effect.course));
        PlanOption {
            application: nth,
            lots: vec![nth],
            course: nth,
            gross: most.get(&effect.course).copied().unwrap_or_default(),
            caps: counting.map(|(number, _)| number).collect(),
        }
    });
    let problem = PlanProblem {
        lot_count: listed.len(),
        course_count: listed.len(),
        room: room?,
        options: options.collect(),
    };
    Ok(best_plan(&problem, STEPS_MAX).bound)
}

/// Whether a cap counts all grants of its part, wherever they come from.
fn is_for_everything(cap: &Cap) -> bool {
    cap.shape == CapShape::Programme && cap.categories.is_empty() && cap.institutions.is_empty()
}

fn missing_courses(ways: &Ways<'_>, decision: &Decision) -> Vec<MissingCourse> {
    let history = ways.inputs.history;
    let lines = || decision.lines.iter();
    let is_granted = |course: EntryId| {
        let now = lines().any(|line| line.target == Some(course) && !line.granted.is_zero());
        now || history.has(course)
    };
    let listed = listed(ways).into_iter();
    let wanting = listed.filter(|(_, effect)| !is_granted(effect.course));
    wanting
        .map(|(rule, effect)| {
            let mut refused = lines().filter(|line| line.target == Some(effect.course));
            let told = refused.find(|line| line.remedy.is_some());
            let code = told.and_then(|line| line.rule_code.clone());
            MissingCourse {
                course: effect.course,
                title: effect.title.clone(),
                credits: effect.credits,
                rule_code: code.unwrap_or_else(|| rule.code.clone()),
                remedy: match told {
                    Some(line) => line.remedy.clone(),
                    None => missing(ways, &rule.condition),
                },
            }
        })
        .collect()
}
