//! The best way to apply conversion rules to a learner's lots, found exactly.
//!
//! A pure problem of integers: which options are chosen and how much each grants. What a rule is,
//! what a cap is for and how a plan is explained do not belong here.

mod amounts;
mod bound;
mod branch;
mod fill;
mod lex;
mod list;
mod lp;
mod model;
mod near;
mod relax;
mod search;
mod split;
mod steps;

use crate::amount::Hundredths;
use lex::Outcome;
use steps::Steps;

/// One course that one application of a rule would grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOption {
    /// The application: the same rule applied to the same lots. Options of one application may be
    /// chosen together; different applications must not share a lot.
    pub application: usize,
    /// The lots it uses, by age: 0 is the oldest. The same for all options of an application.
    pub lots: Vec<usize>,
    /// The course it grants; at most one chosen option per course.
    pub course: usize,
    /// The most it grants; less where caps cut it, but more than nothing.
    pub gross: Hundredths,
    /// The caps that its grant counts against.
    pub caps: Vec<usize>,
}

/// What can be granted, and under which caps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanProblem {
    /// Lots are numbered below this.
    pub lot_count: usize,
    /// Courses are numbered below this.
    pub course_count: usize,
    /// What is left under each cap.
    pub room: Vec<Hundredths>,
    /// What may be chosen. An option that names a lot, course or cap that is not there is never
    /// chosen.
    pub options: Vec<PlanOption>,
}

/// An option that is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedGrant {
    /// Its place in [`PlanProblem::options`].
    pub option: usize,
    /// What it grants, more than nothing.
    pub granted: Hundredths,
}

/// A way to apply the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The chosen options, in ascending order.
    pub grants: Vec<PlannedGrant>,
    /// What they grant in all.
    pub total: Hundredths,
    /// Whether this is proven to be the one best plan; otherwise the search was cut short.
    pub proven: bool,
    /// No plan grants more than this; equal to `total` where that much is proven.
    pub bound: Hundredths,
}

/// Finds the best plan.
///
/// Best is, in this order: the largest total; the fewest lots; the oldest lots (the ascending list
/// of their numbers comes first in the dictionary's order); and then, of the options in ascending
/// order of (lots, course, place in the list), the first one granted as much as possible, then the
/// second, and so on. That leaves one plan, whatever the order in which caps are listed.
///
/// `steps_max` limits the work: it counts pivots and nodes of the search, so the same problem
/// stops at the same place on every machine. Where it does not suffice, the best plan found so far
/// comes back as not proven, with a bound that still holds.
///
/// Amounts above 10^10 hundredths are read as that much.
#[must_use]
pub fn best_plan(problem: &PlanProblem, steps_max: u64) -> Plan {
    let mut steps = Steps::new(steps_max);
    let mut grants = Vec::new();
    let mut proven = true;
    let mut bound = 0_i64;
    for part in split::parts(problem) {
        let Outcome {
            granted,
            proven: part_proven,
            bound: part_bound,
        } = lex::solve(part, &mut steps);
        grants.extend(granted);
        proven &= part_proven;
        bound = bound.saturating_add(part_bound);
    }
    grants.sort_unstable();
    let total = grants
        .iter()
        .fold(0_i64, |sum, (_, granted)| sum.saturating_add(*granted));
    let grants = grants.into_iter().map(|(option, granted)| PlannedGrant {
        option,
        granted: hundredths(granted),
    });
    Plan {
        grants: grants.collect(),
        total: hundredths(total),
        proven,
        bound: hundredths(bound),
    }
}

/// Amounts of a plan are never negative.
fn hundredths(value: i64) -> Hundredths {
    Hundredths::new(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
