//! The codes that a document names, and the ids that somebody found for them.

use std::collections::{BTreeMap, BTreeSet};

use creditbank_domain::ids::{EntryId, InstitutionId, ProgrammeId};
use creditbank_domain::text::InstitutionCode;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::document::{EntryRef, RuleDocument};

/// What has to be looked up before a document can be compiled. Its tests name more; that is never
/// looked up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct References {
    /// Institutions by their codes, the receiving one among them.
    pub institutions: BTreeSet<InstitutionCode>,
    /// Catalogue entries: the sources of rules, and the courses of the receiving institution.
    pub entries: BTreeSet<EntryRef>,
    /// Programmes of the receiving institution by their codes.
    pub programmes: BTreeSet<String>,
}

/// A catalogue entry that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedEntry {
    /// Its id.
    pub id: EntryId,
    /// What people call it.
    pub title: String,
}

/// What was found; what is missing is told where the document names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    /// Institutions by their codes.
    pub institutions: BTreeMap<InstitutionCode, InstitutionId>,
    /// Catalogue entries.
    pub entries: BTreeMap<EntryRef, ResolvedEntry>,
    /// Programmes of the receiving institution by their codes.
    pub programmes: BTreeMap<String, ProgrammeId>,
}

impl RuleDocument {
    /// Every code that the document names outside its tests.
    #[must_use]
    pub fn references(&self) -> References {
        let mut found = References::default();
        found.institutions.insert(self.receiving.clone());
        found.programmes.extend(self.programmes.iter().cloned());
        for rule in &self.rules {
            for (_, source) in rule.when.sources("") {
                let owners = source.entries.iter().map(|entry| entry.owner.clone());
                found.institutions.extend(owners);
                found.institutions.extend(source.issuers.iter().cloned());
                found.entries.extend(source.entries.iter().cloned());
            }
        }
        for cap in &self.caps {
            found.institutions.extend(cap.institutions.iter().cloned());
        }
        let courses = self.courses.iter();
        let courses = courses.map(|course| self.own(&course.code));
        found.entries.extend(courses);
        found
    }

    /// A course of the receiving institution as an entry.
    pub(crate) fn own(&self, code: &creditbank_domain::text::CourseCode) -> EntryRef {
        EntryRef {
            owner: self.receiving.clone(),
            code: code.clone(),
        }
    }
}

impl Resolved {
    /// Ids made of the codes themselves, the same in every run: for what is decided about a
    /// document alone, its soundness and its tests. Nothing by such ids is ever kept.
    #[must_use]
    pub(crate) fn stand_in(references: &References) -> Self {
        let institutions = references.institutions.iter();
        let entries = references.entries.iter();
        let programmes = references.programmes.iter();
        Self {
            programmes: programmes
                .map(|code| {
                    let id = ProgrammeId::from_uuid(stand_in("programme", code));
                    (code.clone(), id)
                })
                .collect(),
            institutions: institutions
                .map(|code| (code.clone(), stand_in_institution(code)))
                .collect(),
            entries: entries
                .map(|entry| {
                    let found = ResolvedEntry {
                        id: stand_in_entry(entry),
                        title: entry.to_string(),
                    };
                    (entry.clone(), found)
                })
                .collect(),
        }
    }
}

pub(crate) fn stand_in_institution(code: &InstitutionCode) -> InstitutionId {
    InstitutionId::from_uuid(stand_in("institution", code.as_str()))
}

pub(crate) fn stand_in_entry(entry: &EntryRef) -> EntryId {
    EntryId::from_uuid(stand_in("entry", &entry.to_string()))
}

/// An id made of a name.
pub(crate) fn stand_in(kind: &str, name: &str) -> Uuid {
    let digest = Sha256::digest(format!("{kind}\n{name}"));
    let half = digest.first_chunk::<16>().copied().unwrap_or_default();
    Uuid::from_bytes(half)
}
