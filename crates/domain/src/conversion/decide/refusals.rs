//! Lines that are given nothing: the coded reason, its figures, and what would change the answer.

use super::failing::{Failing, nearest};
use super::figures::Counted;
use super::inputs::{Inputs, Lot};
use super::settled::Settled;
use super::ways::{Way, Ways};
use crate::amount::{AmountError, Hundredths, Unit};
use crate::conversion::candidate::{Candidate, PastGrant};
use crate::conversion::decision::{DecidedLine, Verdict};
use crate::conversion::explain::Explanation;
use crate::conversion::rule::{ArticulationRule, BookedGrade, Effect};
use crate::reason::ReasonCode;

/// Why something is not granted in full where nothing that is known stands against it: the search
/// was stopped before it was looked at.
pub(super) const UNPROVEN: ReasonCode = ReasonCode::Other;

/// What is said of a line that is not granted in full.
pub(super) struct Told {
    pub(super) reason: ReasonCode,
    pub(super) explanation: Explanation,
    pub(super) remedy: Option<Explanation>,
}

/// The line of a candidate that no application of the plan uses; no rank for a lot that stands
/// among the candidates a second time.
pub(super) fn line(
    settled: &Settled<'_, '_>,
    candidate: &Candidate,
    rank: Option<usize>,
) -> Result<DecidedLine, AmountError> {
    let ways = settled.ways;
    let lot = rank.and_then(|rank| ways.lots.get(rank).map(|lot| (rank, lot)));
    let way = rank.and_then(|rank| {
        let mut all = ways.ways.iter();
        all.find(|way| ways.uses(way, rank))
    });
    match (lot, way) {
        (None, _) => Ok(twice(&ways.inputs, candidate)),
        (Some((rank, _)), Some(way)) => losing(settled, way, rank, candidate),
        (Some((_, lot)), None) => failing(ways, lot),
    }
}

fn refused(
    candidate: &Candidate,
    rule: Option<&ArticulationRule>,
    effect: Option<&Effect>,
    requested: Hundredths,
    told: Told,
) -> DecidedLine {
    DecidedLine {
        lot_id: candidate.lot_id,
        outcome_id: candidate.outcome_id,
        rule_code: rule.map(|rule| rule.code.clone()),
        target: effect.map(|effect| effect.course),
        requested,
        used: Hundredths::ZERO,
        granted: Hundredths::ZERO,
        books: effect.map_or(BookedGrade::AsEarned, |effect| effect.books),
        verdict: Verdict::Refused(told.reason),
        explanation: told.explanation,
        remedy: told.remedy,
    }
}

/// A lot that stands in the request a second time is one lot.
fn twice(inputs: &Inputs<'_>, candidate: &Candidate) -> DecidedLine {
    let reason = ReasonCode::OutcomeAlreadyUsed;
    let figures = Explanation::new("在本申请中重复列出", "it stands in this request twice");
    let told = Told {
        reason,
        explanation: Explanation::refused(inputs.rule_set, None, reason, Some(&figures)),
        remedy: None,
    };
    refused(candidate, None, None, Hundredths::ZERO, told)
}

/// A lot that could be used, while the best plan does not use it.
fn losing(
    settled: &Settled<'_, '_>,
    way: &Way,
    rank: usize,
    candidate: &Candidate,
) -> Result<DecidedLine, AmountError> {
    let told = lost(settled, way, rank)?;
    let parts = settled.ways.parts(way);
    let rule = parts.and_then(|(application, _)| settled.ways.rule(application));
    let effect = parts.map(|(_, effect)| effect);
    let requested = settled.ways.share(way, rank)?;
    Ok(refused(candidate, rule, effect, requested, told))
}

/// A lot that cannot be used.
fn failing(ways: &Ways<'_>, lot: &Lot<'_>) -> Result<DecidedLine, AmountError> {
    let candidate = lot.candidate;
    let usable = candidate.state.asked().unwrap_or(candidate.issued);
    if let Some(Failing { rule, effect, told }) = nearest(ways, lot)? {
        let gross = effect.gross(usable)?;
        // Of credits nobody can ask for more than there are.
        let requested = match candidate.unit {
            Unit::Credit => gross.min(usable),
            _ => gross,
        };
        return Ok(refused(
            candidate,
            Some(rule),
            Some(effect),
            requested,
            told,
        ));
    }
    let reason = ReasonCode::NotInList;
    let told = Told {
        reason,
        explanation: Explanation::refused(ways.inputs.rule_set, None, reason, None),
        remedy: None,
    };
    Ok(refused(candidate, None, None, usable, told))
}

