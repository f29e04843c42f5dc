//! The words of a decision: rule, document and arithmetic, in both languages.

use std::fmt;

use super::rule::{ArticulationRule, RuleSet};
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
pub(super) fn cited(rule_set: &RuleSet, rule: Option<&ArticulationRule>) -> (String, String) {
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
