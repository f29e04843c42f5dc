//! What was expected beside what was decided.

use std::collections::BTreeMap;

use creditbank_domain::conversion::{DecidedLine, Decision, Verdict};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::EntryId;
use creditbank_domain::text::CourseCode;

use super::names;
use crate::document::{DocumentTest, ExpectedLine, ExpectedVerdict, RuleDocument};
use crate::fault::DocumentFault;
use crate::references::stand_in_entry;

/// Every difference, each where the test says what it expects.
pub(super) fn compared(
    document: &RuleDocument,
    nth: usize,
    test: &DocumentTest,
    decision: &Decision,
) -> Vec<DocumentFault> {
    let mut faults = Vec::new();
    let base = format!("/tests/{nth}/expect");
    let mut differs = |pointer: &str, expected: &str, got: &str| {
        let fault = told(&test.name, expected, got);
        faults.push(document.places.fault(pointer, fault));
    };
    let (expected, got) = (test.expect.total, decision.total);
    if expected != got {
        let pointer = format!("{base}/total");
        differs(&pointer, &expected.to_string(), &got.to_string());
    }
    if test.expect.lines.is_empty() {
        return faults;
    }
    let courses = document.courses.iter();
    let courses: BTreeMap<EntryId, &CourseCode> = courses
        .map(|course| (stand_in_entry(&document.own(&course.code)), &course.code))
        .collect();
    let names = names(test);
    let got: Vec<Got<'_>> = decision
        .lines
        .iter()
        .map(|line| Got {
            line,
            outcome: names.get(&line.outcome_id).copied().unwrap_or_default(),
            course: line.target.and_then(|it| courses.get(&it).copied()),
        })
        .collect();
    let mut open: Vec<(usize, &ExpectedLine)> = test.expect.lines.iter().enumerate().collect();
    for got in &got {
        match open.iter().position(|(_, line)| got.is_meant_by(line)) {
            Some(position) => {
                let (line, expected) = open.remove(position);
                if !got.is(expected) {
                    let pointer = format!("{base}/lines/{line}");
                    differs(&pointer, &expected_text(expected), &got.text());
                }
            }
            None => differs(&format!("{base}/lines"), "–", &got.text()),
        }
    }
    for (line, expected) in open {
        let pointer = format!("{base}/lines/{line}");
        differs(&pointer, &expected_text(expected), "–");
    }
    faults
}

/// A decided line in the words of the document.
struct Got<'a> {
    line: &'a DecidedLine,
    outcome: &'a str,
    course: Option<&'a CourseCode>,
}

impl Got<'_> {
    /// Whether the test speaks of this line: of its outcome, and of its course where it names one.
    fn is_meant_by(&self, expected: &ExpectedLine) -> bool {
        let course = expected.course.as_ref();
        expected.outcome == self.outcome && course.is_none_or(|it| self.course == Some(it))
    }

    fn is(&self, expected: &ExpectedLine) -> bool {
        let rule = expected.rule.as_ref();
        let verdict = match expected.verdict {
            ExpectedVerdict::Granted => Verdict::Granted,
            ExpectedVerdict::Cut(reason) => Verdict::Cut(reason),
            ExpectedVerdict::Refused(reason) => Verdict::Refused(reason),
        };
        rule.is_none_or(|it| self.line.rule_code.as_ref() == Some(it))
            && self.line.granted == expected.granted
            && self.line.verdict == verdict
    }

    fn text(&self) -> String {
        let reason = self.line.verdict.reason();
        let verdict = match self.line.verdict {
            Verdict::Granted => "",
            Verdict::Cut(_) => "cut",
            Verdict::Refused(_) => "refused",
        };
        text(
            self.outcome,
            self.line.rule_code.as_deref(),
            self.course,
            &self.line.granted.to_string(),
            verdict,
            reason.map(creditbank_domain::reason::ReasonCode::as_str),
        )
    }
}

fn expected_text(line: &ExpectedLine) -> String {
    let (verdict, reason) = match line.verdict {
        ExpectedVerdict::Granted => ("", None),
        ExpectedVerdict::Cut(reason) => ("cut", Some(reason)),
        ExpectedVerdict::Refused(reason) => ("refused", Some(reason)),
    };
    text(
        &line.outcome,
        line.rule.as_deref(),
        line.course.as_ref(),
        &line.granted.to_string(),
        verdict,
        reason.map(creditbank_domain::reason::ReasonCode::as_str),
    )
}

/// A line as the document writes it.
fn text(
    outcome: &str,
    rule: Option<&str>,
    course: Option<&CourseCode>,
    granted: &str,
    verdict: &str,
    reason: Option<&str>,
) -> String {
    let mut text = format!("outcome: {outcome}");
    if let Some(rule) = rule {
        text += &format!(", rule: {rule}");
    }
    if let Some(course) = course {
        text += &format!(", course: {course}");
    }
    text += &format!(", granted: {granted}");
    if let Some(reason) = reason {
        text += &format!(", {verdict}: {reason}");
    }
    format!("{{{text}}}")
}

fn told(name: &str, expected: &str, got: &str) -> Fault {
    Fault::new(
        "RULES_TEST_FAILED",
        format!("测试“{name}”:应为 {expected},实为 {got}"),
        format!("test \"{name}\": expected {expected}, got {got}"),
    )
}