/// Why the plan grants nothing by a way.
pub(super) fn lost(settled: &Settled<'_, '_>, way: &Way, rank: usize) -> Result<Told, AmountError> {
    let ways = settled.ways;
    let Some((application, effect)) = ways.parts(way) else {
        return Ok(unproven(&ways.inputs, None));
    };
    let rule = ways.rule(application);
    let refusal = |reason, figures: &Explanation| Told {
        reason,
        explanation: Explanation::refused(ways.inputs.rule_set, rule, reason, Some(figures)),
        remedy: None,
    };
    let mine = settled.application_of(rank).is_some();
    let other = settled.user_of_outcome(rank).filter(|_| !mine);
    if let Some(other) = other.and_then(|rank| settled.application_of(rank)) {
        let figures = used_by(ways, other);
        return Ok(refusal(ReasonCode::OutcomeAlreadyUsed, &figures));
    }
    if let Some(winner) = settled.winner_of(effect.course) {
        let by = used_by(ways, winner.application);
        let figures = Explanation {
            zh: format!("{},{}", effect.title, by.zh),
            en: format!("{}, {}", effect.title, by.en),
        };
        return Ok(refusal(ReasonCode::CourseAlreadyConverted, &figures));
    }
    let standings = settled.standings(way, None, false)?;
    if let (Some(rule), Some(full)) = (rule, standings.first().filter(|it| it.left().is_zero())) {
        let explanation = Counted {
            rule,
            effect,
            usable: ways.usable(application)?,
            unit: ways.unit(application),
            standings: &standings,
            gross: way.gross,
            granted: Hundredths::ZERO,
            share: None,
        };
        return Ok(Told {
            reason: full.limit.reason,
            explanation: explanation.text(ways),
            remedy: Some(full.remedy(way.gross)),
        });
    }
    let mut others = application.lots.iter().filter(|other| **other != rank);
    let taken = others.find_map(|other| settled.user_of_outcome(*other));
    Ok(match taken.and_then(|rank| settled.application_of(rank)) {
        Some(other) => refusal(ReasonCode::OutcomeAlreadyUsed, &used_by(ways, other)),
        None => unproven(&ways.inputs, rule),
    })
}

/// Which rule uses which outcomes.
fn used_by(ways: &Ways<'_>, application: usize) -> Explanation {
    let application = ways.applications.get(application);
    let rule = application.and_then(|it| ways.rule(it));
    let code = rule.map_or("–", |rule| &rule.code);
    let lots = application.into_iter().flat_map(|it| ways.lots_of(it));
    let titles: Vec<&str> = lots.map(|lot| lot.candidate.title.as_str()).collect();
    Explanation {
        zh: format!("规则 {code} 已使用 {}", titles.join("、")),
        en: format!("rule {code} uses {}", titles.join(", ")),
    }
}

/// What is said where not everything could be looked at.
pub(super) fn unproven(inputs: &Inputs<'_>, rule: Option<&ArticulationRule>) -> Told {
    let figures = Explanation::new(
        "可能的组合过多,未能全部比较",
        "there are too many ways to use the outcomes to compare them all",
    );
    let explanation = Explanation::refused(inputs.rule_set, rule, UNPROVEN, Some(&figures));
    Told {
        reason: UNPROVEN,
        explanation,
        remedy: Some(Explanation::new(
            "减少一次申请的成果数",
            "a request with fewer outcomes",
        )),
    }
}

/// A course that cannot be given, whatever is used for it.
pub(super) fn closed(inputs: &Inputs<'_>, rule: &ArticulationRule, effect: &Effect) -> Told {
    let rule_set = inputs.rule_set;
    let part = rule_set.never_replaced(effect.course);
    let (reason, figures) = match part {
        Some(part) if !inputs.history.has(effect.course) => (
            ReasonCode::NotReplaceable,
            Explanation::new(
                format!("{}属于{}", effect.title, part.title),
                format!("{} belongs to {}", effect.title, part.title),
            ),
        ),
        _ => (ReasonCode::CourseAlreadyConverted, had(inputs, effect)),
    };
    Told {
        reason,
        explanation: Explanation::refused(rule_set, Some(rule), reason, Some(&figures)),
        remedy: None,
    }
}

/// By what the learner has a course already.
fn had(inputs: &Inputs<'_>, effect: &Effect) -> Explanation {
    let title = &effect.title;
    let mut grants = inputs.history.grants.iter();
    match grants.find(|past| past.course == effect.course) {
        Some(PastGrant { granted, .. }) => Explanation::new(
            format!("{title},此前已授予 {granted}"),
            format!("{title}, {granted} granted before"),
        ),
        None => Explanation::new(
            format!("{title},已有该课程学分"),
            format!("{title}, for which there is credit already"),
        ),
    }
}
