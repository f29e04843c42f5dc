//! What a reviewer does not accept of a request, against the proposal, and the decision without it.

use chrono::NaiveDate;

use super::candidate::{Candidate, History, LotState};
use super::decide::decide;
use super::decision::{Decision, Verdict};
use super::explain::Explanation;
use super::rule::{Programme, RuleSet};
use crate::amount::AmountError;
use crate::ids::LotId;
use crate::reason::ReasonCode;

/// A lot that is not accepted, with the reason that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The lot.
    pub lot_id: LotId,
    /// One that a reviewer may give: [`ReasonCode::is_for_reviewers`].
    pub reason: ReasonCode,
    /// In the reviewer's own words, for the learner to read.
    pub text: String,
}

/// Decides a request without what is not accepted: the best plan of the rest. A reviewer can take
/// something away and never grant what the rules do not.
///
/// # Errors
/// [`AmountError::Overflow`] as [`decide`].
pub fn decide_without(
    candidates: &[Candidate],
    bars: &[Bar],
    rule_set: &RuleSet,
    programme: &Programme,
    history: &History,
    today: NaiveDate,
) -> Result<Decision, AmountError> {
    let of = |lot: LotId| bars.iter().find(|bar| bar.lot_id == lot);
    let mut left = candidates.to_vec();
    let mut barred = Vec::new();
    for candidate in &mut left {
        // What cannot be used anyway is refused for that.
        if let (Some(bar), LotState::Usable(held)) = (of(candidate.lot_id), candidate.state) {
            candidate.state = LotState::Barred(held, bar.reason);
            barred.push(bar);
        }
    }
    let mut decision = decide(&left, rule_set, programme, history, today)?;
    for line in &mut decision.lines {
        let bar = barred.iter().find(|bar| bar.lot_id == line.lot_id);
        if let Some(bar) = bar.filter(|bar| line.verdict == Verdict::Refused(bar.reason)) {
            let code = line.rule_code.as_deref();
            let rule = rule_set
                .rules
                .iter()
                .find(|it| Some(it.code.as_str()) == code);
            let text = Explanation::new(&bar.text, &bar.text);
            line.explanation = Explanation::refused(rule_set, rule, bar.reason, Some(&text));
            line.remedy = None;
        }
    }
    Ok(decision)
}
