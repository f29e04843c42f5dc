//! A decision looked at again, because an outcome that it rested on was corrected.

use chrono::NaiveDate;

use super::candidate::{Candidate, History};
use super::decide::decide;
use super::decision::{DecidedLine, Verdict};
use super::explain::Explanation;
use super::rule::{Programme, RuleSet};
use crate::amount::{AmountError, Hundredths};
use crate::reason::ReasonCode;

/// Judges what one application of a rule was granted again, by that rule alone and for the same
/// day, with the lots as they are now. Gives nothing where all that was granted still stands, else
/// the lines as they are to be: a correction takes away what has lost its ground and never gives
/// more than was decided, since a decision is final and more can be asked for.
///
/// `stood` are the application's lines, `candidates` its lots or those that took their place, and
/// `others` is what stands in the programme without it. Every other grant stood beside this one
/// under the caps, so the answer does not depend on the order in which applications are judged.
///
/// # Errors
/// [`AmountError::Overflow`] where sums leave 64 bits.
pub fn rejudge(
    stood: &[DecidedLine],
    candidates: &[Candidate],
    rule_set: &RuleSet,
    programme: &Programme,
    others: &History,
    day: NaiveDate,
) -> Result<Option<Vec<DecidedLine>>, AmountError> {
    let code = stood.iter().find_map(|line| line.rule_code.as_ref());
    let mut same_rule = rule_set.clone();
    same_rule.rules.retain(|rule| Some(&rule.code) == code);
    // What was not granted then is not granted now.
    for rule in &mut same_rule.rules {
        rule.effects.retain(|effect| {
            let of_course = stood
                .iter()
                .filter(|line| line.target == Some(effect.course));
            of_course.into_iter().any(|line| !line.granted.is_zero())
        });
    }
    let decision = decide(candidates, &same_rule, programme, others, day)?;
    let granted = |lines: &[DecidedLine]| Hundredths::sum(lines.iter().map(|line| line.granted));
    let fallen = granted(&decision.lines)? < granted(stood)?;
    Ok(fallen.then_some(decision.lines))
}

/// A line whose conversion is taken back as a whole.
#[must_use]
pub fn reversed_line(stood: DecidedLine, document_number: &str) -> DecidedLine {
    let reason = ReasonCode::ConversionReversed;
    let text = reason.text();
    DecidedLine {
        used: Hundredths::ZERO,
        granted: Hundredths::ZERO,
        verdict: Verdict::Refused(reason),
        explanation: Explanation {
            zh: format!("依据{document_number}:{}", text.zh),
            en: format!("{}, under {document_number}", text.en),
        },
        remedy: None,
        ..stood
    }
}
