//! The decision about one learner's request, line by line.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};

use super::explain::{Explanation, Figures};
use super::rule::{ArticulationRule, Programme, RuleSet};
use crate::amount::{AmountError, Hundredths};
use crate::catalogue::Level;
use crate::grade::Grade;
use crate::ids::{EntryId, LotId, OutcomeId};
use crate::reason::ReasonCode;

/// Whether a lot can be used by the request at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LotState {
    /// This much is there for the request: available, or already held for it.
    Usable(Hundredths),
    /// Another request holds it.
    HeldElsewhere,
    /// It was used before.
    Used,
    /// It lapsed.
    Expired,
    /// It was withdrawn by a correction.
    Withdrawn,
}

impl LotState {
    /// What there is for the request, or why there is nothing.
    const fn usable(self) -> Result<Hundredths, ReasonCode> {
        match self {
            Self::Usable(usable) => Ok(usable),
            Self::HeldElsewhere => Err(ReasonCode::AlreadyReserved),
            Self::Used => Err(ReasonCode::OutcomeAlreadyUsed),
            Self::Expired => Err(ReasonCode::Expired),
            Self::Withdrawn => Err(ReasonCode::OutcomeWithdrawn),
        }
    }
}

/// One outcome of the learner, with its credit lot, that the request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The lot.
    pub lot_id: LotId,
    /// The outcome that the lot came from.
    pub outcome_id: OutcomeId,
    /// The catalogue entry achieved.
    pub entry_id: EntryId,
    /// Its level.
    pub level: Option<Level>,
    /// The result.
    pub grade: Grade,
    /// When it was achieved.
    pub awarded_on: NaiveDate,
    /// The credits that were recognised.
    pub issued: Hundredths,
    /// What is left of them for this request.
    pub state: LotState,
}

/// What was granted before in the same programme.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Credits granted by conversion.
    pub granted: Hundredths,
    /// Courses granted by conversion.
    pub courses: BTreeSet<EntryId>,
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The whole of what was requested.
    Granted,
    /// A part; the rest goes back to the learner.
    Cut(ReasonCode),
    /// Nothing.
    Refused(ReasonCode),
}

impl Verdict {
    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Cut(_) => "cut",
            Self::Refused(_) => "refused",
        }
    }

    /// The coded reason of what was not granted.
    #[must_use]
    pub const fn reason(&self) -> Option<ReasonCode> {
        match self {
            Self::Granted => None,
            Self::Cut(reason) | Self::Refused(reason) => Some(*reason),
        }
    }
}

/// A line with its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedLine {
    /// The lot that it would use.
    pub lot_id: LotId,
    /// The outcome behind the lot.
    pub outcome_id: OutcomeId,
    /// The rule that was applied, where one lists the outcome.
    pub rule_code: Option<String>,
    /// The course that the rule gives.
    pub target: Option<EntryId>,
    /// The credits asked for; always granted + what was cut or refused.
    pub requested: Hundredths,
    /// The credits given.
    pub granted: Hundredths,
    /// What became of it.
    pub verdict: Verdict,
    /// The arithmetic, in both languages.
    pub explanation: Explanation,
}

/// What a request as a whole came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestResult {
    /// Every line in full.
    Granted,
    /// Something, but not everything.
    Partly,
    /// Nothing.
    Refused,
}

/// The decision about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// In the order of the candidates as given.
    pub lines: Vec<DecidedLine>,
    /// What it came to.
    pub result: RequestResult,
}

/// What a line asks for: the credits of the course it would give, at most what is usable.
///
/// This is what a request holds of the lot. Where no rule lists the outcome, all that is usable.
#[must_use]
pub fn requested_amount(rule_set: &RuleSet, candidate: &Candidate) -> Hundredths {
    let usable = candidate.state.usable().unwrap_or(candidate.issued);
    let rule = rule_set
        .rules
        .iter()
        .find(|rule| rule.source == candidate.entry_id);
    rule.map_or(usable, |rule| usable.min(rule.target_credits))
}

/// Decides a request. Pure: the same arguments give the same decision years later.
///
/// The total does not depend on the order of `candidates`: they are considered oldest first, and
/// the credits left under the cap are given in that order, down to the last hundredth.
///
/// # Errors
/// [`AmountError::Overflow`] where sums leave 64 bits.
pub fn decide(
    candidates: &[Candidate],
    rule_set: &RuleSet,
    programme: &Programme,
    history: &History,
    today: NaiveDate,
) -> Result<Decision, AmountError> {
    let cap = programme
        .total_credits
        .share_rounded_down(rule_set.programme_share)?;
    let mut used = history.granted;
    let mut courses = history.courses.clone();
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|i| {
        candidates
            .get(*i)
            .map(|c| (c.awarded_on, c.outcome_id, c.lot_id))
    });
    let mut decided: Vec<(usize, DecidedLine)> = Vec::with_capacity(candidates.len());
    for position in order {
        let Some(candidate) = candidates.get(position) else {
            continue;
        };
        let requested = requested_amount(rule_set, candidate);
        let figures = Figures {
            share: rule_set.programme_share,
            total: programme.total_credits,
            cap,
            used,
            requested,
        };
        let line = decide_line(candidate, rule_set, &courses, figures, today)?;
        if !line.granted.is_zero() {
            used = used.plus(line.granted)?;
            courses.extend(line.target);
        }
        decided.push((position, line));
    }
    decided.sort_by_key(|(position, _)| *position);
    let lines: Vec<DecidedLine> = decided.into_iter().map(|(_, line)| line).collect();
    let result = overall(&lines);
    Ok(Decision { lines, result })
}

