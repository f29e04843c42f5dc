//! PESC College Transcripts, 1.3 to 1.6, alone or in batches.
//!
//! The samples use four namespaces and none: elements are told by their local names, and no schema
//! is a condition. Social security numbers and birth dates are never read.

use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use creditbank_ledger::reads::SignatureFound;

use super::day::day_of;
use super::elmo::{credits, full_name};
use super::signature::Signatures;
use super::xml::{Step, XmlReader};
use super::xml_tree::Element;
use super::{Column, FormatRecord, RecordSource, said};
use crate::cell::Cell;
use crate::dictionary::Field;
use crate::faults;
use crate::input::Input;

/// What is passed over, most of it of no use here, some of it none of our business.
const PASSED_OVER: [&str; 10] = [
    "TransmissionData",
    "AcademicSummary",
    "Health",
    "Immunization",
    "Tests",
    "UserDefinedExtensions",
    "Birth",
    "SSN",
    "NoteMessage",
    "Signature",
];
/// What holds one transcript.
const UNIT: &str = "CollegeTranscript";

/// A PESC document.
pub(crate) struct PescSource {
    signatures: Signatures,
}

/// What the courses of a session share.
#[derive(Default)]
struct Session {
    depth: usize,
    term: String,
    ends_on: String,
}

impl PescSource {
    /// True where the root element is one of this format.
    pub(crate) fn has_root(name: &str) -> bool {
        matches!(name, "CollegeTranscript" | "AcademicRecordBatch" | "Batch")
            || name.ends_with("TranscriptBatch")
    }

    /// Reads the whole document once: it is whole, not of another namespace, and signed or not.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let mut root = true;
        let signatures = Signatures::of(input, UNIT, &mut |tag| {
            let ours = |namespace: &str| namespace.to_ascii_lowercase().contains("pesc");
            let foreign = tag.namespace.as_deref().is_some_and(|it| !ours(it));
            if std::mem::take(&mut root) && foreign {
                return Err(faults::xml_namespace("PESC"));
            }
            Ok(())
        })?;
        Ok(Self { signatures })
    }
}

impl RecordSource for PescSource {
    fn signature(&self) -> Option<SignatureFound> {
        self.signatures.found()
    }

    fn for_each(
        &mut self,
        visit: &mut dyn FnMut(FormatRecord) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut xml = XmlReader::open(self.signatures.readable())?;
        let mut learner = Vec::new();
        let mut session = Session::default();
        let mut transcripts = 0_u32;
        loop {
            let tag = match xml.next()? {
                Step::Open(tag) => tag,
                Step::Close => {
                    if xml.depth() < session.depth {
                        session = Session::default();
                    }
                    continue;
                }
                Step::Text(_) => continue,
                Step::End => return Ok(()),
            };
            match tag.name.as_str() {
                UNIT => {
                    learner.clear();
                    transcripts = transcripts.saturating_add(1);
                }
                "Student" => learner.clear(),
                "Person" => {
                    learner = learner_of(&Element::read(tag, &mut xml, &PASSED_OVER)?);
                }
                "AcademicSession" => session.depth = xml.depth(),
                "AcademicSessionDetail" => {
                    let element = Element::read(tag, &mut xml, &PASSED_OVER)?;
                    session.read(&element);
                }
                "Course" => {
                    let at = Some(xml.path());
                    let element = Element::read(tag, &mut xml, &PASSED_OVER)?;
                    let mut content = learner.clone();
                    content.extend(course_of(&element, &session));
                    content.extend(self.signatures.told(transcripts));
                    let record = FormatRecord {
                        line_no: None,
                        at,
                        content: Ok(content),
                        bytes_read: xml.bytes_read(),
                    };
                    if visit(record).is_break() {
                        return Ok(());
                    }
                }
                name if PASSED_OVER.contains(&name) => xml.pass_over()?,
                _ => {}
            }
        }
    }
}

impl Session {
    fn read(&mut self, detail: &Element) {
        let term = detail.at(&["SessionDesignator"]);
        let term = term.or_else(|| detail.at(&["SessionName"]));
        term.unwrap_or_default().clone_into(&mut self.term);
        let ends_on = detail.at(&["SessionEndDate"]).unwrap_or_default();
        ends_on.clone_into(&mut self.ends_on);
    }
}

fn learner_of(person: &Element) -> Vec<(Column, Cell)> {
    let given = ["FirstName", "MiddleName"].map(|name| person.at(&["Name", name]));
    let given: Vec<_> = given.into_iter().flatten().collect();
    let family = person.at(&["Name", "LastName"]).unwrap_or_default();
    let name = full_name(&given.join(" "), family);
    let number = person.at(&["SchoolAssignedPersonID"]).unwrap_or_default();
    let number = said(Column::Field(Field::StudentNumber), number);
    let name = said(Column::Field(Field::Name), &name);
    number.into_iter().chain(name).collect()
}

fn course_of(course: &Element, session: &Session) -> Vec<(Column, Cell)> {
    let at = |name: &str| course.at(&[name]);
    let numbered = || {
        let subject = at("CourseSubjectAbbreviation")?;
        Some(format!("{subject} {}", at("CourseNumber")?))
    };
    let code = at("OriginalCourseID").or_else(|| at("AgencyCourseID"));
    let code = code.map(str::to_owned).or_else(numbered);
    let status = at("CourseAcademicGradeStatusCode").unwrap_or_default();
    let repeat = at("CourseRepeatCode").unwrap_or_default();
    let again = repeat.starts_with("Repeat") || repeat.starts_with("Replacement");
    let mut marks = Vec::new();
    marks.extend(status.contains("Progress").then_some("缓考"));
    marks.extend(again.then_some("重修"));
    let date = at("CourseEndDate").unwrap_or(&session.ends_on);
    let fields = [
        (Field::CourseCode, code.as_deref().unwrap_or_default()),
        (Field::CourseTitle, at("CourseTitle").unwrap_or_default()),
        (Field::Term, &session.term),
        (Field::Grade, at("CourseAcademicGrade").unwrap_or_default()),
        (Field::Marks, &marks.join("; ")),
        (Field::AwardedOn, &day_of(date)),
    ];
    let fields = fields.into_iter();
    let mut content: Vec<_> = fields
        .filter_map(|(field, text)| said(Column::Field(field), text))
        .collect();
    // Earned before offered: a pass that earned 0 does not count, and the catalogue will say so.
    let value = at("CourseCreditEarned").or_else(|| at("CourseCreditValue"));
    let value = value.unwrap_or_default();
    let units = at("CourseCreditUnits").unwrap_or_default();
    content.extend(credits(units, value));
    content
}
