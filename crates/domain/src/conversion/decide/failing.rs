//! What a lot that cannot be used lacks, by the rule that it fails least.

use super::fit::{Misfit, SMALLEST, too_few};
use super::inputs::Lot;
use super::refusals::{Told, closed};
use super::ways::Ways;
use crate::amount::{AmountError, Hundredths, Unit};
use crate::catalogue::Level;
use crate::conversion::explain::Explanation;
use crate::conversion::rule::{ArticulationRule, Condition, Effect, Source};
use crate::reason::ReasonCode;

/// How far a lot gets with a rule; the later, the nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    State,
    Converted,
    NeverReplaced,
    Level,
    Grade,
    Age,
    Amount,
    Others,
}

/// What a lot lacks by one rule.
pub(super) struct Failing<'a> {
    stage: Stage,
    pub(super) rule: &'a ArticulationRule,
    pub(super) effect: &'a Effect,
    pub(super) told: Told,
}

/// The first of the rules that the lot fails least; nothing where no rule speaks of it.
pub(super) fn nearest<'a>(
    ways: &Ways<'a>,
    lot: &Lot<'_>,
) -> Result<Option<Failing<'a>>, AmountError> {
    let mut best: Option<Failing<'a>> = None;
    for rule in &ways.inputs.rule_set.rules {
        let failing = by_rule(ways, lot, rule)?;
        if let Some(failing) = failing
            && best.as_ref().is_none_or(|best| failing.stage > best.stage)
        {
            best = Some(failing);
        }
    }
    Ok(best)
}

fn by_rule<'a>(
    ways: &Ways<'a>,
    lot: &Lot<'_>,
    rule: &'a ArticulationRule,
) -> Result<Option<Failing<'a>>, AmountError> {
    let inputs = &ways.inputs;
    let sources = rule.condition.sources();
    let naming: Vec<&Source> = sources.filter(|s| s.names(lot.candidate)).collect();
    let open = rule.effects.iter().find(|effect| inputs.is_open(effect));
    let (Some(first), Some(effect)) = (naming.first(), open.or(rule.effects.first())) else {
        return Ok(None);
    };
    let of = |stage, told| {
        Ok(Some(Failing {
            stage,
            rule,
            effect,
            told,
        }))
    };
    let refused = |reason: ReasonCode, figures: Option<&Explanation>, remedy| Told {
        reason,
        explanation: Explanation::refused(inputs.rule_set, Some(rule), reason, figures),
        remedy,
    };
    if let Err(reason) = lot.usable {
        return of(Stage::State, refused(reason, None, None));
    }
    if open.is_none() {
        let told = closed(inputs, rule, effect);
        let stage = match told.reason {
            ReasonCode::NotReplaceable => Stage::NeverReplaced,
            _ => Stage::Converted,
        };
        return of(stage, told);
    }
    let misfits = naming
        .iter()
        .map(|source| source.misfit(lot.candidate, lot.amount(), inputs.today));
    let mut misfits = misfits.collect::<Vec<_>>();
    misfits.sort_by_key(|misfit| misfit.as_ref().map_or(Stage::Others, Misfit::stage));
    if let Some(Some(misfit)) = misfits.pop() {
        let reason = misfit.reason(first.unit);
        let figures = misfit.figures(lot);
        let told = refused(reason, Some(&figures), Some(misfit.remedy(lot)));
        return of(misfit.stage(), told);
    }
    if rule.condition.most_outcomes() == 1 && effect.gross(lot.amount())? < SMALLEST {
        let reason = too_few(first.unit);
        let figures = Explanation::same(lot.amount());
        return of(Stage::Amount, refused(reason, Some(&figures), None));
    }
    let missing = missing(ways, &rule.condition);
    let (figures, remedy) = match missing {
        Some(missing) => (
            Explanation::new(
                format!("还缺 {}", missing.zh),
                format!("missing {}", missing.en),
            ),
            Explanation::new(
                format!("还需 {}", missing.zh),
                format!("also {}", missing.en),
            ),
        ),
        None => {
            let each = Explanation::new(
                "每项须由不同的成果满足",
                "every one by an outcome of its own",
            );
            (each.clone(), each)
        }
    };
    let reason = ReasonCode::SourcesMissing;
    of(Stage::Others, refused(reason, Some(&figures), Some(remedy)))
}

