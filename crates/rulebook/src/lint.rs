//! What a document says that cannot be meant.
//!
//! A document that was read is sound: it can be decided by. What is found here is whether it is
//! wise. An error stands in the way of approval, a warning is for those who approve.

mod caps;
mod shadow;

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;

use crate::document::RuleDocument;
use crate::fault::DocumentFault;

/// The code of a set of another code that is for the same programme on the same days.
pub const OVERLAPPING_SETS: &str = "RULES_OVERLAPPING_SETS";

/// Whether a finding stands in the way of approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does.
    Error,
    /// It is for people to judge.
    Warning,
}

/// Something found, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stands in the way of approval.
    pub severity: Severity,
    /// What and where.
    pub fault: DocumentFault,
}

/// What a document is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintContext {
    /// The day on which it is looked at.
    pub today: NaiveDate,
    /// The approved versions of the same code.
    pub others: Vec<OtherVersion>,
    /// The approved sets of other codes for the same programmes, or as general as this one.
    pub rivals: Vec<Rival>,
}

/// An approved rule set of another code that would decide about the same requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// Its code.
    pub code: String,
    /// Its version and days.
    pub version: OtherVersion,
    /// A programme that both name; none where both are for all.
    pub programme: Option<String>,
}

/// Another version of the same rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherVersion {
    /// Its number.
    pub version: i32,
    /// First day it may be used.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
}

/// Everything found, in the order of the document.
#[must_use]
pub fn lint(document: &RuleDocument, context: &LintContext) -> Vec<Finding> {
    let mut linter = Linter {
        document,
        findings: Vec::new(),
    };
    linter.validity(context);
    linter.unused();
    shadow::rules(&mut linter);
    caps::never_binding(&mut linter);
    caps::twins(&mut linter);
    if document.tests.is_empty() {
        linter.warning("/tests", no_tests());
    }
    let mut findings = linter.findings;
    findings.sort_by_key(|it| (it.fault.line, it.fault.column));
    findings
}

struct Linter<'a> {
    document: &'a RuleDocument,
    findings: Vec<Finding>,
}

impl Linter<'_> {
    fn error(&mut self, pointer: &str, fault: Fault) {
        self.found(Severity::Error, pointer, fault);
    }

    fn warning(&mut self, pointer: &str, fault: Fault) {
        self.found(Severity::Warning, pointer, fault);
    }

    fn found(&mut self, severity: Severity, pointer: &str, fault: Fault) {
        let fault = self.document.places.fault(pointer, fault);
        self.findings.push(Finding { severity, fault });
    }

    fn validity(&mut self, context: &LintContext) {
        let document = self.document;
        let (from, to) = (document.valid_from, document.valid_to);
        let meets = |other: &OtherVersion| {
            let ends_before = to.is_some_and(|to| to < other.valid_from);
            let begins_after = other.valid_to.is_some_and(|last| last < from);
            !ends_before && !begins_after
        };
        for other in context.others.iter().filter(|other| meets(other)) {
            self.error("/valid_from", overlap(other));
        }
        for rival in context.rivals.iter().filter(|it| meets(&it.version)) {
            let place = rival.programme.as_ref().map_or("/code", |_| "/programmes");
            self.error(place, overlap_of_sets(rival));
        }
        if let Some(to) = to.filter(|to| *to < context.today) {
            self.warning("/valid_to", over(to));
        }
    }

    /// Courses and parts that nothing speaks of: a slip of the pen, more often than not.
    fn unused(&mut self) {
        let document = self.document;
        let rules = document.rules.iter();
        let given = rules.flat_map(|rule| rule.gives.iter().map(|effect| &effect.course));
        let parts = document.parts.iter().flat_map(|part| &part.courses);
        let used: std::collections::BTreeSet<_> = given.chain(parts).collect();
        for (nth, course) in document.courses.iter().enumerate() {
            if !used.contains(&course.code) {
                self.warning(
                    &format!("/courses/{nth}"),
                    unused_course(course.code.as_str()),
                );
            }
        }
        for (nth, part) in document.parts.iter().enumerate() {
            let named = document
                .caps
                .iter()
                .any(|cap| cap.part.as_ref() == Some(&part.code));
            if part.replaceable && !named {
                self.warning(&format!("/parts/{nth}"), unused_part(&part.code));
            }
            if !part.replaceable && part.courses.is_empty() {
                self.warning(&format!("/parts/{nth}"), empty_part(&part.code));
            }
        }
    }
}

fn overlap(other: &OtherVersion) -> Fault {
    let (zh, en) = days(other);
    let version = other.version;
    Fault::new(
        "RULES_OVERLAPPING_DATES",
        format!("有效期与第 {version} 版({zh})重叠"),
        format!("it is in force while version {version} is, {en}"),
    )
}

fn overlap_of_sets(rival: &Rival) -> Fault {
    let (zh, en) = days(&rival.version);
    let (code, version) = (&rival.code, rival.version.version);
    let (for_zh, for_en) = rival.programme.as_ref().map_or_else(
        || ("所有专业".to_owned(), "every programme".to_owned()),
        |programme| {
            (
                format!("专业 {programme}"),
                format!("programme {programme}"),
            )
        },
    );
    Fault::new(
        OVERLAPPING_SETS,
        format!("规则集 {code} 第 {version} 版({zh})也适用于{for_zh},请先废止或错开日期"),
        format!(
            "{code} version {version}, {en}, is for {for_en} too; retire it or choose other days"
        ),
    )
}

fn days(other: &OtherVersion) -> (String, String) {
    let from = other.valid_from;
    other.valid_to.map_or_else(
        || (format!("{from} 起"), format!("from {from} on")),
        |to| (format!("{from} 至 {to}"), format!("from {from} to {to}")),
    )
}

fn over(to: NaiveDate) -> Fault {
    Fault::new(
        "RULES_OVER",
        format!("规则集已于 {to} 失效,任何规则都不会再使用"),
        format!("the rule set ended on {to}; no rule of it will be used"),
    )
}

fn unused_course(code: &str) -> Fault {
    Fault::new(
        "RULES_UNUSED_COURSE",
        format!("没有规则给予课程 {code},也没有部分包含它"),
        format!("no rule gives course {code} and no part has it"),
    )
}

fn unused_part(code: &str) -> Fault {
    Fault::new(
        "RULES_UNUSED_PART",
        format!("没有上限提到部分 {code}"),
        format!("no cap names part {code}"),
    )
}

fn empty_part(code: &str) -> Fault {
    Fault::new(
        "RULES_EMPTY_PART",
        format!("不可替代的部分 {code} 没有课程,不起作用"),
        format!("part {code} is never replaced but has no courses"),
    )
}

fn no_tests() -> Fault {
    Fault::new(
        "RULES_NO_TESTS",
        "没有测试,无法证明规则的结果",
        "there are no tests that show what the rules come to",
    )
}
