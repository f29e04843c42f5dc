//! The register of those who govern: documents, meetings and what they resolved. What is known later
//! is a further revision of a document, a meeting or a resolution of its own; nothing is edited.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::conversion::Document;
use creditbank_domain::fault::Fault;
use creditbank_domain::governance::{MeetingKind, ResolutionOutcome};
use creditbank_domain::ids::{InstitutionId, PersonId, RuleSetId};
use creditbank_domain::text::InstitutionCode;
use serde_json::json;
use uuid::Uuid;

use super::arrange_reviews::recorded_by;
use super::people::known;
use super::register::{RegisterCounts, add_document, institution_id, registered_otherwise};
use crate::error::LedgerError;
use crate::reads::{AttendeeView, DocumentFacts, DocumentView, MeetingView};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{
    audit_events, committees, document_facts, meetings, resolutions, rule_set_list,
};

/// A document to be registered, with what is known of it.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Number and title.
    pub document: Document,
    /// What is known of it.
    pub facts: DocumentFacts,
}

/// What a meeting resolved.
#[derive(Debug, Clone)]
pub struct NewResolution {
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
    /// The member that it is about.
    pub institution: Option<InstitutionCode>,
    /// The committee that it is about.
    pub committee: Option<String>,
    /// For, against and neither, where they were counted.
    pub votes: [Option<i32>; 3],
}

/// Somebody who attended.
#[derive(Debug, Clone)]
pub struct NewAttendee {
    /// As what.
    pub part: String,
    /// The person, where known here.
    pub person: Option<PersonId>,
    /// For which institution.
    pub institution: Option<InstitutionCode>,
}

/// A meeting to be written down.
#[derive(Debug, Clone)]
pub struct NewMeeting {
    /// How people and packs name it.
    pub code: String,
    /// What kind of meeting it is.
    pub kind: MeetingKind,
    /// What it is called, in Chinese and in English.
    pub title: (String, Option<String>),
    /// The day.
    pub held_on: NaiveDate,
    /// Where.
    pub place: Option<String>,
    /// The document that called it.
    pub called_by: Option<String>,
    /// The document that has its minutes.
    pub minutes: Option<String>,
    /// The committee that met.
    pub committee: Option<String>,
    /// What it dealt with.
    pub business_zh: Option<String>,
    /// From where that is known.
    pub source: Option<String>,
    /// Who attended.
    pub attendees: Vec<NewAttendee>,
    /// What it resolved.
    pub resolutions: Vec<NewResolution>,
}

/// Registers documents, and then meetings with what they resolved; what is there already stays.
///
/// # Errors
/// [`LedgerError::Conflict`] where a number has another title or a meeting says otherwise,
/// [`LedgerError::Refused`] where something is named that is not registered; nothing is added then.
pub fn register_governance(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    (new_documents, new_meetings): (&[NewDocument], &[NewMeeting]),
    now: DateTime<Utc>,
) -> Result<(RegisterCounts, RegisterCounts), LedgerError> {
    ledger.write(|tx| {
        let mut counts = (RegisterCounts::default(), RegisterCounts::default());
        for new in new_documents {
            add_document(tx, &new.document, now)?;
        }
        for new in new_documents {
            counts.0.add(describe(tx, grant, new, now)?);
        }
        for new in new_meetings {
            counts.1.add(hold(tx, grant, new, now)?);
        }
        Ok(counts)
    })
}

/// Registers a document, or says more of one.
///
/// # Errors
/// As [`register_governance`].
pub fn register_document_once(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewDocument,
    request: &Once<'_, DocumentView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        add_document(tx, &new.document, now)?;
        describe(tx, grant, new, now)?;
        let found = document_facts::find(tx.conn(), &new.document.number)?;
        found.ok_or(LedgerError::NotFound)
    })
}

/// Writes a meeting down with what it resolved.
///
/// # Errors
/// As [`register_governance`].
pub fn record_meeting_once(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewMeeting,
    request: &Once<'_, MeetingView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        hold(tx, grant, new, now)?;
        meetings::find_by_code(tx.conn(), &new.code)?.ok_or(LedgerError::NotFound)
    })
}

/// Writes down what a meeting resolved beside what is there.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown meeting; otherwise as [`register_governance`].
pub fn record_resolution_once(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    (meeting, new): (Uuid, &NewResolution),
    request: &Once<'_, MeetingView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, request, now, |tx| {
        let there = meetings::find(tx.conn(), meeting)?.ok_or(LedgerError::NotFound)?;
        resolve(tx, grant, &there, new, now)?;
        meetings::find(tx.conn(), meeting)?.ok_or(LedgerError::NotFound)
    })
}

/// True where it says something new.
fn describe(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    new: &NewDocument,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let number = new.document.number.as_str();
    if let Some(earlier) = &new.facts.supersedes {
        document_known(tx, earlier)?;
        if earlier == number {
            return Err(LedgerError::Refused(supersedes_itself(number)));
        }
    }
    let there = document_facts::find(tx.conn(), number)?.ok_or(LedgerError::NotFound)?;
    if there.facts.as_ref() == Some(&new.facts) {
        return Ok(false);
    }
    let revision = there.revision.checked_add(1);
    let revision = revision.ok_or(LedgerError::Corrupt("document_facts.revision_no"))?;
    let by = (recorded_by(grant), now);
    document_facts::insert(tx, (number, revision), &new.facts, by)?;
    let figures = json!({ "document": number, "revision": revision });
    audit_events::insert(tx, grant, ("document", None), &figures, now)?;
    Ok(true)
}

