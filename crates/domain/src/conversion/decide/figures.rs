//! The arithmetic of a grant, in words.

use super::limits::Group;
use super::settled::Standing;
use super::ways::Ways;
use crate::amount::{Hundredths, Unit};
use crate::conversion::explain::{Explanation, cited};
use crate::conversion::rule::{ArticulationRule, CapShape, Effect, Gives, Most, Rounding};

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
        if !ratio.is_exact_of(self.usable) {
            let (zh, en) = match rounding {
                Rounding::Down => ("(舍去)", " (rounded down)"),
                Rounding::HalfUp => ("(四舍五入)", " (rounded half up)"),
            };
            text.zh += zh;
            text.en += en;
        }
        let credits = self.effect.credits;
        if whole > credits {
            text.zh += &format!(",课程共 {credits}");
            text.en += &format!(", the course has {credits}");
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
        let named = part.map_or_else(String::new, |part| format!("{} ", part.title));
        if self.limit.cap.shape == CapShape::Inside {
            let inside = self.limit.cap.most.of(base).unwrap_or_default();
            return Explanation::new(
                format!("{named}{base} − 校内至少 {inside} = {most}"),
                format!("{named}{base} − {inside} from inside = {most}"),
            );
        }
        match self.limit.cap.most {
            Most::Credits(_) => Explanation::new(
                format!("{named}最多 {most}"),
                format!("{named}at most {most}"),
            ),
            Most::Share(share) => {
                let percent = percent(share);
                Explanation::new(
                    format!("{named}{base} 的 {percent} % = {most}"),
                    format!("{percent} % of {named}{base} = {most}"),
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
