//! What a person has to look at, where the first check is not certain of itself.

use crate::conversion::{Decision, RequestResult};
use crate::fault::Fault;
use crate::words::words;

words!(
    /// Why a request is not for the rules alone.
    Mark, "a mark", {
        /// The rules give nothing at all.
        NothingGranted => "NOTHING_GRANTED",
        /// The search for the best plan was stopped before it was certain.
        PlanOpen => "PLAN_OPEN",
        /// The learner may be somebody who has another account.
        IdentityInDoubt => "IDENTITY_IN_DOUBT",
    }
);

impl From<Mark> for Fault {
    fn from(mark: Mark) -> Self {
        let (zh, en) = match mark {
            Mark::NothingGranted => (
                "按规则没有可转换的学分,请人工核对",
                "the rules give nothing; somebody should look why",
            ),
            Mark::PlanOpen => (
                "最优方案未能在限定步数内证明,请人工核对",
                "the best plan was not proven within its steps; somebody should look at it",
            ),
            Mark::IdentityInDoubt => (
                "学习者可能有重复账户,请先核对身份",
                "the learner may have another account; settle that first",
            ),
        };
        Self::new(mark.as_str(), zh, en)
    }
}

/// What a person has to look at of a proposal; nothing where it is certain.
#[must_use]
pub fn marks(proposal: &Decision, may_be_a_duplicate: bool) -> Vec<Mark> {
    let nothing = proposal.result == RequestResult::Refused;
    let open = !(proposal.proven && proposal.complete);
    [
        (nothing, Mark::NothingGranted),
        (open, Mark::PlanOpen),
        (may_be_a_duplicate, Mark::IdentityInDoubt),
    ]
    .into_iter()
    .filter_map(|(is, mark)| is.then_some(mark))
    .collect()
}
