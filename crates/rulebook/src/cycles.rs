//! Rules that need what they give.
//!
//! A rule leads from every course of the receiving institution that it names as a source to every
//! course that it gives. Where that comes round, credit would rest on itself: nobody could say
//! which outcome it came from.

use std::collections::{BTreeMap, BTreeSet};

use creditbank_domain::fault::Fault;
use creditbank_domain::text::CourseCode;

use crate::document::RuleDocument;
use crate::fault::DocumentFault;
use crate::limits::FAULTS_MAX;

/// One step: a rule whose source is a course gives another, and where that source stands.
struct Step<'a> {
    to: &'a CourseCode,
    rule: &'a str,
    pointer: String,
}

/// A way that is being followed: a course, the rule that led to it, and the next step from it.
struct Followed<'a> {
    course: &'a CourseCode,
    by: &'a str,
    next: usize,
}

/// One fault for every step that closes a cycle.
pub(crate) fn cycles(document: &RuleDocument) -> Vec<DocumentFault> {
    let steps = steps(document);
    let mut done: BTreeSet<&CourseCode> = BTreeSet::new();
    let mut faults = Vec::new();
    for start in steps.keys() {
        if done.contains(start) || faults.len() > FAULTS_MAX {
            continue;
        }
        let mut way = vec![Followed {
            course: start,
            by: "",
            next: 0,
        }];
        let mut on_way = BTreeSet::from([*start]);
        // A stack of our own: a chain of rules may be as long as the document.
        while let Some(last) = way.last_mut() {
            let step = steps.get(last.course).and_then(|from| from.get(last.next));
            last.next += 1;
            let Some(step) = step else {
                done.insert(last.course);
                on_way.remove(last.course);
                way.pop();
                continue;
            };
            if on_way.contains(step.to) {
                if faults.len() <= FAULTS_MAX {
                    let first = way.iter().position(|it| it.course == step.to);
                    let cycle = way.get(first.unwrap_or_default()..).unwrap_or_default();
                    let fault = in_words(cycle, step);
                    faults.push(document.places.fault(&step.pointer, fault));
                }
            } else if !done.contains(step.to) {
                on_way.insert(step.to);
                way.push(Followed {
                    course: step.to,
                    by: step.rule,
                    next: 0,
                });
            }
        }
    }
    faults
}

fn steps(document: &RuleDocument) -> BTreeMap<&CourseCode, Vec<Step<'_>>> {
    let mut steps: BTreeMap<&CourseCode, Vec<Step<'_>>> = BTreeMap::new();
    for (nth, rule) in document.rules.iter().enumerate() {
        for (pointer, source) in rule.when.sources(&format!("/rules/{nth}/when")) {
            let entries = source.entries.iter().enumerate();
            let own = entries.filter(|(_, entry)| entry.owner == document.receiving);
            for (entry, from) in own {
                let to = rule.gives.iter().map(|effect| Step {
                    to: &effect.course,
                    rule: &rule.code,
                    pointer: format!("{pointer}/entries/{entry}"),
                });
                steps.entry(&from.code).or_default().extend(to);
            }
        }
    }
    steps
}

/// Courses of a cycle that are named; nobody reads a longer one.
const NAMED_MAX: usize = 12;

/// `DE101 → DE102 → DE101`
fn in_words(cycle: &[Followed<'_>], last: &Step<'_>) -> Fault {
    let mut way = String::new();
    for (nth, followed) in cycle.iter().take(NAMED_MAX).enumerate() {
        if nth > 0 {
            way += &format!(" → ({}) ", followed.by);
        }
        way += followed.course.as_str();
    }
    if cycle.len() > NAMED_MAX {
        way += " → …";
    }
    way += &format!(" → ({}) {}", last.rule, last.to);
    Fault::new(
        "RULES_CYCLE",
        format!("规则循环:{way}"),
        format!("rules go round: {way}"),
    )
}
