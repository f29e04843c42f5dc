//! Where in a document the domain found a rule set unsound, and what is said of it.

use creditbank_domain::conversion::{Condition, Gives, Place, RuleSetFault};
use creditbank_domain::fault::Fault;

use crate::document::{DocumentRule, RuleDocument};

/// The pointer and the words of a fault of the compiled set.
///
/// Reading refuses most of them before, with a finer place; a document that was put together by a
/// program meets them here.
pub(crate) fn pointer_of(document: &RuleDocument, fault: &RuleSetFault) -> (String, Fault) {
    let (code, zh) = words(fault);
    (
        pointer(document, fault),
        Fault::new(code, zh, fault.to_string()),
    )
}

fn pointer(document: &RuleDocument, fault: &RuleSetFault) -> String {
    use RuleSetFault as F;
    let at = |place: &Place, inner: &str| format!("{}{inner}", of_place(document, place));
    match fault {
        F::Twice { place } => at(place, "/code"),
        F::Empty => "/rules".to_owned(),
        F::ShareTooLarge { place, .. } => at(place, "/most"),
        F::OtherCredits { place } | F::NoCredits { place } | F::NoEffects { place } => {
            at(place, "/gives")
        }
        F::CourseTwice { place } => course_twice(document, place),
        F::NeverReplaced { place, part } => never_replaced(document, place, part),
        F::MixedUnits { place } => first_ratio(document, place),
        F::Needed { place, .. }
        | F::NoSources { place }
        | F::TooDeep { place }
        | F::TooManySources { place }
        | F::AnySource { place } => at(place, "/when"),
        F::UnknownPart { place, .. } | F::PartWithoutCredits { place, .. } => at(place, "/part"),
        F::NoPeriods { place } => at(place, "/begins"),
        F::NoFilter { place } => at(place, ""),
        F::EndsBeforeItBegins => "/valid_to".to_owned(),
    }
}

fn words(fault: &RuleSetFault) -> (&'static str, String) {
    use RuleSetFault as F;
    match fault {
        F::Twice { .. } => ("RULES_TWICE", "代码重复".to_owned()),
        F::Empty => ("RULES_NO_RULES", "没有任何规则".to_owned()),
        F::ShareTooLarge { share, .. } => ("RULES_SHARE", format!("比例 {share} % 超过 100 %")),
        F::OtherCredits { .. } => (
            "RULES_OTHER_CREDITS",
            "同一课程的学分与前面的规则不同".to_owned(),
        ),
        F::CourseTwice { .. } => (
            "RULES_COURSE_TWICE",
            "一条规则不能两次给予同一课程".to_owned(),
        ),
        F::NoCredits { .. } => ("RULES_ZERO", "没有给予任何学分".to_owned()),
        F::NoEffects { .. } => ("RULES_NO_COURSE", "没有给予任何课程".to_owned()),
        F::NeverReplaced { part, .. } => (
            "RULES_NEVER_REPLACED",
            format!("该课程属于不可替代的部分 {}", name(part)),
        ),
        F::Needed { needed, count, .. } => (
            "RULES_NEEDED",
            format!("要求 {needed} 项,但只列出 {count} 项"),
        ),
        F::NoSources { .. } => ("RULES_NO_SOURCES", "条件没有列出任何成果".to_owned()),
        F::TooDeep { .. } => (
            "RULES_TOO_DEEP",
            format!("条件嵌套超过 {} 层", Condition::DEPTH_MAX),
        ),
        F::TooManySources { .. } => (
            "RULES_TOO_MANY",
            format!("条件超过 {} 项成果", Condition::SOURCES_MAX),
        ),
        F::AnySource { .. } => ("RULES_ANY_SOURCE", "任何成果都会符合".to_owned()),
        F::MixedUnits { .. } => (
            "RULES_MIXED_UNITS",
            "按比例给予时,各项成果的计量单位必须相同".to_owned(),
        ),
        F::UnknownPart { part, .. } => (
            "RULES_UNKNOWN_PART",
            format!("没有代码为 {} 的部分", name(part)),
        ),
        F::PartWithoutCredits { part, .. } => (
            "RULES_PART_WITHOUT_CREDITS",
            format!("部分 {} 没有写明学分", name(part)),
        ),
        F::NoPeriods { .. } => ("RULES_NO_PERIODS", "没有写明期间从哪天开始".to_owned()),
        F::NoFilter { .. } => (
            "RULES_NO_FILTER",
            "须写明 categories 或 institutions".to_owned(),
        ),
        F::EndsBeforeItBegins => (
            "RULES_ENDS_BEFORE_IT_BEGINS",
            "最后一天早于第一天".to_owned(),
        ),
    }
}

fn name(place: &Place) -> &str {
    match place {
        Place::Rule(code) | Place::Cap(code) | Place::Part(code) => code,
    }
}

/// The last of its code: of two that are alike the later one is wrong.
fn of_place(document: &RuleDocument, place: &Place) -> String {
    let (list, nth) = match place {
        Place::Rule(code) => (
            "rules",
            document.rules.iter().rposition(|it| it.code == *code),
        ),
        Place::Cap(code) => (
            "caps",
            document.caps.iter().rposition(|it| it.code == *code),
        ),
        Place::Part(code) => (
            "parts",
            document.parts.iter().rposition(|it| it.code == *code),
        ),
    };
    nth.map_or_else(|| format!("/{list}"), |nth| format!("/{list}/{nth}"))
}

fn rule_of<'a>(document: &'a RuleDocument, place: &Place) -> Option<&'a DocumentRule> {
    document.rules.iter().rfind(|rule| rule.code == name(place))
}

fn course_twice(document: &RuleDocument, place: &Place) -> String {
    let base = of_place(document, place);
    let gives = rule_of(document, place).map_or(&[][..], |rule| &rule.gives);
    let mut seen = std::collections::BTreeSet::new();
    let second = gives.iter().position(|effect| !seen.insert(&effect.course));
    format!("{base}/gives/{}/course", second.unwrap_or_default())
}

fn never_replaced(document: &RuleDocument, place: &Place, part: &Place) -> String {
    let base = of_place(document, place);
    let part = document.parts.iter().find(|it| it.code == name(part));
    let courses = part.map_or(&[][..], |part| &part.courses);
    let gives = rule_of(document, place).map_or(&[][..], |rule| &rule.gives);
    let first = gives
        .iter()
        .position(|effect| courses.contains(&effect.course));
    format!("{base}/gives/{}/course", first.unwrap_or_default())
}

fn first_ratio(document: &RuleDocument, place: &Place) -> String {
    let base = of_place(document, place);
    let gives = rule_of(document, place).map_or(&[][..], |rule| &rule.gives);
    let first = gives
        .iter()
        .position(|effect| matches!(effect.gives, Gives::Proportional { .. }));
    format!("{base}/gives/{}/ratio", first.unwrap_or_default())
}
