//! The words of a decision: rule, document and arithmetic, in both languages.

use std::fmt;

use super::limits::Group;
use super::rule::{ArticulationRule, CapShape, Effect, Gives, Most, RuleSet};
use super::settled::Standing;
use super::ways::Ways;
use crate::amount::{Hundredths, Unit};
use crate::reason::{ReasonCode, ReasonText};

/// Why a line was decided as it was, for the learner to read. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

impl Explanation {
    /// The same said in both languages.
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A part of a sentence that reads the same in both languages.
    pub(super) fn same(text: impl fmt::Display) -> Self {
        Self::new(text.to_string(), text.to_string())
    }

    /// Several of them in a row.
    pub(super) fn joined(parts: &[Self], zh: &str, en: &str) -> Self {
        let texts = |of: fn(&Self) -> &str| parts.iter().map(of).collect::<Vec<_>>();
        Self {
            zh: texts(|part| &part.zh).join(zh),
            en: texts(|part| &part.en).join(en),
        }
    }

    /// A refusal: the reason and what there is to say about it.
    pub(super) fn refused(
        rule_set: &RuleSet,
        rule: Option<&ArticulationRule>,
        reason: ReasonCode,
        figures: Option<&Self>,
    ) -> Self {
        let (cited_zh, cited_en) = cited(rule_set, rule);
        let ReasonText { zh, en } = reason.text();
        let (figures_zh, figures_en) = figures.map_or_else(Default::default, |figures| {
            (format!(",{}", figures.zh), format!(", {}", figures.en))
        });
        Self {
            zh: format!("{cited_zh}:{zh}{figures_zh}"),
            en: format!("{en}{figures_en}: {cited_en}"),
        }
    }

    /// What there is and what the rule wants.
    pub(super) fn has_and_needs(has: &Self, needs: &Self) -> Self {
        Self {
            zh: format!("现为 {},要求 {}", has.zh, needs.zh),
            en: format!("has {}, needs {}", has.en, needs.en),
        }
    }
}

/// The document, the version of the rule set and the rule.
fn cited(rule_set: &RuleSet, rule: Option<&ArticulationRule>) -> (String, String) {
    let RuleSet {
        code,
        version,
        document,
        ..
    } = rule_set;
    let rule = rule
        .map(|rule| format!(" {}", rule.code))
        .unwrap_or_default();
    (
        format!("依据{}({code} 第{version}版{rule})", document.number),
        format!("under {} ({code} version {version}{rule})", document.number),
    )
}

/// The figures of one effect, and of what one lot carries of it.
pub(super) struct Counted<'c, 'a> {
    pub(super) rule: &'a ArticulationRule,
    pub(super) effect: &'a Effect,
    pub(super) usable: Hundredths,
    pub(super) unit: Unit,
    pub(super) standings: &'c [Standing<'c, 'a>],
    pub(super) gross: Hundredths,
    pub(super) granted: Hundredths,
    /// Asked of this lot and granted for it, where it is one of several.
    pub(super) share: Option<(Hundredths, Hundredths)>,
}

impl Counted<'_, '_> {
    /// The arithmetic of a grant.
    pub(super) fn text(&self, ways: &Ways<'_>) -> Explanation {
        let (cited_zh, cited_en) = cited(ways.inputs.rule_set, Some(self.rule));
        let course = &self.effect.title;
        let mut figures: Vec<Explanation> = self.ratio().into_iter().collect();
        let standings = self.standings.iter();
        figures.extend(standings.map(|standing| standing.text(ways)));
        let (gross, granted) = (self.gross, self.granted);
        let mut result = Explanation::new(
            format!("申请 {gross},授予 {granted}"),
            format!("granted {granted} of {gross}"),
        );
        if let Some((asked, given)) = self.share {
            result.zh += &format!("(本份额申请 {asked},授予 {given})");
            result.en += &format!(" ({given} of {asked} for this lot)");
        }
        figures.push(result);
        let figures = Explanation::joined(&figures, ";", "; ");
        Explanation {
            zh: format!("{cited_zh}:{course};{}", figures.zh),
            en: format!("{course}: {}, {cited_en}", figures.en),
        }
    }

    /// `48.00 hour × 1/16 = 3.00`
    fn ratio(&self) -> Option<Explanation> {
        let Gives::Proportional { ratio, rounding } = self.effect.gives else {
            return None;
        };
        let whole = ratio.of(self.usable, rounding).ok()?;
        let (usable, upper, lower) = (self.usable, ratio.numerator(), ratio.denominator());
        let mut text = Explanation::new(
            format!("{usable} {} × {upper}/{lower} = {whole}", self.unit.zh()),
            format!("{usable} {} × {upper}/{lower} = {whole}", self.unit),
        );
        if whole > self.gross {
            text.zh += &format!(",课程最多 {}", self.gross);
            text.en += &format!(", the course has {}", self.gross);
        }
        Some(text)
    }
}

impl Standing<'_, '_> {
    /// `P-35: 35 % of 62.00 = 21.70; used 18.00; left 3.70`
    pub(super) fn text(&self, ways: &Ways<'_>) -> Explanation {
        let (used, left) = (self.used, self.left());
        let code = &self.limit.cap.code;
        let most = self.most(ways);
        let group = self.group(ways);
        Explanation {
            zh: format!("{code}{}:{};已用 {used};剩余 {left}", group.zh, most.zh),
            en: format!("{code}{}: {}; used {used}; left {left}", group.en, most.en),
        }
    }

    fn most(&self, ways: &Ways<'_>) -> Explanation {
        let (base, most) = (self.limit.base, self.limit.most);
        let rule_set = ways.inputs.rule_set;
        let part = self.limit.cap.part.as_ref();
        let part = part.and_then(|code| rule_set.part(code));
        let named = part.map_or_else(String::new, |part| format!("({})", part.title));
        if self.limit.cap.shape == CapShape::Inside {
            let inside = self.limit.cap.most.of(base).unwrap_or_default();
            return Explanation::new(
                format!("{base}{named} − 校内至少 {inside} = {most}"),
                format!("{base}{named} − {inside} from inside = {most}"),
            );
        }
        match self.limit.cap.most {
            Most::Credits(_) => Explanation::new(
                format!("最多 {most}{named}"),
                format!("at most {most}{named}"),
            ),
            Most::Share(share) => {
                let percent = percent(share);
                Explanation::new(
                    format!("{base}{named} 的 {percent} % = {most}"),
                    format!("{percent} % of {base}{named} = {most}"),
                )
            }
        }
    }

    /// What it counts together, where that is not everything.
    fn group(&self, ways: &Ways<'_>) -> Explanation {
        match self.limit.group {
            Group::Everything => Explanation::same(""),
            Group::Institution(_) => Explanation::new("(该颁发机构)", " (this institution)"),
            Group::Period { from, until } => {
                let last = until.pred_opt().unwrap_or(until);
                Explanation::new(
                    format!("({from} 至 {last})"),
                    format!(" ({from} to {last})"),
                )
            }
            Group::Outcome(outcome) => {
                let mut lots = ways.lots.iter();
                let lot = lots.find(|lot| lot.candidate.outcome_id == outcome);
                let title = lot.map_or("–", |lot| &lot.candidate.title);
                Explanation::new(format!("({title})"), format!(" ({title})"))
            }
        }
    }
}

/// `35.00` reads `35`, `33.33` reads `33.33`.
pub(super) fn percent(share: Hundredths) -> String {
    let text = share.to_string();
    text.strip_suffix(".00")
        .map_or_else(|| text.clone(), str::to_owned)
}
