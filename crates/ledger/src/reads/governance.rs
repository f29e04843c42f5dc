//! Documents, meetings and resolutions: what the rules rest on.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, ReadRegister};
use creditbank_domain::governance::{DocumentKind, MeetingKind, ResolutionOutcome};
use creditbank_domain::ids::{PersonId, RuleSetId};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::RuleSetView;
use crate::store::Ledger;
use crate::tables::{document_facts, meetings, resolutions, rule_set_list};

/// What is known of a document beside number and title. What no source says stays empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFacts {
    /// Its title in English.
    pub title_en: Option<String>,
    /// What it is.
    pub kind: DocumentKind,
    /// Whoever issued it.
    pub issued_by: Option<String>,
    /// The day.
    pub issued_on: Option<NaiveDate>,
    /// First day.
    pub in_force_from: Option<NaiveDate>,
    /// Last day.
    pub in_force_until: Option<NaiveDate>,
    /// The number of the document in whose place it stands.
    pub supersedes: Option<String>,
    /// SHA-256 of its text.
    pub text_sha256: Option<[u8; 32]>,
    /// From where that is known.
    pub source: Option<String>,
}

/// A document of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentView {
    /// As cited.
    pub number: String,
    /// Its title.
    pub title: String,
    /// How often something was said of it: the last counts. 0 where only a rule set named it.
    pub revision: i16,
    /// What is known of it.
    pub facts: Option<DocumentFacts>,
    /// The document that stands in its place.
    pub superseded_by: Option<String>,
    /// When the last was written down.
    pub recorded_at: DateTime<Utc>,
}

/// A document with what rests on it.
#[derive(Debug, Clone)]
pub struct DocumentDetail {
    /// The document.
    pub document: DocumentView,
    /// The versions of rule sets that cite it.
    pub rule_sets: Vec<RuleSetView>,
    /// What was resolved about it.
    pub resolutions: Vec<ResolutionView>,
}

/// What a meeting resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolutionView {
    /// Its id.
    pub resolution_id: Uuid,
    /// The meeting's code.
    pub meeting: String,
    /// The meeting's day.
    pub held_on: NaiveDate,
    /// Counts up from 1 in a meeting.
    pub no: i16,
    /// What was resolved.
    pub text_zh: String,
    /// The same in English.
    pub text_en: Option<String>,
    /// What became of it.
    pub outcome: ResolutionOutcome,
    /// The document that it is about or rests on.
    pub document_number: Option<String>,
    /// The version of a rule set that it is about.
    pub rule_set: Option<RuleSetId>,
    /// The code of the member that it is about.
    pub institution: Option<String>,
    /// The code of the committee that it is about.
    pub committee: Option<String>,
    /// For, against and neither, where they were counted.
    pub votes: [Option<i32>; 3],
}

/// Somebody who attended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendeeView {
    /// As what.
    pub part: String,
    /// The person, where known here.
    pub person: Option<PersonId>,
    /// The institution's code.
    pub institution: Option<String>,
}

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingView {
    /// Its id.
    pub meeting_id: Uuid,
    /// How people and packs name it.
    pub code: String,
    /// What kind of meeting it is.
    pub kind: MeetingKind,
    /// What it is called.
    pub title_zh: String,
    /// The same in English.
    pub title_en: Option<String>,
    /// The day.
    pub held_on: NaiveDate,
    /// Where, as the source has it.
    pub place: Option<String>,
    /// The document that called it.
    pub called_by: Option<String>,
    /// The document that has its minutes.
    pub minutes: Option<String>,
    /// The code of the committee that met.
    pub committee: Option<String>,
    /// What it dealt with.
    pub business_zh: Option<String>,
    /// From where that is known.
    pub source: Option<String>,
    /// Who attended.
    pub attendees: Vec<AttendeeView>,
    /// What it resolved.
    pub resolutions: Vec<ResolutionView>,
}

/// A page of documents in the order of their numbers.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn documents(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    (after, limit): (Option<&str>, u32),
) -> Result<Vec<DocumentView>, LedgerError> {
    ledger.read(|conn| document_facts::list(conn, after, limit))
}

/// A document with what rests on it.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn document(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    number: &str,
) -> Result<DocumentDetail, LedgerError> {
    ledger.read_snapshot(|conn| {
        Ok(DocumentDetail {
            document: document_facts::find(conn, number)?.ok_or(LedgerError::NotFound)?,
            rule_sets: rule_set_list::list_citing(conn, number)?,
            resolutions: resolutions::of_document(conn, number)?,
        })
    })
}

/// A page of meetings, the last first; the days of a year only where one is named.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn meetings(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    year: Option<i32>,
    (before, limit): (Option<Uuid>, u32),
) -> Result<Vec<MeetingView>, LedgerError> {
    ledger.read_snapshot(|conn| meetings::list(conn, year, (before, limit)))
}

/// A meeting.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn meeting(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
    id: Uuid,
) -> Result<MeetingView, LedgerError> {
    ledger.read_snapshot(|conn| meetings::find(conn, id)?.ok_or(LedgerError::NotFound))
}
