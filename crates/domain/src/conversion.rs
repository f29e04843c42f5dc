//! Conversion (转换): using lots to be granted credit in a programme of a receiving institution.

mod decide;
mod explain;
mod plan;
mod rejudge;
mod rule;

pub use decide::{
    Candidate, DecidedLine, Decision, History, LotState, RequestResult, Verdict, decide,
    requested_amount,
};
pub use explain::Explanation;
pub use plan::{Plan, PlanOption, PlanProblem, PlannedGrant, best_plan};
pub use rejudge::{rejudge_line, reversed_line};
pub use rule::{ArticulationRule, Document, Programme, RuleSet, RuleSetFault};

#[cfg(test)]
mod tests;
