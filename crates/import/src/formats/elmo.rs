//! ELMO transcripts, as EMREX sends them and as EWP's `tors-get-response` wraps them.
//!
//! Elements are told by their local names, so that versions 1 and 2 are read alike. A report is
//! taken one learning opportunity at a time, so a file of many reports needs no more memory.

use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;
use creditbank_ledger::reads::SignatureFound;

use super::course_tree::Node;
use super::day::day_of;
use super::signature::Signatures;
use super::xml::{Step, XmlReader};
use super::xml_tree::Element;
use super::{Column, FormatRecord, RecordSource, said};
use crate::cell::Cell;
use crate::dictionary::Field;
use crate::faults;
use crate::input::Input;

/// What is passed over: nothing of it is a result, and some of it is megabytes of PDF.
const PASSED_OVER: [&str; 10] = [
    "attachment",
    "description",
    "descriptionHtml",
    "diplomaSupplement",
    "extension",
    "gradingScheme",
    "groups",
    "issuer",
    "resultDistribution",
    "shortenedGrading",
];
const SPECIFICATION: &str = "learningOpportunitySpecification";
/// What holds one transcript.
const UNIT: &str = "elmo";
/// Types of identifier that are the sending institution's own, the best first.
const STUDENT_NUMBERS: [&str; 5] = [
    "studentNumber",
    "studentId",
    "local",
    "schoolAssignedPersonId",
    "esi",
];

/// An ELMO document.
pub(crate) struct ElmoSource {
    signatures: Signatures,
}

impl ElmoSource {
    /// True where the root element is one of this format.
    pub(crate) fn has_root(name: &str) -> bool {
        name == "elmo" || name.ends_with("tors-get-response")
    }

    /// Reads the whole document once: it is whole, of this format, and signed or not.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let signatures = Signatures::of(input, UNIT, &mut |tag| {
            let ours = |namespace: &str| namespace.to_ascii_lowercase().contains("elmo");
            if tag.name == UNIT && tag.namespace.as_deref().is_some_and(|it| !ours(it)) {
                return Err(faults::xml_namespace("ELMO"));
            }
            Ok(())
        })?;
        Ok(Self { signatures })
    }
}

impl RecordSource for ElmoSource {
    fn signature(&self) -> Option<SignatureFound> {
        self.signatures.found()
    }

    fn for_each(
        &mut self,
        visit: &mut dyn FnMut(FormatRecord) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut xml = XmlReader::open(self.signatures.readable())?;
        let mut learner = Vec::new();
        let mut transcripts = 0_u32;
        loop {
            let tag = match xml.next()? {
                Step::Open(tag) => tag,
                Step::Text(_) | Step::Close => continue,
                Step::End => return Ok(()),
            };
            match tag.name.as_str() {
                // The next transcript may be another person's.
                UNIT => {
                    learner.clear();
                    transcripts = transcripts.saturating_add(1);
                }
                "tor" => learner.clear(),
                "learner" => {
                    let element = Element::read(tag, &mut xml, &PASSED_OVER)?;
                    learner = learner_of(&element);
                }
                SPECIFICATION => {
                    let place = xml.path();
                    let element = Element::read(tag, &mut xml, &PASSED_OVER)?;
                    let counted = node_of(&element, &place).counted();
                    for (element, place) in counted {
                        let mut content = learner.clone();
                        content.extend(course_of(element));
                        content.extend(self.signatures.told(transcripts));
                        let record = FormatRecord {
                            line_no: None,
                            at: Some(place),
                            content: Ok(content),
                            bytes_read: xml.bytes_read(),
                        };
                        if visit(record).is_break() {
                            return Ok(());
                        }
                    }
                }
                "Signature" => xml.pass_over()?,
                name if PASSED_OVER.contains(&name) => xml.pass_over()?,
                _ => {}
            }
        }
    }
}

/// Who it is: the number of the institution's own kind, the national one where it is Chinese.
fn learner_of(learner: &Element) -> Vec<(Column, Cell)> {
    let typed = |wanted: &str| {
        let mut all = learner.all("identifier");
        let found = all.find(|it| {
            let kind = it.tag.attribute("type").unwrap_or_default();
            kind.eq_ignore_ascii_case(wanted)
        });
        found.map(|it| it.text.trim())
    };
    let number = STUDENT_NUMBERS.into_iter().find_map(typed);
    let chinese = learner.at(&["citizenship"]) == Some("CN");
    let national = typed("nationalIdentifier").filter(|_| chinese);
    let name = full_name(
        learner.at(&["givenNames"]).unwrap_or_default(),
        learner.at(&["familyName"]).unwrap_or_default(),
    );
    let fields = [
        (Field::StudentNumber, number),
        (Field::NationalId, national),
        (Field::Name, Some(name.as_str())),
    ];
    let fields = fields.into_iter();
    fields
        .filter_map(|(field, text)| said(Column::Field(field), text?))
        .collect()
}