/// What no lot at hand satisfies.
fn missing(ways: &Ways<'_>, condition: &Condition) -> Option<Explanation> {
    match condition {
        Condition::Source(source) => {
            let mut lots = ways.lots.iter();
            let there = lots.any(|lot| source.fits(lot, ways.inputs.today));
            (!there).then(|| ways.named(source))
        }
        Condition::AllOf(of) => {
            let missing: Vec<Explanation> = of.iter().filter_map(|it| missing(ways, it)).collect();
            (!missing.is_empty()).then(|| Explanation::joined(&missing, "、", ", "))
        }
        Condition::AtLeast { needed, of } => {
            let missing: Vec<Explanation> = of.iter().filter_map(|it| missing(ways, it)).collect();
            let there = u32::try_from(of.len() - missing.len()).unwrap_or(u32::MAX);
            let more = needed.checked_sub(there).filter(|more| *more > 0)?;
            let of = Explanation::joined(&missing, "、", ", ");
            Some(Explanation {
                zh: format!("{more} 项({})", of.zh),
                en: format!("{more} of ({})", of.en),
            })
        }
    }
}

impl Misfit {
    const fn stage(&self) -> Stage {
        match self {
            Self::Level { .. } => Stage::Level,
            Self::Grade { .. } => Stage::Grade,
            Self::Age { .. } => Stage::Age,
            Self::Amount { .. } => Stage::Amount,
        }
    }

    fn figures(&self, lot: &Lot<'_>) -> Explanation {
        let candidate = lot.candidate;
        let (has, needs) = match self {
            Self::Level { needs } => {
                let said =
                    |l: &Level| Explanation::same(format_args!("{} {}", l.framework, l.value));
                let level = candidate.level.as_ref();
                (
                    level.map_or_else(|| Explanation::same("–"), said),
                    said(needs),
                )
            }
            Self::Grade { needs } => (
                Explanation::new(candidate.grade.zh(), candidate.grade.to_string()),
                Explanation::new(needs.score().to_string(), needs.to_string()),
            ),
            Self::Age { months, .. } => (
                Explanation::same(candidate.awarded_on),
                Explanation::new(format!("{months} 个月"), format!("{months} months")),
            ),
            Self::Amount { needs } => (Explanation::same(lot.amount()), Explanation::same(needs)),
        };
        Explanation::has_and_needs(&has, &needs)
    }

    fn remedy(&self, lot: &Lot<'_>) -> Explanation {
        let candidate = lot.candidate;
        match self {
            Self::Level { needs } => {
                let Level { framework, value } = needs;
                let same = candidate
                    .level
                    .as_ref()
                    .filter(|l| l.framework == *framework);
                match same {
                    Some(has) => Explanation::new(
                        format!("{framework} 等级 {value} 而不是 {}", has.value),
                        format!("level {value} on {framework} instead of {}", has.value),
                    ),
                    None => Explanation::new(
                        format!("{framework} 等级 {value}"),
                        format!("level {value} on {framework}"),
                    ),
                }
            }
            Self::Grade { needs } => Explanation::new(
                format!("成绩 {} 而不是 {}", needs.score(), candidate.grade.zh()),
                format!("grade {} instead of {}", needs.score(), candidate.grade),
            ),
            Self::Age { since, .. } => Explanation::new(
                format!("{since} 或之后取得"),
                format!("achieved on or after {since}"),
            ),
            Self::Amount { needs } => more_of(
                needs.minus(lot.amount()).unwrap_or_default(),
                candidate.unit,
            ),
        }
    }
}

/// So much more of a unit.
fn more_of(missing: Hundredths, unit: Unit) -> Explanation {
    let en = match unit {
        Unit::Credit => "credits",
        Unit::Hour => "hours",
        Unit::Point => "points",
        Unit::Ceu => "CEU",
    };
    Explanation::new(
        format!("再多 {missing} {}", unit.zh()),
        format!("{missing} {en} more"),
    )
}
