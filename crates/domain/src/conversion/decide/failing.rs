//! What a lot that cannot be used lacks, by the rule that it fails least.

use super::fit::{Misfit, SMALLEST, too_few};
use super::inputs::Lot;
use super::refusals::{Told, closed, unproven};
use super::ways::Ways;
use crate::amount::AmountError;
use crate::conversion::explain::Explanation;
use crate::conversion::rule::{ArticulationRule, Condition, Effect};
use crate::reason::ReasonCode;

/// How far a lot gets with a rule; the later, the nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    State,
    Converted,
    NeverReplaced,
    Level,
    Comparable,
    Grade,
    Age,
    Amount,
    Others,
}

/// What a lot lacks by one rule.
enum Lack {
    /// Its state, which is no rule's matter.
    State(ReasonCode),
    /// A course that can still be given.
    Course(Stage),
    Fit(Misfit),
    /// So much that it comes to anything at all.
    Worth,
    Others,
}

impl Lack {
    const fn stage(&self) -> Stage {
        match self {
            Self::State(_) => Stage::State,
            Self::Course(stage) => *stage,
            Self::Fit(misfit) => misfit.stage(),
            Self::Worth => Stage::Amount,
            Self::Others => Stage::Others,
        }
    }
}

/// A lot that cannot be used, by the rule that it fails least.
pub(super) struct Failing<'a> {
    pub(super) rule: &'a ArticulationRule,
    pub(super) effect: &'a Effect,
    pub(super) told: Told,
}

/// The first of the rules that the lot fails least; nothing where no rule speaks of it.
pub(super) fn nearest<'a>(
    ways: &Ways<'a>,
    lot: &Lot<'_>,
) -> Result<Option<Failing<'a>>, AmountError> {
    let mut best: Option<(Stage, &'a ArticulationRule, &'a Effect, Lack)> = None;
    for rule in &ways.inputs.rule_set.rules {
        let open = rule
            .effects
            .iter()
            .find(|effect| ways.inputs.is_open(effect));
        let Some(effect) = open.or(rule.effects.first()) else {
            continue;
        };
        let Some(lack) = lack(ways, lot, rule, effect)? else {
            continue;
        };
        let stage = lack.stage();
        if best.as_ref().is_none_or(|(least, ..)| stage > *least) {
            best = Some((stage, rule, effect, lack));
        }
    }
    Ok(best.map(|(_, rule, effect, lack)| Failing {
        rule,
        effect,
        told: told(ways, lot, rule, effect, &lack),
    }))
}

/// What the lot lacks by a rule; nothing where the rule does not speak of it.
fn lack(
    ways: &Ways<'_>,
    lot: &Lot<'_>,
    rule: &ArticulationRule,
    effect: &Effect,
) -> Result<Option<Lack>, AmountError> {
    let inputs = &ways.inputs;
    let sources = rule.condition.sources();
    let naming = sources.filter(|source| source.names(lot.candidate));
    let misfits = naming.map(|source| source.misfit(lot.candidate, lot.amount(), inputs.today));
    // What fits one of the rule's sources only waits for the others.
    let least = misfits.max_by_key(|misfit| misfit.as_ref().map_or(Stage::Others, Misfit::stage));
    let Some(misfit) = least else {
        return Ok(None);
    };
    if let Err(reason) = lot.usable {
        return Ok(Some(Lack::State(reason)));
    }
    if !inputs.is_open(effect) {
        let stage = if inputs.history.has(effect.course) {
            Stage::Converted
        } else {
            Stage::NeverReplaced
        };
        return Ok(Some(Lack::Course(stage)));
    }
    if let Some(misfit) = misfit {
        return Ok(Some(Lack::Fit(misfit)));
    }
    let alone = rule.condition.most_outcomes() == 1;
    let too_small = lot.amount() < rule.smallest();
    let worthless = too_small || alone && effect.gross(lot.amount())? < SMALLEST;
    Ok(Some(if worthless { Lack::Worth } else { Lack::Others }))
}

fn told(
    ways: &Ways<'_>,
    lot: &Lot<'_>,
    rule: &ArticulationRule,
    effect: &Effect,
    lack: &Lack,
) -> Told {
    let refused = |reason: ReasonCode, figures: Option<&Explanation>, remedy| Told {
        reason,
        explanation: Explanation::refused(ways.inputs.rule_set, Some(rule), reason, figures),
        remedy,
    };
    match lack {
        Lack::State(reason) => {
            let figures = used_for(ways, lot);
            refused(*reason, figures.as_ref(), state_remedy(*reason))
        }
        Lack::Course(_) => closed(&ways.inputs, rule, effect),
        Lack::Fit(misfit) => {
            let reason = misfit.reason(lot.candidate.unit);
            let figures = misfit.figures(lot);
            refused(reason, Some(&figures), Some(misfit.remedy(lot)))
        }
        Lack::Worth => {
            let figures = Explanation::new(
                format!("{} {}", lot.amount(), lot.candidate.unit.zh()),
                format!("{} {}", lot.amount(), lot.candidate.unit),
            );
            refused(too_few(lot.candidate.unit), Some(&figures), None)
        }
        Lack::Others if !ways.complete && missing(ways, &rule.condition).is_none() => {
            unproven(&ways.inputs, Some(rule))
        }
        Lack::Others => {
            let (figures, remedy) = others(ways, &rule.condition);
            refused(ReasonCode::SourcesMissing, Some(&figures), Some(remedy))
        }
    }
}

/// The course for which the outcome was used in this programme, where it was.
fn used_for(ways: &Ways<'_>, lot: &Lot<'_>) -> Option<Explanation> {
    let outcome = lot.candidate.outcome_id;
    let mut grants = ways.inputs.history.grants.iter();
    let past = grants.find(|past| {
        let mut sources = past.sources.iter();
        sources.any(|source| source.outcome_id == outcome)
    })?;
    let mut effects = ways
        .inputs
        .rule_set
        .rules
        .iter()
        .flat_map(|rule| &rule.effects);
    let effect = effects.find(|effect| effect.course == past.course)?;
    Some(Explanation::new(
        format!("用于{}", effect.title),
        format!("for {}", effect.title),
    ))
}

/// What would change the answer for a lot that is not there.
fn state_remedy(reason: ReasonCode) -> Option<Explanation> {
    (reason == ReasonCode::AlreadyReserved).then(|| {
        Explanation::new(
            "另一申请释放该成果后可再申请",
            "ask again once the other request has let go of it",
        )
    })
}

/// The outcomes that a condition still misses, as figures and as what to bring.
fn others(ways: &Ways<'_>, condition: &Condition) -> (Explanation, Explanation) {
    let Some(Explanation { zh, en }) = missing(ways, condition) else {
        // Everything is there, but one outcome would have to stand for two.
        let each = Explanation::new(
            "每项须由不同的成果满足",
            "every one by an outcome of its own",
        );
        return (each.clone(), each);
    };
    (
        Explanation::new(format!("还缺 {zh}"), format!("missing {en}")),
        Explanation::new(format!("还需 {zh}"), format!("also {en}")),
    )
}

/// What no lot at hand satisfies.
pub(super) fn missing(ways: &Ways<'_>, condition: &Condition) -> Option<Explanation> {
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
