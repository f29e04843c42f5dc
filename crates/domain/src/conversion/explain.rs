//! The words of a decision: rule, document and arithmetic, in both languages.

use std::fmt;

use super::rule::{ArticulationRule, RuleSet};
use crate::amount::Hundredths;
use crate::reason::ReasonCode;

/// Why a line was decided as it was, for the learner to read. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// The figures that decide how much a line is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) share: Hundredths,
    pub(super) total: Hundredths,
    pub(super) cap: Hundredths,
    pub(super) used: Hundredths,
    pub(super) requested: Hundredths,
}

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

impl Explanation {
    /// A part of a sentence that reads the same in both languages.
    pub(super) fn same(text: impl fmt::Display) -> Self {
        Self {
            zh: text.to_string(),
            en: text.to_string(),
        }
    }

    pub(super) fn not_listed(rule_set: &RuleSet) -> Self {
        let (zh, en) = cited(rule_set, None);
        let text = ReasonCode::NotInList.text();
        Self {
            zh: format!("{zh}:{}", text.zh),
            en: format!("{}: {en}", text.en),
        }
    }

    /// `is` and `needs` are what the learner has and what the rule wants; may both be empty.
    pub(super) fn refused(
        rule: &ArticulationRule,
        rule_set: &RuleSet,
        reason: ReasonCode,
        is: &Self,
        needs: &Self,
    ) -> Self {
        let (cited_zh, cited_en) = cited(rule_set, Some(rule));
        let text = reason.text();
        let (figures_zh, figures_en) = match (is.en.is_empty(), needs.en.is_empty()) {
            (true, _) => (String::new(), String::new()),
            (false, true) => (format!(",{}", is.zh), format!(", {}", is.en)),
            (false, false) => (
                format!(",现为 {},要求 {}", is.zh, needs.zh),
                format!(", has {}, needs {}", is.en, needs.en),
            ),
        };
        Self {
            zh: format!("{cited_zh}:{}{figures_zh}", text.zh),
            en: format!("{}{figures_en}: {cited_en}", text.en),
        }
    }

    pub(super) fn counted(
        rule: &ArticulationRule,
        rule_set: &RuleSet,
        figures: Figures,
        granted: Hundredths,
    ) -> Self {
        let (cited_zh, cited_en) = cited(rule_set, Some(rule));
        let Figures {
            share,
            total,
            cap,
            used,
            requested,
        } = figures;
        let left = cap.minus(used).unwrap_or_default();
        let percent = percent(share);
        let course = &rule.target_title;
        Self {
            zh: format!(
                "{cited_zh}:{course};{total} 的 {percent} % = {cap};已用 {used};剩余 {left};\
                 申请 {requested},授予 {granted}"
            ),
            en: format!(
                "{course}: {percent} % of {total} = {cap}; used {used}; left {left}; \
                 granted {granted} of {requested}, {cited_en}"
            ),
        }
    }
}

/// `35.00` reads `35`, `33.33` reads `33.33`.
fn percent(share: Hundredths) -> String {
    let text = share.to_string();
    text.strip_suffix(".00")
        .map_or_else(|| text.clone(), str::to_owned)
}
