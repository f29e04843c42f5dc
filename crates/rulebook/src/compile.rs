//! From a document to a rule set of the domain.

use std::collections::BTreeMap;

use creditbank_domain::conversion::{
    ArticulationRule, Cap, Condition, Effect, GradeFloor, Part, RuleSet, SchemeFloor, Source,
};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::ids::{EntryId, InstitutionId, ProgrammeId, RuleSetId};
use creditbank_domain::text::{CourseCode, InstitutionCode};

use crate::check::{unknown_course, unknown_scheme};
use crate::document::{
    DocumentCap, DocumentCourse, DocumentMinimum, DocumentPart, DocumentRule, DocumentSource,
    EntryRef, RuleDocument, When,
};
use crate::fault::{DocumentFault, in_order};
use crate::places::pointer_of;
use crate::references::Resolved;

/// What a rule set is beside what its document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSetIdentity {
    /// Its id.
    pub id: RuleSetId,
    /// Counts up from 1.
    pub version: i32,
    /// The receiving institution, whose code the document has.
    pub receiving: InstitutionId,
}

impl RuleDocument {
    /// The rule set that the document describes.
    ///
    /// # Errors
    /// Every code that was not found and every fault of the set as a whole, with its place.
    pub fn compile(
        &self,
        resolved: &Resolved,
        identity: RuleSetIdentity,
    ) -> Result<RuleSet, Vec<DocumentFault>> {
        let mut compiler = Compiler {
            document: self,
            courses: self.courses_by_code(),
            resolved,
            titles: BTreeMap::new(),
            faults: Vec::new(),
        };
        compiler.receiving(identity.receiving);
        let rule_set = compiler.rule_set(identity);
        let mut faults = compiler.faults;
        if faults.is_empty() {
            let unsound = rule_set.check();
            faults = unsound
                .iter()
                .map(|fault| {
                    let (pointer, told) = pointer_of(self, fault);
                    self.places.fault(&pointer, told)
                })
                .collect();
        }
        if faults.is_empty() {
            Ok(rule_set)
        } else {
            Err(in_order(faults))
        }
    }
}

/// What was not found is told and left out; the rule set is only given away where nothing was.
struct Compiler<'a> {
    document: &'a RuleDocument,
    courses: BTreeMap<&'a CourseCode, &'a DocumentCourse>,
    resolved: &'a Resolved,
    titles: BTreeMap<EntryId, String>,
    faults: Vec<DocumentFault>,
}

