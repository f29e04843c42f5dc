//! Meetings as members see them, and as the secretariat writes them down.

use chrono::NaiveDate;
use creditbank_domain::calendar::parse_day;
use creditbank_domain::governance::MeetingKind;
use creditbank_domain::ids::PersonId;
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::{NewAttendee, NewMeeting};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::governing::{ResolutionBody, ResolutionView, text};
use crate::extract::cut;
use crate::problem::{Place, Placed, PlacedFault};

/// A meeting with what it resolved. What no source says is left out.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::meeting()))]
pub(crate) struct MeetingBody {
    /// How people name it; unique.
    #[schema(max_length = 80, example = "2021-11-16")]
    pub(crate) code: String,
    /// What kind of meeting it is.
    #[schema(example = "committee", extensions(("x-words" = json!(MeetingKind::WORDS))))]
    pub(crate) kind: String,
    /// What it is called.
    #[schema(max_length = 200)]
    pub(crate) title_zh: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub(crate) title_en: Option<String>,
    /// The day.
    #[schema(format = Date)]
    pub(crate) held_on: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub(crate) place: Option<String>,
    /// The number of the document that called it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 80)]
    pub(crate) called_by: Option<String>,
    /// The number of the document that has its minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 80)]
    pub(crate) minutes: Option<String>,
    /// The code of the committee that met.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 80)]
    pub(crate) committee: Option<String>,
    /// What it dealt with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub(crate) business_zh: Option<String>,
    /// From where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub(crate) source: Option<String>,
    /// Who attended, by part; no names.
    #[serde(default)]
    #[validate(nested, length(max = 500))]
    #[schema(max_items = 500)]
    pub(crate) attendees: Vec<AttendeeBody>,
    /// What it resolved.
    #[serde(default)]
    #[validate(nested, length(max = 100))]
    #[schema(max_items = 100)]
    pub(crate) resolutions: Vec<ResolutionBody>,
}

/// Somebody who attended.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttendeeBody {
    /// As what.
    #[schema(max_length = 80, example = "chair")]
    pub(crate) part: String,
    /// The person, where known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person_id: Option<Uuid>,
    /// The code of the institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
}

impl AttendeeBody {
    fn read(&self, at: &Place) -> Result<NewAttendee, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let part = placed.take("part", bounded("part", &self.part, 80));
        let institution = self.institution.as_deref().map(InstitutionCode::new);
        let institution = placed.take("institution", institution.transpose());
        match (part, institution) {
            (Some(part), Some(institution)) => Ok(NewAttendee {
                part,
                person: self.person_id.map(PersonId::from_uuid),
                institution,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

impl MeetingBody {
    pub(crate) fn read(&self) -> Result<NewMeeting, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let code = placed.take("code", bounded("code", &self.code, 80));
        let kind = placed.take("kind", self.kind.parse::<MeetingKind>());
        let title_zh = placed.take("title_zh", bounded("title_zh", &self.title_zh, 200));
        let held_on = placed.take("held_on", parse_day(&self.held_on));
        let mut some = |name: &'static str, value: Option<&String>, most| {
            placed.take(name, text(name, value, most)).flatten()
        };
        let title_en = some("title_en", self.title_en.as_ref(), 300);
        let place = some("place", self.place.as_ref(), 200);
        let called_by = some("called_by", self.called_by.as_ref(), 80);
        let minutes = some("minutes", self.minutes.as_ref(), 80);
        let committee = some("committee", self.committee.as_ref(), 80);
        let business_zh = some("business_zh", self.business_zh.as_ref(), 2000);
        let source = some("source", self.source.as_ref(), 500);
        let mut attendees = Vec::with_capacity(self.attendees.len());
        let at = root.child("attendees");
        for (index, attendee) in self.attendees.iter().enumerate() {
            attendees.extend(placed.take_all(attendee.read(&at.child(index))));
        }
        let mut resolutions = Vec::with_capacity(self.resolutions.len());
        let at = root.child("resolutions");
        for (index, resolution) in self.resolutions.iter().enumerate() {
            resolutions.extend(placed.take_all(resolution.read(&at.child(index))));
        }
        match (code, kind, title_zh, held_on) {
            (Some(code), Some(kind), Some(title_zh), Some(held_on)) if placed.is_empty() => {
                Ok(NewMeeting {
                    code,
                    kind,
                    title: (title_zh, title_en),
                    held_on,
                    place,
                    called_by,
                    minutes,
                    committee,
                    business_zh,
                    source,
                    attendees,
                    resolutions,
                })
            }
            _ => Err(placed.into_faults()),
        }
    }
}

/// Somebody who attended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AttendeeView {
    /// As what.
    pub(crate) part: String,
    /// The person, where known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person_id: Option<Uuid>,
    /// The code of the institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
}

/// A meeting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::meeting_view()))]
pub(crate) struct MeetingView {
    /// Its id.
    pub(crate) meeting_id: Uuid,
    /// How people name it.
    pub(crate) code: String,
    /// What kind of meeting it is.
    #[schema(extensions(("x-words" = json!(MeetingKind::WORDS))))]
    pub(crate) kind: String,
    /// What it is called.
    pub(crate) title_zh: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title_en: Option<String>,
    /// The day.
    pub(crate) held_on: NaiveDate,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// The document that called it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) called_by: Option<String>,
    /// The document that has its minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minutes: Option<String>,
    /// The code of the committee that met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) committee: Option<String>,
    /// What it dealt with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) business_zh: Option<String>,
    /// From where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// Who attended.
    pub(crate) attendees: Vec<AttendeeView>,
    /// What it resolved.
    pub(crate) resolutions: Vec<ResolutionView>,
}

impl From<&reads::MeetingView> for MeetingView {
    fn from(row: &reads::MeetingView) -> Self {
        let attendees = row.attendees.iter().map(|attendee| AttendeeView {
            part: attendee.part.clone(),
            person_id: attendee.person.map(PersonId::as_uuid),
            institution: attendee.institution.clone(),
        });
        Self {
            meeting_id: row.meeting_id,
            code: row.code.clone(),
            kind: row.kind.to_string(),
            title_zh: row.title_zh.clone(),
            title_en: row.title_en.clone(),
            held_on: row.held_on,
            place: row.place.clone(),
            called_by: row.called_by.clone(),
            minutes: row.minutes.clone(),
            committee: row.committee.clone(),
            business_zh: row.business_zh.clone(),
            source: row.source.clone(),
            attendees: attendees.collect(),
            resolutions: row.resolutions.iter().map(ResolutionView::from).collect(),
        }
    }
}

/// A page of meetings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::meetings_view()))]
pub(crate) struct MeetingsView {
    /// The last day first.
    pub(crate) meetings: Vec<MeetingView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl MeetingsView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[reads::MeetingView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.meeting_id);
        Self {
            meetings: page.iter().map(MeetingView::from).collect(),
            next_cursor,
        }
    }
}
