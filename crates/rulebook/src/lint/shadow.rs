//! Rules that can never be the reason of a decision, because another one gives at least as much
//! for no more outcomes.

use std::collections::{BTreeMap, BTreeSet};

use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{Gives, Rounding};
use creditbank_domain::fault::Fault;
use creditbank_domain::text::CourseCode;

use super::Linter;
use crate::document::{
    DocumentCourse, DocumentEffect, DocumentMinimum, DocumentRule, DocumentSource, When,
};

/// Pairs of rules that are compared; a document with more of one course is past reading.
const PAIRS_MAX: usize = 100_000;

pub(super) fn rules(linter: &mut Linter<'_>) {
    let document = linter.document;
    let courses = document.courses_by_code();
    let mut by_course: BTreeMap<&CourseCode, Vec<(usize, &DocumentRule)>> = BTreeMap::new();
    for (nth, rule) in document.rules.iter().enumerate() {
        // Who gives all that a rule gives gives the first of it too.
        let given: BTreeSet<&CourseCode> = rule.gives.iter().map(|it| &it.course).collect();
        for course in given {
            by_course.entry(course).or_default().push((nth, rule));
        }
    }
    let mut pairs = 0;
    for (nth, rule) in document.rules.iter().enumerate() {
        let first = rule.gives.first().and_then(|it| by_course.get(&it.course));
        for (other_nth, other) in first.into_iter().flatten() {
            pairs += 1;
            if pairs > PAIRS_MAX {
                linter.warning("/rules", not_compared());
                return;
            }
            if *other_nth == nth || !covers(other, rule, &courses) {
                continue;
            }
            let pointer = format!("/rules/{nth}");
            if covers(rule, other, &courses) {
                // Of two that say the same the later one is told, once.
                if *other_nth < nth {
                    linter.error(&pointer, twins(&rule.code, &other.code));
                    break;
                }
            } else {
                linter.error(&pointer, shadowed(&rule.code, &other.code));
                break;
            }
        }
    }
}

type Courses<'a> = BTreeMap<&'a CourseCode, &'a DocumentCourse>;

/// Whether whatever the lesser rule gives, the greater one gives too, and as much.
fn covers(greater: &DocumentRule, lesser: &DocumentRule, courses: &Courses<'_>) -> bool {
    // A part of what several outcomes have together is less where fewer of them are used.
    let one = matches!(lesser.when, When::Source(_)) && matches!(greater.when, When::Source(_));
    let gives = |effect: &DocumentEffect| {
        let credits = courses.get(&effect.course).map(|course| course.credits);
        let mut same = greater.gives.iter().filter(|it| it.course == effect.course);
        same.any(|it| gives_as_much(it.gives, effect.gives, credits.unwrap_or_default(), one))
    };
    lesser.gives.iter().all(gives) && implies(&lesser.when, &greater.when)
}

fn gives_as_much(a: Gives, b: Gives, credits: Hundredths, one: bool) -> bool {
    let fixed = |gives| match gives {
        Gives::Course => Some(credits),
        Gives::Fixed(fixed) => Some(fixed.min(credits)),
        Gives::Proportional { .. } => None,
    };
    match (a, b) {
        (
            Gives::Proportional {
                ratio: x,
                rounding: up,
            },
            Gives::Proportional {
                ratio: y,
                rounding: other,
            },
        ) => {
            let left = u64::from(x.numerator()) * u64::from(y.denominator());
            let right = u64::from(y.numerator()) * u64::from(x.denominator());
            one && left >= right && (up == other || up == Rounding::HalfUp)
        }
        (_, Gives::Proportional { .. }) => fixed(a).is_some_and(|fixed| fixed >= credits),
        _ => match (fixed(a), fixed(b)) {
            (Some(a), Some(b)) => a >= b,
            _ => false,
        },
    }
}

/// Whether whatever satisfies the one condition has something in it that satisfies the other.
/// Where that is not plain to see the answer is no.
fn implies(narrow: &When, wide: &When) -> bool {
    match (narrow, wide) {
        (When::Source(narrow), When::Source(wide)) => admits(wide, narrow),
        (_, When::Source(_)) => {
            let (needed, of) = parts(narrow);
            let without = of.iter().filter(|part| !implies(part, wide)).count();
            without < needed
        }
        (When::Source(_), _) => {
            let (needed, of) = parts(wide);
            needed == 1 && of.iter().any(|part| implies(narrow, part))
        }
        _ => {
            let (has, from) = parts(narrow);
            let (needed, of) = parts(wide);
            // Leaving out a part of the narrow one breaks at most one pair.
            let spare = from.len().saturating_sub(has);
            matched(from, of) >= needed + spare
        }
    }
}