impl Compiler<'_> {
    /// Whoever proposes a document must not grant in the name of another institution.
    fn receiving(&mut self, receiving: InstitutionId) {
        let code = &self.document.receiving;
        match self.resolved.institutions.get(code) {
            None => self.unknown("/receiving", unknown_institution(code)),
            Some(found) if *found != receiving => {
                self.unknown("/receiving", other_receiving(code));
            }
            Some(_) => {}
        }
    }

    fn rule_set(&mut self, identity: RuleSetIdentity) -> RuleSet {
        let document = self.document;
        let nth = document.parts.iter().enumerate();
        let parts = nth.map(|(nth, part)| self.part(nth, part)).collect();
        let nth = document.caps.iter().enumerate();
        let caps = nth.map(|(nth, cap)| self.cap(nth, cap)).collect();
        let nth = document.programmes.iter().enumerate();
        let programmes = nth
            .filter_map(|(nth, code)| self.programme(&format!("/programmes/{nth}"), code))
            .collect();
        let nth = document.rules.iter().enumerate();
        let rules = nth.map(|(nth, rule)| self.rule(nth, rule)).collect();
        RuleSet {
            id: identity.id,
            code: document.code.clone(),
            version: identity.version,
            receiving: identity.receiving,
            programmes,
            document: document.document.clone(),
            valid_from: document.valid_from,
            valid_to: document.valid_to,
            parts,
            caps,
            rules,
            titles: std::mem::take(&mut self.titles),
        }
    }

    fn part(&mut self, nth: usize, part: &DocumentPart) -> Part {
        let courses = part.courses.iter().enumerate();
        let courses = courses.filter_map(|(course, code)| {
            self.course(&format!("/parts/{nth}/courses/{course}"), code)
        });
        Part {
            courses: courses.collect(),
            code: part.code.clone(),
            title: part.title.clone(),
            credits: part.credits,
            replaceable: part.replaceable,
        }
    }

    fn cap(&mut self, nth: usize, cap: &DocumentCap) -> Cap {
        let pointer = format!("/caps/{nth}/institutions");
        Cap {
            code: cap.code.clone(),
            shape: cap.shape.clone(),
            part: cap.part.clone(),
            categories: cap.categories.clone(),
            institutions: self.institutions(&pointer, &cap.institutions),
            most: cap.most,
        }
    }

    fn rule(&mut self, nth: usize, rule: &DocumentRule) -> ArticulationRule {
        let condition = self.condition(&format!("/rules/{nth}/when"), &rule.when);
        let gives = rule.gives.iter().enumerate();
        let effects = gives.filter_map(|(given, effect)| {
            let pointer = format!("/rules/{nth}/gives/{given}/course");
            let course = self.course(&pointer, &effect.course)?;
            let Some(declared) = self.courses.get(&effect.course) else {
                self.unknown(&pointer, unknown_course(&effect.course));
                return None;
            };
            Some(Effect {
                course,
                title: declared.title.clone(),
                credits: declared.credits,
                gives: effect.gives,
                books: effect.books,
            })
        });
        ArticulationRule {
            effects: effects.collect(),
            code: rule.code.clone(),
            condition,
        }
    }

    fn condition(&mut self, pointer: &str, when: &When) -> Condition {
        let mut each = |name: &str, of: &[When]| {
            let parts = of.iter().enumerate();
            parts
                .map(|(nth, part)| self.condition(&format!("{pointer}/{name}/{nth}"), part))
                .collect()
        };
        match when {
            When::Source(source) => Condition::Source(self.source(pointer, source)),
            When::AllOf(of) => Condition::AllOf(each("all_of", of)),
            When::AnyOf(of) => Condition::any_of(each("any_of", of)),
            When::AtLeast { needed, of } => Condition::AtLeast {
                needed: *needed,
                of: each("at_least/of", of),
            },
        }
    }

    fn source(&mut self, pointer: &str, source: &DocumentSource) -> Source {
        let entries = source.entries.iter().enumerate();
        let entries = entries.filter_map(|(nth, entry)| {
            let found = self.entry(&format!("{pointer}/entries/{nth}"), entry)?;
            let title = self.resolved.entries.get(entry)?.title.clone();
            self.titles.insert(found, title);
            Some(found)
        });
        Source {
            entries: entries.collect(),
            categories: source.categories.clone(),
            issuers: self.institutions(&format!("{pointer}/issuers"), &source.issuers),
            unit: source.unit,
            minimum_grade: self.floor(pointer, &source.minimum_grade),
            level_floor: source.level.clone(),
            earned_within_months: source.earned_within_months,
            at_least: source.amount_at_least,
        }
    }

    fn floor(&mut self, pointer: &str, minimum: &DocumentMinimum) -> GradeFloor {
        let (scheme, grade) = match minimum {
            DocumentMinimum::Plain(minimum) => return GradeFloor::Plain(*minimum),
            DocumentMinimum::InScheme { scheme, grade } => (scheme, grade),
        };
        let Some(found) = self.document.scheme(scheme) else {
            self.unknown(&format!("{pointer}/grading"), unknown_scheme(scheme));
            return GradeFloor::Plain(MinimumGrade::Pass);
        };
        GradeFloor::InScheme(Box::new(SchemeFloor {
            scheme: found.clone(),
            grade: grade.clone(),
        }))
    }

    fn programme(&mut self, pointer: &str, code: &str) -> Option<ProgrammeId> {
        let found = self.resolved.programmes.get(code).copied();
        if found.is_none() {
            self.unknown(pointer, unknown_programme(code));
        }
        found
    }

    fn institutions(&mut self, pointer: &str, codes: &[InstitutionCode]) -> Vec<InstitutionId> {
        let codes = codes.iter().enumerate();
        codes
            .filter_map(|(nth, code)| {
                let found = self.resolved.institutions.get(code).copied();
                if found.is_none() {
                    self.unknown(&format!("{pointer}/{nth}"), unknown_institution(code));
                }
                found
            })
            .collect()
    }

    fn course(&mut self, pointer: &str, code: &CourseCode) -> Option<EntryId> {
        let own = self.document.own(code);
        self.entry(pointer, &own)
    }

    fn entry(&mut self, pointer: &str, entry: &EntryRef) -> Option<EntryId> {
        let found = self.resolved.entries.get(entry);
        if found.is_none() {
            self.unknown(pointer, unknown_entry(entry));
        }
        found.map(|found| found.id)
    }

    fn unknown(&mut self, pointer: &str, fault: Fault) {
        self.faults.push(self.document.places.fault(pointer, fault));
    }
}

fn unknown_institution(code: &InstitutionCode) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_INSTITUTION",
        format!("没有代码为 {code} 的机构"),
        format!("no institution has the code {code}"),
    )
}

fn other_receiving(code: &InstitutionCode) -> Fault {
    Fault::new(
        "RULES_OTHER_RECEIVING",
        format!("规则文件属于机构 {code},不是本机构"),
        format!("the document is of institution {code}, not of this one"),
    )
}

fn unknown_programme(code: &str) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_PROGRAMME",
        format!("接收机构没有代码为 {code} 的专业"),
        format!("the receiving institution has no programme {code}"),
    )
}

fn unknown_entry(entry: &EntryRef) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_ENTRY",
        format!("成果目录中没有 {entry}"),
        format!("the catalogue has no entry {entry}"),
    )
}
