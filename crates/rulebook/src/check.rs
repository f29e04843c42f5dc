//! What a document has to be as a whole: every code once, every name known, nothing that needs
//! itself, and a rule set that the domain calls sound.

use std::collections::BTreeSet;
use std::fmt::Display;

use creditbank_domain::fault::Fault;
use creditbank_domain::grading::GradingScheme;
use creditbank_domain::ids::RuleSetId;
use creditbank_domain::text::CourseCode;

use crate::compile::RuleSetIdentity;
use crate::cycles::cycles;
use crate::document::{DocumentMinimum, DocumentTest, RuleDocument, TestOutcome};
use crate::fault::DocumentFault;
use crate::references::{Resolved, stand_in, stand_in_institution};

/// Every fault of a document whose values could all be read.
pub(crate) fn check(document: &RuleDocument) -> Vec<DocumentFault> {
    let mut checker = Checker {
        document,
        courses: document.courses.iter().map(|it| &it.code).collect(),
        rules: document.rules.iter().map(|it| &it.code).collect(),
        faults: Vec::new(),
    };
    checker.codes();
    checker.courses();
    checker.minimums();
    for (nth, test) in document.tests.iter().enumerate() {
        checker.test(nth, test);
    }
    let mut faults = checker.faults;
    faults.extend(cycles(document));
    // A name that is not known would be told a second time.
    if faults.is_empty() {
        faults.extend(soundness(document).err().unwrap_or_default());
    }
    faults
}

/// The rule set by stand-in ids.
pub(crate) fn soundness(
    document: &RuleDocument,
) -> Result<creditbank_domain::conversion::RuleSet, Vec<DocumentFault>> {
    let identity = RuleSetIdentity {
        id: RuleSetId::from_uuid(stand_in("rule set", &document.code)),
        version: 1,
        receiving: stand_in_institution(&document.receiving),
    };
    document.compile(&Resolved::stand_in(&document.references()), identity)
}

struct Checker<'a> {
    document: &'a RuleDocument,
    courses: BTreeSet<&'a CourseCode>,
    rules: BTreeSet<&'a String>,
    faults: Vec<DocumentFault>,
}

