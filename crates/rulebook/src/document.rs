//! A rule document: what people write, with codes instead of ids.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::catalogue::{Category, Level};
use creditbank_domain::conversion::{BookedGrade, CapShape, Document, Gives, Most};
use creditbank_domain::grade::{Grade, MinimumGrade};
use creditbank_domain::grading::GradingScheme;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::{CourseCode, InstitutionCode};

use crate::fault::Places;

/// One version of a rule set as it is written down.
///
/// Two of them are equal where they say the same, wherever it stands on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDocument {
    /// Who grants under it.
    pub receiving: InstitutionCode,
    /// Its code, the same over all versions.
    pub code: String,
    /// The codes of the programmes that it is for; every one where none is named.
    pub programmes: Vec<String>,
    /// What it rests on.
    pub document: Document,
    /// First day it may be used.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// Who has to approve it.
    pub approval: Approval,
    /// Where its figures come from.
    pub source: Option<String>,
    /// True where its figures are second-hand: to learn from, not to grant by.
    pub example: bool,
    /// The grading schemes that minimum grades are of, as the register has them.
    pub schemes: Vec<GradingScheme>,
    /// The courses that rules give and parts have.
    pub courses: Vec<DocumentCourse>,
    /// The parts of a programme that caps and rules name.
    pub parts: Vec<DocumentPart>,
    /// What all of its grants together may not exceed.
    pub caps: Vec<DocumentCap>,
    /// Its rules.
    pub rules: Vec<DocumentRule>,
    /// What it has to decide, given what.
    pub tests: Vec<DocumentTest>,
    pub(crate) places: Places,
}

/// Who has to approve a rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// So many different people, its proposer among them.
    People(u32),
    /// So many members of a committee; those of the concerned college are recused.
    Committee {
        /// Its code.
        code: String,
        /// How many.
        quorum: u32,
    },
}

/// A catalogue entry by the codes of its owner and its own: `95001/JG-ENG-B`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryRef {
    /// Whose it is.
    pub owner: InstitutionCode,
    /// The owner's code of it.
    pub code: CourseCode,
}

impl fmt::Display for EntryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.code)
    }
}

/// A course of the receiving institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentCourse {
    /// Its code.
    pub code: CourseCode,
    /// What people call it.
    pub title: String,
    /// The credits it has.
    pub credits: Hundredths,
}

/// A part of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPart {
    /// Its code within the document.
    pub code: String,
    /// What people call it.
    pub title: String,
    /// The credits it has in all.
    pub credits: Option<Hundredths>,
    /// Its courses.
    pub courses: Vec<CourseCode>,
    /// False for practice, thesis, course design.
    pub replaceable: bool,
}

/// A limit over many grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentCap {
    /// Its code within the document.
    pub code: String,
    /// What is counted together.
    pub shape: CapShape,
    /// Only grants of courses of this part.
    pub part: Option<String>,
    /// Only grants that rest on these categories.
    pub categories: Vec<Category>,
    /// Only grants that rest on outcomes of these institutions.
    pub institutions: Vec<InstitutionCode>,
    /// How much, at most; at least for [`CapShape::Inside`].
    pub most: Most,
}

/// What a learner needs, and what is given for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRule {
    /// Its code within the document.
    pub code: String,
    /// The outcomes that it needs.
    pub when: When,
    /// The courses that it gives.
    pub gives: Vec<DocumentEffect>,
}

/// All of, any of, or some of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// One outcome like this.
    Source(DocumentSource),
    /// Every one.
    AllOf(Vec<Self>),
    /// One of them.
    AnyOf(Vec<Self>),
    /// Some of them.
    AtLeast {
        /// How many.
        needed: u32,
        /// Of which.
        of: Vec<Self>,
    },
}

impl When {
    /// Every outcome it speaks of with its place, from left to right.
    pub(crate) fn sources(&self, pointer: &str) -> Vec<(String, &DocumentSource)> {
        let (name, of) = match self {
            Self::Source(source) => return vec![(pointer.to_owned(), source)],
            Self::AllOf(of) => ("all_of", of),
            Self::AnyOf(of) => ("any_of", of),
            Self::AtLeast { of, .. } => ("at_least/of", of),
        };
        let parts = of.iter().enumerate();
        parts
            .flat_map(|(nth, part)| part.sources(&format!("{pointer}/{name}/{nth}")))
            .collect()
    }
}

