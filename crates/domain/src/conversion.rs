//! Conversion (转换): using lots to be granted credit in a programme of a receiving institution.

mod applications;
mod applied;
mod candidate;
mod decide;
mod decision;
mod explain;
mod failing;
mod fit;
mod inputs;
mod limits;
mod lines;
mod names;
mod past;
mod refusals;
mod rejudge;
mod rule;
mod settled;
mod shares;
mod stand_in;
mod ways;
mod worth;

pub use candidate::{Candidate, History, LotState, PastGrant, PastSource};
pub use decide::{decide, requested_amount};
pub use decision::{DecidedLine, Decision, RequestResult, Verdict};
pub use explain::Explanation;
pub use past::used_in_full;
pub use rejudge::{rejudge, reversed_line};
pub use rule::{
    ArticulationRule, BookedGrade, Cap, CapShape, Condition, Document, Effect, Gives, MonthDay,
    Most, Part, Place, Programme, Ratio, Rounding, RuleSet, RuleSetFault, Source,
};

#[cfg(test)]
mod tests;
