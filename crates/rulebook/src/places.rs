//! Where in a document the domain found a rule set unsound, and what is said of it.

use creditbank_domain::conversion::{Condition, Place, RuleSetFault};
use creditbank_domain::fault::Fault;

use crate::document::{DocumentRule, RuleDocument};

/// The pointer and the words of a fault of the compiled set.
///
/// Reading refuses most of them before, with a finer place; a document that was put together by a
/// program meets them here.
pub(crate) fn pointer_of(document: &RuleDocument, fault: &RuleSetFault) -> (String, Fault) {
    use RuleSetFault as F;
    let at = |place: &Place, inner: &str| format!("{}{inner}", of_place(document, place));
    let (pointer, code, zh) = match fault {
        F::Twice { place } => (at(place, "/code"), "RULES_TWICE", "代码重复".to_owned()),
        F::Empty => (
            "/rules".to_owned(),
            "RULES_NO_RULES",
            "没有任何规则".to_owned(),
        ),
        F::ShareTooLarge { place, share } => (
            at(place, "/most"),
            "RULES_SHARE",
            format!("比例 {share} % 超过 100 %"),
        ),
        F::OtherCredits { place } => (
            at(place, "/gives"),
            "RULES_OTHER_CREDITS",
            "同一课程的学分与前面的规则不同".to_owned(),
        ),
        F::CourseTwice { place } => (
            course_twice(document, place),
            "RULES_COURSE_TWICE",
            "一条规则不能两次给予同一课程".to_owned(),
        ),
        F::NoCredits { place } => (
            at(place, "/gives"),
            "RULES_ZERO",
            "没有给予任何学分".to_owned(),
        ),
        F::NoEffects { place } => (
            at(place, "/gives"),
            "RULES_NO_COURSE",
            "没有给予任何课程".to_owned(),
        ),
        F::NeverReplaced { place, part } => (
            never_replaced(document, place, part),
            "RULES_NEVER_REPLACED",
            format!("该课程属于不可替代的部分 {}", name(part)),
        ),
        F::Needed {
            place,
            needed,
            count,
        } => (
            at(place, "/when"),
            "RULES_NEEDED",
            format!("要求 {needed} 项,但只列出 {count} 项"),
        ),
        F::NoSources { place } => (
            at(place, "/when"),
            "RULES_NO_SOURCES",
            "条件没有列出任何成果".to_owned(),
        ),
        F::TooDeep { place } => (
            at(place, "/when"),
            "RULES_TOO_DEEP",
            format!("条件嵌套超过 {} 层", Condition::DEPTH_MAX),
        ),
        F::TooManySources { place } => (
            at(place, "/when"),
            "RULES_TOO_MANY",
            format!("条件超过 {} 项成果", Condition::SOURCES_MAX),
        ),
        F::AnySource { place } => (
            at(place, "/when"),
            "RULES_ANY_SOURCE",
            "任何成果都会符合".to_owned(),
        ),
        F::UnknownPart { place, part } => (
            at(place, "/part"),
            "RULES_UNKNOWN_PART",
            format!("没有代码为 {} 的部分", name(part)),
        ),
        F::PartWithoutCredits { place, part } => (
            at(place, "/part"),
            "RULES_PART_WITHOUT_CREDITS",
            format!("部分 {} 没有写明学分", name(part)),
        ),
        F::NoPeriods { place } => (
            at(place, "/begins"),
            "RULES_NO_PERIODS",
            "没有写明期间从哪天开始".to_owned(),
        ),
        F::NoFilter { place } => (
            at(place, ""),
            "RULES_NO_FILTER",
            "须写明 categories 或 institutions".to_owned(),
        ),
        F::EndsBeforeItBegins => (
            "/valid_to".to_owned(),
            "RULES_ENDS_BEFORE_IT_BEGINS",
            "最后一天早于第一天".to_owned(),
        ),
        F::OneApprover => (
            "/approval".to_owned(),
            "RULES_APPROVAL",
            "提出人不能是批准人".to_owned(),
        ),
    };
    (pointer, Fault::new(code, zh, fault.to_string()))
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
