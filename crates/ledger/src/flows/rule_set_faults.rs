//! Why nothing becomes of a draft, a vote or a retirement.

use creditbank_domain::fault::Fault;

use crate::tables::rule_sets::RuleSetState;

pub(super) fn document_unknown(number: &str) -> Fault {
    Fault::new(
        "RULE_SET_DOCUMENT_UNKNOWN",
        format!("规则集依据的文件 {number} 未登记,请先登记"),
        format!("the rule set rests on document {number}, which is not registered; register it"),
    )
}

pub(super) fn own_proposal() -> Fault {
    Fault::new(
        "RULE_SET_OWN_PROPOSAL",
        "提出人不能审批自己提出的规则集",
        "whoever proposed a rule set may not vote on it",
    )
}

pub(super) fn voted() -> Fault {
    Fault::new(
        "RULE_SET_VOTED",
        "该账户已就此规则集表决,每人一次",
        "this account has voted on the rule set; everybody votes once",
    )
}

pub(super) fn committee_unknown(code: &str) -> Fault {
    Fault::new(
        "COMMITTEE_UNKNOWN",
        format!("委员会 {code} 未登记,请先登记"),
        format!("no committee has the code {code}; register it first"),
    )
}

pub(super) fn no_member(code: &str) -> Fault {
    Fault::new(
        "COMMITTEE_NO_MEMBER",
        format!("表决人当日不是委员会 {code} 的成员"),
        format!("the voter is no member of committee {code} on this day"),
    )
}

pub(super) fn recused() -> Fault {
    Fault::new(
        "COMMITTEE_RECUSED",
        "表决人属于相关院校,须回避",
        "the voter belongs to the concerned college and is recused",
    )
}

pub(super) fn not_in_state(state: RuleSetState, needed: &str) -> Fault {
    let state = state.as_str();
    Fault::new(
        "RULE_SET_STATE",
        format!("规则集状态为 {state},须为 {needed}"),
        format!("the rule set is {state}; it would have to be {needed}"),
    )
}