/// What one outcome has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSource {
    /// One of these catalogue entries.
    pub entries: Vec<EntryRef>,
    /// Of one of these categories.
    pub categories: Vec<Category>,
    /// Posted by one of these institutions.
    pub issuers: Vec<InstitutionCode>,
    /// The unit of the lot that is used.
    pub unit: Unit,
    /// What the learner must have reached.
    pub minimum_grade: DocumentMinimum,
    /// The lowest level that is good enough.
    pub level: Option<Level>,
    /// How old it may be at most on the day of the request.
    pub earned_within_months: Option<u32>,
    /// How much of the unit has to be usable.
    pub amount_at_least: Option<Hundredths>,
}

/// The least grade that is good enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentMinimum {
    /// A pass, or a score of no scheme.
    Plain(MinimumGrade),
    /// A grade of one of the document's schemes.
    InScheme {
        /// The code of the scheme.
        scheme: String,
        /// The grade as the scheme writes it.
        grade: String,
    },
}

/// One course that a rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentEffect {
    /// The course.
    pub course: CourseCode,
    /// How much of it.
    pub gives: Gives,
    /// The grade that is booked.
    pub books: BookedGrade,
}

/// What the rule set has to decide, given what: a test that stands in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTest {
    /// What it claims.
    pub name: String,
    /// The day of the request.
    pub today: NaiveDate,
    /// The credits of the programme in all.
    pub programme_credits: Hundredths,
    /// What the learner asks to be converted.
    pub outcomes: Vec<TestOutcome>,
    /// What stands granted already.
    pub history: Vec<TestGrant>,
    /// Courses for which the learner has credit anyway.
    pub has: Vec<CourseCode>,
    /// What has to come of it.
    pub expect: Expected,
}

/// A learning outcome of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    /// What the test calls it.
    pub id: String,
    /// What was achieved.
    pub entry: EntryRef,
    /// Who posted it; the entry's owner where nothing is said.
    pub issuer: Option<InstitutionCode>,
    /// What kind of entry that is.
    pub category: Category,
    /// The unit of its lot.
    pub unit: Unit,
    /// How much there is of it.
    pub amount: Hundredths,
    /// Whether it can be used.
    pub state: TestState,
    /// The result.
    pub grade: Grade,
    /// The scheme of its grade, one of the document's.
    pub grading: Option<String>,
    /// Its level.
    pub level: Option<Level>,
    /// When it was achieved.
    pub awarded_on: NaiveDate,
}

/// Whether a test's outcome can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestState {
    /// It can.
    Usable,
    /// Another request holds it.
    Held,
    /// It was used before.
    Used,
    /// It lapsed.
    Expired,
    /// It was withdrawn.
    Withdrawn,
}

impl TestState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Usable,
        Self::Held,
        Self::Used,
        Self::Expired,
        Self::Withdrawn,
    ];

    /// Its name in a document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Held => "held",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for TestState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A course that stands granted before a test's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestGrant {
    /// The course.
    pub course: CourseCode,
    /// The credits granted.
    pub granted: Hundredths,
    /// What it rests on, as far as caps ask.
    pub rests_on: Vec<TestPast>,
}

/// An outcome on which an earlier grant rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPast {
    /// One of the test's outcomes, where it is that.
    pub outcome: Option<String>,
    /// What kind of entry it was.
    pub category: Category,
    /// Who posted it.
    pub issuer: InstitutionCode,
    /// When it was achieved.
    pub awarded_on: NaiveDate,
}

/// What has to come of a test's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The credits of all lines.
    pub total: Hundredths,
    /// Every line, where any is named; no line may be left out then.
    pub lines: Vec<ExpectedLine>,
}

/// A line that has to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedLine {
    /// Which of the test's outcomes.
    pub outcome: String,
    /// The rule, where the test says.
    pub rule: Option<String>,
    /// The course, where the test says.
    pub course: Option<CourseCode>,
    /// The credits granted.
    pub granted: Hundredths,
    /// What became of it.
    pub verdict: ExpectedVerdict,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// All that was asked.
    Granted,
    /// A part.
    Cut(ReasonCode),
    /// Nothing.
    Refused(ReasonCode),
}

impl RuleDocument {
    /// The course of a code.
    #[must_use]
    pub fn course(&self, code: &CourseCode) -> Option<&DocumentCourse> {
        self.courses.iter().find(|course| course.code == *code)
    }

    /// The scheme of a code.
    #[must_use]
    pub fn scheme(&self, code: &str) -> Option<&GradingScheme> {
        self.schemes.iter().find(|scheme| scheme.code == code)
    }

    /// Every course by its code; the first one where a code stands twice.
    pub(crate) fn courses_by_code(&self) -> BTreeMap<&CourseCode, &DocumentCourse> {
        let courses = self.courses.iter().rev();
        courses.map(|course| (&course.code, course)).collect()
    }
}