impl Checker<'_> {
    fn wrong(&mut self, pointer: &str, fault: Fault) {
        self.faults.push(self.document.places.fault(pointer, fault));
    }

    fn codes(&mut self) {
        let document = self.document;
        self.once(
            "courses",
            "code",
            document.courses.iter().map(|it| &it.code),
        );
        let schemes = document.schemes.iter().map(|it| &it.code);
        self.once("schemes", "code", schemes);
        self.programmes();
        self.once("parts", "code", document.parts.iter().map(|it| &it.code));
        self.once("caps", "code", document.caps.iter().map(|it| &it.code));
        self.once("rules", "code", document.rules.iter().map(|it| &it.code));
        self.once("tests", "name", document.tests.iter().map(|it| &it.name));
    }

    fn once<T: Ord + Display>(&mut self, list: &str, field: &str, names: impl Iterator<Item = T>) {
        let mut seen = BTreeSet::new();
        for (nth, name) in names.enumerate() {
            let fault = twice(&name);
            if !seen.insert(name) {
                self.wrong(&format!("/{list}/{nth}/{field}"), fault);
            }
        }
    }

    fn courses(&mut self) {
        let document = self.document;
        for (nth, part) in document.parts.iter().enumerate() {
            for (course, code) in part.courses.iter().enumerate() {
                if !self.courses.contains(code) {
                    let pointer = format!("/parts/{nth}/courses/{course}");
                    self.wrong(&pointer, unknown_course(code));
                }
            }
        }
        for (nth, rule) in document.rules.iter().enumerate() {
            for (given, effect) in rule.gives.iter().enumerate() {
                if !self.courses.contains(&effect.course) {
                    let pointer = format!("/rules/{nth}/gives/{given}/course");
                    self.wrong(&pointer, unknown_course(&effect.course));
                }
            }
        }
    }

    fn programmes(&mut self) {
        let mut seen = BTreeSet::new();
        for (nth, code) in self.document.programmes.iter().enumerate() {
            if !seen.insert(code) {
                self.wrong(&format!("/programmes/{nth}"), twice(code));
            }
        }
    }

    /// Every minimum is a grade of its scheme, and every scheme orders its grades.
    fn minimums(&mut self) {
        let document = self.document;
        for (nth, scheme) in document.schemes.iter().enumerate() {
            if let Err(wrong) = scheme.check() {
                self.wrong(&format!("/schemes/{nth}"), wrong.into());
            }
        }
        for (nth, rule) in document.rules.iter().enumerate() {
            for (pointer, source) in rule.when.sources(&format!("/rules/{nth}/when")) {
                let DocumentMinimum::InScheme { scheme, grade } = &source.minimum_grade else {
                    continue;
                };
                match document.scheme(scheme) {
                    None => self.wrong(&format!("{pointer}/grading"), unknown_scheme(scheme)),
                    Some(found) if found.place(grade).is_none() => {
                        self.wrong(&format!("{pointer}/minimum_grade"), no_grade(found));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn outcome_grade(&mut self, pointer: &str, outcome: &TestOutcome) {
        let Some(scheme) = &outcome.grading else {
            return;
        };
        match self.document.scheme(scheme) {
            None => self.wrong(&format!("{pointer}/grading"), unknown_scheme(scheme)),
            Some(found) if !found.admits(outcome.grade) => {
                self.wrong(&format!("{pointer}/grade"), no_grade(found));
            }
            Some(_) => {}
        }
    }

    fn test(&mut self, nth: usize, test: &DocumentTest) {
        let list = format!("tests/{nth}/given/outcomes");
        self.once(&list, "id", test.outcomes.iter().map(|it| &it.id));
        for (position, outcome) in test.outcomes.iter().enumerate() {
            self.outcome_grade(&format!("/{list}/{position}"), outcome);
        }
        let ids: BTreeSet<&String> = test.outcomes.iter().map(|it| &it.id).collect();
        for (grant, past) in test.history.iter().enumerate() {
            for (source, rests_on) in past.rests_on.iter().enumerate() {
                let outcome = rests_on.outcome.as_ref();
                if let Some(id) = outcome.filter(|id| !ids.contains(id)) {
                    let at = format!("/tests/{nth}/given/history/{grant}/rests_on/{source}");
                    self.wrong(&format!("{at}/outcome"), unknown_outcome(id));
                }
            }
        }
        for (line, expected) in test.expect.lines.iter().enumerate() {
            let at = format!("/tests/{nth}/expect/lines/{line}");
            if !ids.contains(&expected.outcome) {
                let fault = unknown_outcome(&expected.outcome);
                self.wrong(&format!("{at}/outcome"), fault);
            }
            if let Some(code) = &expected.rule
                && !self.rules.contains(code)
            {
                self.wrong(&format!("{at}/rule"), unknown_rule(code));
            }
            if let Some(code) = &expected.course
                && !self.courses.contains(code)
            {
                self.wrong(&format!("{at}/course"), unknown_course(code));
            }
        }
    }
}

fn twice(name: &impl Display) -> Fault {
    Fault::new(
        "RULES_TWICE",
        format!("{name} 重复"),
        format!("{name} stands twice"),
    )
}

pub(crate) fn unknown_course(code: &CourseCode) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_COURSE",
        format!("课程 {code} 未在 courses 中列出"),
        format!("course {code} is not among the courses of the document"),
    )
}

pub(crate) fn unknown_scheme(code: &str) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_SCHEME",
        format!("成绩制 {code} 未在 schemes 中列出"),
        format!("grading scheme {code} is not among the schemes of the document"),
    )
}

fn no_grade(scheme: &GradingScheme) -> Fault {
    let (code, grades) = (&scheme.code, scheme.told());
    Fault::new(
        "RULES_GRADE",
        format!("成绩制 {code} 的成绩为 {grades}"),
        format!("the grades of scheme {code} are {grades}"),
    )
}

fn unknown_outcome(id: &str) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_OUTCOME",
        format!("本测试没有成果 {id}"),
        format!("the test has no outcome {id}"),
    )
}

fn unknown_rule(code: &str) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_RULE",
        format!("没有规则 {code}"),
        format!("there is no rule {code}"),
    )
}