/// Family name first and unspaced where it is Chinese, else last.
pub(super) fn full_name(given: &str, family: &str) -> String {
    let wide = |text: &str| text.chars().any(|c| matches!(c, '\u{2E80}'..='\u{9FFF}'));
    if wide(given) && wide(family) {
        return format!("{family}{given}");
    }
    format!("{given} {family}").trim().to_owned()
}

fn node_of<'e>(element: &'e Element, place: &str) -> Node<(&'e Element, String)> {
    let instance = instance_of(element);
    let at = |path: &[&str]| instance.is_some_and(|it| it.at(path).is_some());
    let parts = element.all("hasPart").flat_map(|part| {
        let inner = part.all(SPECIFICATION);
        inner.map(move |it| (it, format!("{place}{}{}", part.step(), it.step())))
    });
    Node {
        has_credit: at(&["credit", "value"]),
        has_result: at(&["resultLabel"]) || at(&["status"]),
        parts: parts.map(|(it, place)| node_of(it, &place)).collect(),
        value: (element, place.to_owned()),
    }
}

fn instance_of(element: &Element) -> Option<&Element> {
    element
        .child("specifies")?
        .child("learningOpportunityInstance")
}

fn course_of(element: &Element) -> Vec<(Column, Cell)> {
    let typed = |wanted: &str| {
        let mut all = element.all("identifier");
        let found = all.find(|it| it.tag.attribute("type") == Some(wanted));
        found.map(|it| it.text.trim())
    };
    let code = typed("local").or_else(|| typed("ewp-los-id"));
    let titles = titles_of(element);
    let mut content = Vec::new();
    content.extend(said(
        Column::Field(Field::CourseCode),
        code.unwrap_or_default(),
    ));
    content.extend(said(Column::Field(Field::CourseTitle), &titles));
    let Some(instance) = instance_of(element) else {
        return content;
    };
    let status = instance.at(&["status"]).unwrap_or_default();
    let (verdict, mark) = match status {
        "in-progress" => ("", "缓考"),
        other => (other, ""),
    };
    let date = instance
        .at(&["date"])
        .or_else(|| instance.at(&["academicTerm", "end"]));
    let day = date.map(day_of);
    let term = instance.child("academicTerm").map(titles_of);
    let fields = [
        (Field::Term, term.as_deref()),
        (Field::Grade, instance.at(&["resultLabel"])),
        (Field::Marks, Some(mark)),
        (Field::Verdict, Some(verdict)),
        (Field::AwardedOn, day.as_deref()),
    ];
    let fields = fields.into_iter();
    content.extend(fields.filter_map(|(field, text)| said(Column::Field(field), text?)));
    for credit in instance.all("credit") {
        let scheme = credit.at(&["scheme"]).unwrap_or_default();
        content.extend(credits(scheme, credit.at(&["value"]).unwrap_or_default()));
    }
    together(content)
}

/// Credits of a system: those of another system are never taken for ours.
pub(super) fn credits(scheme: &str, value: &str) -> Vec<(Column, Cell)> {
    let column = match scheme.to_ascii_lowercase().as_str() {
        "" | "学分" | "credit" | "credits" | "semester" | "units" => {
            Column::Field(Field::Credits)
        }
        "ects" => Column::Ects,
        _ => Column::OtherCredits,
    };
    let named = said(Column::CreditScheme, scheme);
    said(column, value).into_iter().chain(named).collect()
}

/// Where credits are stated in several systems, the one cell that names systems names them all.
fn together(content: Vec<(Column, Cell)>) -> Vec<(Column, Cell)> {
    let (schemes, mut content): (Vec<_>, Vec<_>) =
        { content.into_iter() }.partition(|(column, _)| *column == Column::CreditScheme);
    let schemes: Vec<_> = schemes.iter().map(|(_, cell)| cell.shown()).collect();
    content.extend(said(Column::CreditScheme, &schemes.join(" | ")));
    content
}

/// A title in all its languages: `pl: Budowa kompilatorów | en: Compiler construction`.
fn titles_of(element: &Element) -> String {
    let titles: Vec<_> = element
        .all("title")
        .map(|title| {
            let words: Vec<_> = title.text.split_whitespace().collect();
            (title.tag.attribute("lang"), words.join(" "))
        })
        .filter(|(_, text)| !text.is_empty())
        .collect();
    if let [(_, only)] = titles.as_slice() {
        return only.clone();
    }
    let titles = titles.into_iter().map(|(language, text)| match language {
        Some(language) => format!("{language}: {text}"),
        None => text,
    });
    titles.collect::<Vec<_>>().join(" | ")
}
