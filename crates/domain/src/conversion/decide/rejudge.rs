//! A decision looked at again, because an outcome that it rested on was corrected.

use chrono::NaiveDate;

use super::decided;
use super::inputs::Inputs;
use super::stood::Stood;
use crate::amount::{AmountError, Hundredths};
use crate::conversion::candidate::{Candidate, History};
use crate::conversion::decision::{DecidedLine, Verdict};
use crate::conversion::explain::Explanation;
use crate::conversion::rule::{Programme, RuleSet};
use crate::ids::LotId;
use crate::reason::ReasonCode;

/// Judges what one application of a rule was granted again, by that rule alone and for the same
/// day, with the lots as they are now. Gives nothing where all of it still stands, else the lines
/// as they are to be, one for each of `stood` in its place: a correction takes away what has lost
/// its ground and no line is ever granted more than it was, since a decision is final and more can
/// be asked for.
///
/// `stood` are the application's lines: one rule, one or more lots. `candidates` are its lots, or
/// those that took their place, in the order in which the lots first stand in `stood`; what the
/// application itself uses or holds of a lot is usable. `others` is what stands in the programme
/// without the application. Every other grant stood beside it under the caps, so the answer does
/// not depend on the order in which applications are judged.
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
    let before = Stood::of_lines(stood);
    let decision = decided(Inputs {
        candidates,
        accepted: &[],
        rule_set: &same_rule,
        programme,
        history: others,
        today: day,
        stood: Some(&before),
    })?;
    let again: Vec<DecidedLine> = stood
        .iter()
        .map(|line| judged(line, &before, candidates, &decision.lines, rule_set))
        .collect();
    let falls = stood
        .iter()
        .zip(&again)
        .any(|(old, new)| new.granted < old.granted);
    let fits = before.lots.iter().zip(candidates).all(|(lot, now)| {
        let used = stood.iter().filter(|line| line.lot_id == *lot);
        let used = Hundredths::sum(used.map(|line| line.used));
        used.is_ok_and(|used| used <= now.state.usable().unwrap_or_default())
    });
    Ok((falls || !fits).then_some(again))
}

/// A line as it is to be.
fn judged(
    old: &DecidedLine,
    before: &Stood,
    candidates: &[Candidate],
    lines: &[DecidedLine],
    rule_set: &RuleSet,
) -> DecidedLine {
    let is_lot = |lot: &LotId| *lot == old.lot_id;
    let candidate = before
        .lots
        .iter()
        .position(is_lot)
        .and_then(|at| candidates.get(at));
    let (lot_id, outcome_id) = candidate.map_or((old.lot_id, old.outcome_id), |now| {
        (now.lot_id, now.outcome_id)
    });
    let place = DecidedLine {
        lot_id,
        outcome_id,
        ..old.clone()
    };
    // What was refused stays refused, for the reason that was given.
    if old.granted.is_zero() && old.used.is_zero() {
        return place;
    }
    let mut of_lot = lines.iter().filter(|line| line.lot_id == lot_id);
    let exact = of_lot.clone().find(|line| line.target == old.target);
    let Some(new) = exact.or_else(|| of_lot.next()) else {
        let reason = ReasonCode::OutcomeWithdrawn;
        return fallen(
            place,
            reason,
            Explanation::refused(rule_set, None, reason, None),
        );
    };
    let reason = new.verdict.reason().unwrap_or(ReasonCode::Other);
    DecidedLine {
        used: new.used,
        granted: new.granted,
        verdict: Verdict::of(new.granted, old.requested, reason),
        explanation: new.explanation.clone(),
        remedy: new.remedy.clone(),
        ..place
    }
}

/// A line whose conversion is taken back as a whole.
#[must_use]
pub fn reversed_line(stood: DecidedLine, document_number: &str) -> DecidedLine {
    let reason = ReasonCode::ConversionReversed;
    let text = reason.text();
    let explanation = Explanation {
        zh: format!("依据{document_number}:{}", text.zh),
        en: format!("{}, under {document_number}", text.en),
    };
    fallen(stood, reason, explanation)
}

fn fallen(stood: DecidedLine, reason: ReasonCode, explanation: Explanation) -> DecidedLine {
    DecidedLine {
        used: Hundredths::ZERO,
        granted: Hundredths::ZERO,
        verdict: Verdict::Refused(reason),
        explanation,
        remedy: None,
        ..stood
    }
}
