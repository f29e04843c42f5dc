//! Caps that say nothing: never reached, or said twice.

use std::collections::{BTreeMap, BTreeSet};

use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{CapShape, Gives, Most};
use creditbank_domain::fault::Fault;
use creditbank_domain::text::CourseCode;

use super::Linter;
use crate::document::{DocumentCap, DocumentCourse, DocumentRule, RuleDocument};

/// What all rules together can give never reaches the cap.
pub(super) fn never_binding(linter: &mut Linter<'_>) {
    let document = linter.document;
    let courses = document.courses_by_code();
    for (nth, cap) in document.caps.iter().enumerate() {
        let counted = counted(document, cap);
        let gives = match cap.shape {
            // An outcome is used by one rule.
            CapShape::Certificate => most_of_a_rule(document, &courses, counted.as_ref()),
            _ => everything(document, &courses, counted.as_ref()),
        };
        if let (Some(limit), Ok(gives)) = (limit(document, cap), gives)
            && gives <= limit
        {
            linter.warning(&format!("/caps/{nth}"), never(&cap.code, gives, limit));
        }
    }
}

/// The courses that a cap counts; nothing for all.
fn counted<'a>(document: &'a RuleDocument, cap: &DocumentCap) -> Option<BTreeSet<&'a CourseCode>> {
    let code = cap.part.as_ref()?;
    let part = document.parts.iter().find(|part| part.code == *code)?;
    Some(part.courses.iter().collect())
}

type Courses<'a> = BTreeMap<&'a CourseCode, &'a DocumentCourse>;
type Counted<'a> = Option<&'a BTreeSet<&'a CourseCode>>;
type Sum = Result<Hundredths, creditbank_domain::amount::AmountError>;

/// Every course once, by the rule that gives most of it.
fn everything(document: &RuleDocument, courses: &Courses<'_>, counted: Counted<'_>) -> Sum {
    let mut best: BTreeMap<&CourseCode, Hundredths> = BTreeMap::new();
    for rule in &document.rules {
        for (course, gives) in gives(courses, rule, counted) {
            let most = best.entry(course).or_default();
            *most = gives.max(*most);
        }
    }
    Hundredths::sum(best.into_values())
}

fn most_of_a_rule(document: &RuleDocument, courses: &Courses<'_>, counted: Counted<'_>) -> Sum {
    document
        .rules
        .iter()
        .try_fold(Hundredths::ZERO, |most, rule| {
            let gives = gives(courses, rule, counted);
            let all = Hundredths::sum(gives.into_iter().map(|(_, gives)| gives))?;
            Ok(all.max(most))
        })
}

/// The counted courses of a rule with the most that it gives of each.
fn gives<'a>(
    courses: &Courses<'_>,
    rule: &'a DocumentRule,
    counted: Counted<'_>,
) -> Vec<(&'a CourseCode, Hundredths)> {
    let counts = |course: &CourseCode| counted.is_none_or(|it| it.contains(course));
    let effects = rule.gives.iter().filter(|effect| counts(&effect.course));
    effects
        .filter_map(|effect| {
            let credits = courses.get(&effect.course)?.credits;
            let most = match effect.gives {
                Gives::Fixed(fixed) => fixed.min(credits),
                Gives::Course | Gives::Proportional { .. } => credits,
            };
            Some((&effect.course, most))
        })
        .collect()
}

/// What it lets be granted, where that does not hang on the programme.
fn limit(document: &RuleDocument, cap: &DocumentCap) -> Option<Hundredths> {
    let part = cap.part.as_ref();
    let base = part.and_then(|code| {
        let part = document.parts.iter().find(|part| part.code == *code)?;
        part.credits
    });
    let stated = match cap.most {
        Most::Credits(credits) => credits,
        Most::Share(share) => base?.share_rounded_down(share).ok()?,
    };
    match cap.shape {
        CapShape::Inside => base?.minus(stated).ok(),
        _ => Some(stated),
    }
}

/// Two caps that count the same by the same measure: the larger one never cuts.
pub(super) fn twins(linter: &mut Linter<'_>) {
    let caps = &linter.document.caps;
    let mut seen: BTreeMap<String, &DocumentCap> = BTreeMap::new();
    let mut found = Vec::new();
    for (nth, cap) in caps.iter().enumerate() {
        let key = key(cap);
        match seen.get(&key) {
            Some(first) => found.push((nth, twin(&cap.code, &first.code))),
            None => {
                seen.insert(key, cap);
            }
        }
    }
    for (nth, fault) in found {
        linter.error(&format!("/caps/{nth}"), fault);
    }
}

/// What a cap counts, whatever the order in which it is said.
fn key(cap: &DocumentCap) -> String {
    let categories: BTreeSet<_> = cap.categories.iter().collect();
    let institutions: BTreeSet<_> = cap.institutions.iter().collect();
    let measure = match cap.most {
        Most::Credits(_) => "credits",
        Most::Share(_) => "percent",
    };
    let (shape, part) = (&cap.shape, &cap.part);
    format!("{shape:?} {part:?} {categories:?} {institutions:?} {measure}")
}

fn never(code: &str, gives: Hundredths, limit: Hundredths) -> Fault {
    Fault::new(
        "RULES_CAP_NEVER_BINDS",
        format!("上限 {code} 不起作用:所有规则最多给予 {gives},上限为 {limit}"),
        format!("cap {code} never cuts: all rules give at most {gives}, it lets pass {limit}"),
    )
}

fn twin(code: &str, first: &str) -> Fault {
    Fault::new(
        "RULES_CAP_TWINS",
        format!("上限 {code} 与 {first} 计算的是同一范围"),
        format!("cap {code} counts the same as {first}"),
    )
}
