//! Conversion (转换): using lots to be granted credit in a programme of a receiving institution.

mod candidate;
mod decide;
mod decision;
mod explain;
mod plan;
mod rehearse;
mod rule;

pub use candidate::{Candidate, History, LotState, PastGrant, PastSource};
pub use decide::{
    ENGINE, Fit, MissingCourse, Outlook, Prospect, decide, rejudge, requested_amount,
    reversed_line, used_in_full, what_if,
};
pub use decision::{DecidedLine, Decision, RequestResult, Verdict};
pub use explain::Explanation;
pub use plan::{Plan, PlanOption, PlanProblem, PlannedGrant, best_plan};
pub use rehearse::{ChangedLine, Changes, rehearse};
pub use rule::{
    ArticulationRule, BookedGrade, Cap, CapShape, Condition, Document, Effect, Gives, GradeFloor,
    MonthDay, Most, Part, Place, Programme, Ratio, Rounding, RuleSet, RuleSetFault, SchemeFloor,
    Source,
};

#[cfg(test)]
mod tests;
