//! What a reviewer does not accept of a request, against the proposal, and the decision without it.

use chrono::NaiveDate;

use super::candidate::{Candidate, History, LotState};
use super::decide::{Acceptance, decide_accepting};
use super::decision::{DecidedLine, Decision, Verdict};
use super::explain::Explanation;
use super::rule::{Programme, RuleSet};
use crate::amount::{AmountError, Hundredths};
use crate::ids::LotId;
use crate::reason::ReasonCode;

/// A lot that is not accepted, or not in full, with the reason that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The lot.
    pub lot_id: LotId,
    /// One that a reviewer may give: [`ReasonCode::is_for_reviewers`].
    pub reason: ReasonCode,
    /// In the reviewer's own words, for the learner to read.
    pub text: String,
    /// The most that may be granted on its outcome all the same; mostly nothing.
    pub accepted: Hundredths,
}

/// Decides a request without what is not accepted: the best plan of the rest. A reviewer can take
/// something away and never grant what the rules do not. What is accepted in part is one more cap:
/// nothing that rests on the outcome is granted beyond it.
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
    let mut left = candidates.to_vec();
    let mut barred = Vec::new();
    let mut parts = Vec::new();
    for candidate in &mut left {
        let bar = bars.iter().find(|bar| bar.lot_id == candidate.lot_id);
        // What cannot be used anyway is refused for that.
        if let (Some(bar), LotState::Usable(held)) = (bar, candidate.state) {
            if bar.accepted.is_zero() {
                candidate.state = LotState::Barred(held, bar.reason);
            } else {
                let outcome = candidate.outcome_id;
                parts.push(Acceptance::new(outcome, bar.accepted, bar.reason));
            }
            barred.push(bar);
        }
    }
    let mut decision = decide_accepting(&left, &parts, rule_set, programme, history, today)?;
    for line in &mut decision.lines {
        let bar = barred.iter().find(|bar| bar.lot_id == line.lot_id);
        if let Some(bar) = bar.filter(|bar| line.verdict.reason() == Some(bar.reason)) {
            bar.tell(line, rule_set);
        }
    }
    Ok(decision)
}

impl Bar {
    /// Says in the reviewer's words why a line is not granted, or not in full.
    fn tell(&self, line: &mut DecidedLine, rule_set: &RuleSet) {
        line.remedy = None;
        if let Verdict::Refused(reason) = line.verdict
            && self.accepted.is_zero()
        {
            let code = line.rule_code.as_deref();
            let mut rules = rule_set.rules.iter();
            let rule = rules.find(|it| Some(it.code.as_str()) == code);
            let text = Explanation::new(&self.text, &self.text);
            line.explanation = Explanation::refused(rule_set, rule, reason, Some(&text));
        } else {
            let words = self.reason.text();
            line.explanation.zh += &format!(";{}:{}", words.zh, self.text);
            line.explanation.en += &format!("; {}: {}", words.en, self.text);
        }
    }
}