/// How many of a condition's parts are needed, and which there are.
fn parts(when: &When) -> (usize, &[When]) {
    match when {
        When::Source(_) => (1, std::slice::from_ref(when)),
        When::AllOf(of) => (of.len(), of),
        When::AnyOf(of) => (1, of),
        When::AtLeast { needed, of } => (usize::try_from(*needed).unwrap_or(usize::MAX), of),
    }
}

/// The most pairs of a part and one that it implies, none of them in two pairs.
fn matched(from: &[When], to: &[When]) -> usize {
    let reach: Vec<Vec<usize>> = from
        .iter()
        .map(|part| {
            let to = to.iter().enumerate();
            to.filter(|(_, wide)| implies(part, wide))
                .map(|(nth, _)| nth)
                .collect()
        })
        .collect();
    let mut partner: BTreeMap<usize, usize> = BTreeMap::new();
    (0..from.len())
        .filter(|part| pair(*part, &reach, &mut partner, &mut BTreeSet::new()))
        .count()
}

/// Finds a partner for a part, asking those that have one to look for another.
fn pair(
    part: usize,
    reach: &[Vec<usize>],
    partner: &mut BTreeMap<usize, usize>,
    asked: &mut BTreeSet<usize>,
) -> bool {
    for wide in reach.get(part).into_iter().flatten() {
        if !asked.insert(*wide) {
            continue;
        }
        let free = match partner.get(wide).copied() {
            None => true,
            Some(other) => pair(other, reach, partner, asked),
        };
        if free {
            partner.insert(*wide, part);
            return true;
        }
    }
    false
}

/// Whether the wide source takes every outcome that the narrow one takes.
fn admits(wide: &DocumentSource, narrow: &DocumentSource) -> bool {
    let level = match (&wide.level, &narrow.level) {
        (None, _) => true,
        (Some(wide), Some(narrow)) => {
            wide.framework == narrow.framework && wide.value <= narrow.value
        }
        (Some(_), None) => false,
    };
    let age = wide.earned_within_months.is_none_or(|wide| {
        let narrow = narrow.earned_within_months;
        narrow.is_some_and(|narrow| narrow <= wide)
    });
    let amount = wide.amount_at_least.unwrap_or_default();
    wide.unit == narrow.unit
        && listed(&wide.entries, &narrow.entries)
        && listed(&wide.categories, &narrow.categories)
        && listed(&wide.issuers, &narrow.issuers)
        && is_at_most(&wide.minimum_grade, &narrow.minimum_grade)
        && level
        && age
        && amount <= narrow.amount_at_least.unwrap_or_default()
}

/// An empty list takes everything.
fn listed<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|it| wide.contains(it)))
}

/// Whether a grade that reaches the narrow minimum reaches the wide one. A score says nothing of
/// outcomes that have a scheme, so beside a score only scores are compared.
fn is_at_most(wide: &DocumentMinimum, narrow: &DocumentMinimum) -> bool {
    match (wide, narrow) {
        (DocumentMinimum::Plain(wide), DocumentMinimum::Plain(narrow)) => {
            wide.score() <= narrow.score()
        }
        (wide, narrow) => wide == narrow,
    }
}

fn shadowed(code: &str, by: &str) -> Fault {
    Fault::new(
        "RULES_UNREACHABLE",
        format!("规则 {code} 永远用不到:凡符合它的成果,规则 {by} 给予同样或更多"),
        format!("rule {code} is never used: whatever satisfies it, rule {by} gives as much for it"),
    )
}

fn not_compared() -> Fault {
    Fault::new(
        "RULES_NOT_COMPARED",
        "给予同一课程的规则过多,未能全部比较",
        "so many rules give the same course that not all of them were compared",
    )
}

fn twins(code: &str, by: &str) -> Fault {
    Fault::new(
        "RULES_TWINS",
        format!("规则 {code} 与规则 {by} 的条件和结果相同"),
        format!("rule {code} asks and gives the same as rule {by}"),
    )
}