/// True where the meeting is new.
fn hold(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    new: &NewMeeting,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    for number in [&new.called_by, &new.minutes].into_iter().flatten() {
        document_known(tx, number)?;
    }
    if let Some(code) = &new.committee {
        committee_known(tx, code)?;
    }
    let mut institutions: Vec<Option<InstitutionId>> = Vec::with_capacity(new.attendees.len());
    for attendee in &new.attendees {
        let code = attendee.institution.as_ref();
        institutions.push(code.map(|code| institution_id(tx, code)).transpose()?);
        if let Some(person) = attendee.person {
            known(tx, person)?;
        }
    }
    let wanted = wanted(new);
    let inserted = meetings::insert(tx, &wanted, &institutions, (recorded_by(grant), now))?;
    let there = meetings::find_by_code(tx.conn(), &new.code)?.ok_or(LedgerError::Contended)?;
    let as_wanted = MeetingView {
        meeting_id: there.meeting_id,
        resolutions: there.resolutions.clone(),
        ..wanted
    };
    if there != as_wanted {
        return Err(registered_otherwise("会议/meeting", &new.code));
    }
    if let Some(id) = inserted {
        let figures = json!({ "meeting": new.code });
        audit_events::insert(tx, grant, ("meeting", Some(id)), &figures, now)?;
    }
    for resolution in &new.resolutions {
        resolve(tx, grant, &there, resolution, now)?;
    }
    Ok(inserted.is_some())
}

fn wanted(new: &NewMeeting) -> MeetingView {
    let attendees = new.attendees.iter().map(|attendee| AttendeeView {
        part: attendee.part.clone(),
        person: attendee.person,
        institution: attendee
            .institution
            .as_ref()
            .map(|code| code.as_str().to_owned()),
    });
    MeetingView {
        meeting_id: Uuid::nil(),
        code: new.code.clone(),
        kind: new.kind,
        title_zh: new.title.0.clone(),
        title_en: new.title.1.clone(),
        held_on: new.held_on,
        place: new.place.clone(),
        called_by: new.called_by.clone(),
        minutes: new.minutes.clone(),
        committee: new.committee.clone(),
        business_zh: new.business_zh.clone(),
        source: new.source.clone(),
        attendees: attendees.collect(),
        resolutions: Vec::new(),
    }
}

fn resolve(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    meeting: &MeetingView,
    new: &NewResolution,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if let Some(number) = &new.document_number {
        document_known(tx, number)?;
    }
    if let Some(code) = &new.committee {
        committee_known(tx, code)?;
    }
    if let Some(id) = new.rule_set
        && rule_set_list::find(tx.conn(), id)?.is_none()
    {
        return Err(LedgerError::Refused(rule_set_unknown()));
    }
    let institution = new.institution.as_ref();
    let institution = institution
        .map(|code| institution_id(tx, code))
        .transpose()?;
    let row = resolutions::NewRow {
        meeting: meeting.meeting_id,
        no: new.no,
        text: (&new.text_zh, new.text_en.as_deref()),
        outcome: new.outcome,
        document: new.document_number.as_deref(),
        rule_set: new.rule_set,
        institution,
        committee: new.committee.as_deref(),
        votes: new.votes,
    };
    if resolutions::insert(tx, &row, (recorded_by(grant), now))? {
        let figures = json!({ "meeting": meeting.code, "resolution": new.no });
        let subject = ("resolution", Some(meeting.meeting_id));
        return audit_events::insert(tx, grant, subject, &figures, now);
    }
    let there = meeting.resolutions.iter().find(|it| it.no == new.no);
    let same = there.is_some_and(|there| {
        let institution = new.institution.as_ref().map(InstitutionCode::as_str);
        (&there.text_zh, &there.text_en, there.outcome) == (&new.text_zh, &new.text_en, new.outcome)
            && (
                &there.document_number,
                there.rule_set,
                there.institution.as_deref(),
            ) == (&new.document_number, new.rule_set, institution)
            && (&there.committee, there.votes) == (&new.committee, new.votes)
    });
    if same {
        return Ok(());
    }
    let key = format!("{}/{}", meeting.code, new.no);
    Err(registered_otherwise("决议/resolution", &key))
}

fn document_known(tx: &mut Tx<'_>, number: &str) -> Result<(), LedgerError> {
    match document_facts::find(tx.conn(), number)? {
        Some(_) => Ok(()),
        None => Err(LedgerError::Refused(Fault::new(
            "DOCUMENT_UNKNOWN",
            format!("文件 {number} 未登记,请先登记"),
            format!("document {number} is not registered; register it first"),
        ))),
    }
}

fn committee_known(tx: &mut Tx<'_>, code: &str) -> Result<(), LedgerError> {
    match committees::find(tx.conn(), code)? {
        Some(_) => Ok(()),
        None => Err(LedgerError::Refused(
            super::rule_set_faults::committee_unknown(code),
        )),
    }
}

fn supersedes_itself(number: &str) -> Fault {
    Fault::new(
        "DOCUMENT_SUPERSEDES_ITSELF",
        format!("文件 {number} 不能替代自己"),
        format!("document {number} cannot stand in its own place"),
    )
}

fn rule_set_unknown() -> Fault {
    Fault::new(
        "RULE_SET_UNKNOWN",
        "决议所指的规则集版本未登记,请核对其编号",
        "no rule set has the id that the resolution names; check it",
    )
}
