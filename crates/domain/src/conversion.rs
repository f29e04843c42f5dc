//! Conversion (转换): using lots to be granted credit in a programme of a receiving institution.

mod decide;
mod explain;
mod rejudge;
mod rule;

pub use decide::{
    Candidate, DecidedLine, Decision, History, LotState, RequestResult, Verdict, decide,
    requested_amount,
};
pub use explain::Explanation;
pub use rejudge::{rejudge_line, reversed_line};
pub use rule::{ArticulationRule, Document, Programme, RuleSet, RuleSetFault};

#[cfg(test)]
mod tests;
