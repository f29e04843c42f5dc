//! Builders: what a test does not say is ordinary.

use std::str::FromStr;

use chrono::NaiveDate;
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::completion::{Attendance, Progress};
use creditbank_domain::grade::{Attempt, Grade};
use creditbank_domain::identifier::{Identifier, IdentifierKind, PersonIdentifiers};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::{EntryRef, LearnerRef, ReportedOutcome, StatedAmount};
use creditbank_domain::text::{CourseCode, InstitutionCode, PersonName, SourceRef};
use serde_json::{Value, json};

use crate::log_watch::remember;

/// Reads `2026-01-31`.
#[must_use]
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no day"))
}

/// Reads `3.50`.
#[must_use]
pub fn hundredths(text: &str) -> Hundredths {
    Hundredths::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// An outcome of an entry: student number S1, grade 85, 2026-01-31, nothing stated.
#[must_use]
pub fn outcome(code: &str) -> OutcomeBuilder {
    OutcomeBuilder {
        source_ref: None,
        learner: student("S1"),
        learner_name: "S1".to_owned(),
        owner: None,
        code: code.to_owned(),
        grade: "85.00".to_owned(),
        attempt: Attempt::First,
        awarded_on: day("2026-01-31"),
        stated: Vec::new(),
        progress: Progress::default(),
    }
}

/// Somebody by identifiers and a name: `person(&[(ResidentId, "…")], "张三")`; no name where the
/// text is empty.
#[must_use]
pub fn person(identifiers: &[(IdentifierKind, &str)], name: &str) -> LearnerRef {
    remember(name);
    identifiers.iter().for_each(|(_, number)| remember(number));
    let identifiers = identifiers
        .iter()
        .map(|(kind, number)| Identifier::parse(*kind, number, day("2026-11-22")).unwrap());
    LearnerRef::Identified {
        identifiers: PersonIdentifiers::new(identifiers).expect("at least one identifier"),
        name: (!name.is_empty()).then(|| PersonName::new(name).unwrap()),
    }
}

/// A valid number of a citizen: born on a day of the 1990s, one of a thousand there.
#[must_use]
pub fn resident_id(born_on: &str, sequence: u32) -> String {
    let born_on = born_on.replace('-', "");
    let old = format!("340100{}{:03}", &born_on[2..], sequence % 1000);
    let today = day("2026-11-22");
    let read = Identifier::parse(IdentifierKind::ResidentId, &old, today).unwrap();
    read.canonical().to_owned()
}

fn student(number: &str) -> LearnerRef {
    let identifier =
        Identifier::parse(IdentifierKind::StudentNumber, number, day("2026-11-22")).unwrap();
    LearnerRef::Identified {
        identifiers: identifier.into(),
        name: Some(PersonName::new("测试学员").unwrap()),
    }
}

/// See [`outcome`].
#[derive(Debug, Clone)]
pub struct OutcomeBuilder {
    source_ref: Option<String>,
    learner: LearnerRef,
    learner_name: String,
    owner: Option<String>,
    code: String,
    grade: String,
    attempt: Attempt,
    awarded_on: NaiveDate,
    stated: Vec<StatedAmount>,
    progress: Progress,
}

impl OutcomeBuilder {
    /// The institution's own record id; else one made of student, code, day and attempt.
    #[must_use]
    pub fn source(mut self, source_ref: &str) -> Self {
        self.source_ref = Some(source_ref.to_owned());
        self
    }

    /// Whose it is, by the institution's student number.
    #[must_use]
    pub fn student(mut self, number: &str) -> Self {
        self.learner = student(number);
        self.learner_name = number.to_owned();
        self
    }

    /// Whose it is, by what the institution knows of the person. Whoever has a student number in
    /// it is told apart by that in the source reference.
    #[must_use]
    pub fn person(mut self, learner: LearnerRef) -> Self {
        if let LearnerRef::Identified { identifiers, .. } = &learner {
            self.learner_name = identifiers.primary().canonical().to_owned();
        }
        self.learner = learner;
        self
    }

    /// Whose it is, by our own number.
    #[must_use]
    pub fn learner_no(mut self, number: LearnerNo) -> Self {
        self.learner = LearnerRef::Number(number);
        self.learner_name = number.as_str().to_owned();
        self
    }

    /// The entry's owner where it is not the one who posts.
    #[must_use]
    pub fn owned_by(mut self, code: &str) -> Self {
        self.owner = Some(code.to_owned());
        self
    }

    /// `87`, `excellent`, `absent` …
    #[must_use]
    pub fn grade(mut self, grade: &str) -> Self {
        self.grade = grade.to_owned();
        self
    }

    /// First, resit or retake.
    #[must_use]
    pub fn attempt(mut self, attempt: Attempt) -> Self {
        self.attempt = attempt;
        self
    }

    /// The day it was achieved.
    #[must_use]
    pub fn on(mut self, awarded_on: &str) -> Self {
        self.awarded_on = day(awarded_on);
        self
    }

    /// What the institution says it gives.
    #[must_use]
    pub fn stating(mut self, unit: Unit, amount: &str) -> Self {
        self.stated.push(StatedAmount {
            unit,
            hundredths: hundredths(amount),
        });
        self
    }

    /// How many lectures are done, and the score of the exam; none where the text is empty.
    #[must_use]
    pub fn progress(mut self, lectures_done: u32, exam: &str) -> Self {
        self.progress.lectures_done = Some(lectures_done);
        self.progress.exam = (!exam.is_empty()).then(|| exam.parse().unwrap());
        self
    }

    /// The minutes attended of those held.
    #[must_use]
    pub fn attended(mut self, attended: u32, held: u32) -> Self {
        self.progress.attendance = Some(Attendance::new(attended, held).unwrap());
        self
    }

    /// The report.
    #[must_use]
    pub fn build(self) -> ReportedOutcome {
        let source_ref = self.source_ref.unwrap_or_else(|| {
            format!(
                "{}/{}/{}/{}",
                self.learner_name, self.code, self.awarded_on, self.attempt
            )
        });
        ReportedOutcome {
            source_ref: SourceRef::new(&source_ref).unwrap(),
            learner: self.learner,
            entry: EntryRef {
                owner: self.owner.map(|code| InstitutionCode::new(&code).unwrap()),
                code: CourseCode::new(&self.code).unwrap(),
            },
            grade: Grade::from_str(&self.grade).unwrap(),
            attempt: self.attempt,
            awarded_on: self.awarded_on,
            stated: self.stated,
            stated_level: None,
            progress: self.progress,
        }
    }

    /// The report as an institution sends it.
    #[must_use]
    pub fn json(self) -> Value {
        let report = self.build();
        let learner = match &report.learner {
            LearnerRef::Number(number) => json!({ "learner_no": number.as_str() }),
            LearnerRef::Identified { identifiers, name } => {
                let name = name.as_ref().map(PersonName::reveal);
                let mut stated = identifiers
                    .iter()
                    .map(|one| json!({ "kind": one.kind().as_str(), "value": one.canonical() }));
                if identifiers.count() == 1 {
                    json!({ "identifier": stated.next(), "name": name })
                } else {
                    json!({ "identifiers": stated.collect::<Vec<_>>(), "name": name })
                }
            }
        };
        let mut entry = json!({ "code": report.entry.code.as_str() });
        if let Some(owner) = &report.entry.owner {
            entry["owner"] = json!(owner.as_str());
        }
        let stated: Vec<Value> = report
            .stated
            .iter()
            .map(
                |one| json!({ "unit": one.unit.to_string(), "amount": one.hundredths.to_string() }),
            )
            .collect();
        let mut body = json!({
            "source_ref": report.source_ref.as_str(),
            "learner": learner,
            "entry": entry,
            "grade": report.grade.to_string(),
            "attempt": report.attempt.to_string(),
            "awarded_on": report.awarded_on.to_string(),
            "stated": stated,
        });
        if !report.progress.is_empty() {
            let Progress {
                lectures_done,
                exam,
                attendance,
            } = report.progress;
            body["progress"] = json!({
                "lectures_done": lectures_done,
                "exam_score": exam.map(|score| score.to_string()),
                "attended_minutes": attendance.map(Attendance::attended),
                "held_minutes": attendance.map(Attendance::held),
            });
        }
        body
    }
}
