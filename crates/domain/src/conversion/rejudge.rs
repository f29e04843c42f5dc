//! A decision looked at again, because an outcome that it rested on was corrected.

use chrono::NaiveDate;

use super::decide::{Candidate, DecidedLine, History, Verdict, decide};
use super::explain::Explanation;
use super::rule::{Programme, RuleSet};
use crate::amount::{AmountError, Hundredths};
use crate::reason::ReasonCode;

/// Judges one line of an earlier decision again, by the same rules and for the same day, with the
/// outcome as it is now. Gives nothing where what was granted still stands in full, else the line
/// as it is to be: a correction takes away what has lost its ground and never gives more than was
/// decided, since a decision is final and more can be asked for.
///
/// `others` is what stands in the programme without this line. Every other line stood beside this
/// one under the cap, so the answer does not depend on the order in which lines are judged.
///
/// # Errors
/// [`AmountError::Overflow`] where sums leave 64 bits.
pub fn rejudge_line(
    stood: Hundredths,
    candidate: &Candidate,
    rule_set: &RuleSet,
    programme: &Programme,
    others: &History,
    day: NaiveDate,
) -> Result<Option<DecidedLine>, AmountError> {
    let candidates = std::slice::from_ref(candidate);
    let decision = decide(candidates, rule_set, programme, others, day)?;
    let fallen = |line: &DecidedLine| line.granted < stood;
    Ok(decision.lines.into_iter().next().filter(fallen))
}

/// A line whose conversion is taken back as a whole.
#[must_use]
pub fn reversed_line(stood: DecidedLine, document_number: &str) -> DecidedLine {
    let reason = ReasonCode::ConversionReversed;
    let text = reason.text();
    DecidedLine {
        granted: Hundredths::ZERO,
        verdict: Verdict::Refused(reason),
        explanation: Explanation {
            zh: format!("依据{document_number}:{}", text.zh),
            en: format!("{}, under {document_number}", text.en),
        },
        ..stood
    }
}
