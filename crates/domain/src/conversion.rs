//! Conversion (转换): using lots to be granted credit in a programme of a receiving institution.

mod candidate;
mod decide;
mod decision;
mod explain;
mod plan;
mod rejudge;
mod rule;

pub use candidate::{Candidate, History, LotState, PastGrant, PastSource};
pub use decide::{decide, requested_amount};
pub use decision::{DecidedLine, Decision, RequestResult, Verdict};
pub use explain::Explanation;
pub use plan::{Plan, PlanOption, PlanProblem, PlannedGrant, best_plan};
pub use rejudge::{rejudge, reversed_line};
pub use rule::{
    ArticulationRule, BookedGrade, Cap, CapShape, Condition, Document, Effect, Gives, MonthDay,
    Most, Part, Place, Programme, Ratio, Rounding, RuleSet, RuleSetFault, Source,
};

#[cfg(test)]
mod tests;