fn overall(lines: &[DecidedLine]) -> RequestResult {
    if lines.iter().all(|line| line.granted.is_zero()) {
        RequestResult::Refused
    } else if lines.iter().all(|line| line.verdict == Verdict::Granted) {
        RequestResult::Granted
    } else {
        RequestResult::Partly
    }
}

fn decide_line(
    candidate: &Candidate,
    rule_set: &RuleSet,
    courses: &BTreeSet<EntryId>,
    figures: Figures,
    today: NaiveDate,
) -> Result<DecidedLine, AmountError> {
    let rule = rule_set
        .rules
        .iter()
        .find(|rule| rule.source == candidate.entry_id);
    let line = |granted, verdict, explanation| DecidedLine {
        lot_id: candidate.lot_id,
        outcome_id: candidate.outcome_id,
        rule_code: rule.map(|rule| rule.code.clone()),
        target: rule.map(|rule| rule.target),
        requested: figures.requested,
        granted,
        verdict,
        explanation,
    };
    let zero = Hundredths::ZERO;
    let Some(applied) = rule else {
        let text = Explanation::not_listed(rule_set);
        return Ok(line(zero, Verdict::Refused(ReasonCode::NotInList), text));
    };
    if let Some((reason, text)) = refusal(candidate, applied, rule_set, courses, today) {
        return Ok(line(zero, Verdict::Refused(reason), text));
    }
    let left = figures.cap.minus(figures.used).unwrap_or_default();
    let granted = figures.requested.min(left);
    let text = Explanation::counted(applied, rule_set, figures, granted);
    let verdict = if granted == figures.requested {
        Verdict::Granted
    } else if granted.is_zero() {
        Verdict::Refused(ReasonCode::CapProgramme)
    } else {
        Verdict::Cut(ReasonCode::CapProgramme)
    };
    Ok(line(granted, verdict, text))
}

fn refusal(
    candidate: &Candidate,
    rule: &ArticulationRule,
    rule_set: &RuleSet,
    courses: &BTreeSet<EntryId>,
    today: NaiveDate,
) -> Option<(ReasonCode, Explanation)> {
    let refuse = |reason: ReasonCode, is: Explanation, needs: Explanation| {
        Some((
            reason,
            Explanation::refused(rule, rule_set, reason, &is, &needs),
        ))
    };
    let nothing = || Explanation::same("");
    let usable = match candidate.state.usable() {
        Ok(usable) => usable,
        Err(reason) => return refuse(reason, nothing(), nothing()),
    };
    if let Some(floor) = &rule.level_floor {
        let level = candidate.level.as_ref();
        if !level.is_some_and(|l| l.framework == floor.framework && l.value >= floor.value) {
            let said = |l: &Level| Explanation::same(format_args!("{} {}", l.framework, l.value));
            let is = level.map_or_else(|| Explanation::same("–"), said);
            return refuse(ReasonCode::LevelTooLow, is, said(floor));
        }
    }
    if !candidate.grade.passes(rule.minimum_grade) {
        return refuse(
            ReasonCode::GradeTooLow,
            Explanation {
                zh: candidate.grade.zh(),
                en: candidate.grade.to_string(),
            },
            Explanation {
                zh: rule.minimum_grade.score().to_string(),
                en: rule.minimum_grade.to_string(),
            },
        );
    }
    if let Some(months) = rule.earned_within_months {
        let last = candidate.awarded_on.checked_add_months(Months::new(months));
        if last.is_some_and(|last| today > last) {
            return refuse(
                ReasonCode::Expired,
                Explanation::same(candidate.awarded_on),
                Explanation {
                    zh: format!("{months} 个月"),
                    en: format!("{months} months"),
                },
            );
        }
    }
    if courses.contains(&rule.target) {
        return refuse(
            ReasonCode::CourseAlreadyConverted,
            Explanation::same(&rule.target_title),
            nothing(),
        );
    }
    if usable < rule.target_credits {
        return refuse(
            ReasonCode::CreditsTooFew,
            Explanation::same(usable),
            Explanation::same(rule.target_credits),
        );
    }
    None
}
