//! Documents, meetings and resolutions as members see them, and as the secretariat writes them down.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::calendar::parse_day;
use creditbank_domain::conversion::Document;
use creditbank_domain::fault::Fault;
use creditbank_domain::governance::{DocumentKind, ResolutionOutcome};
use creditbank_domain::ids::RuleSetId;
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::{NewDocument, NewResolution};
use creditbank_ledger::reads::{self, DocumentFacts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::rule_set::RuleSetRowView;
use crate::problem::{Place, Placed, PlacedFault};

/// A text of at most so many characters, where there is one.
pub(super) fn text(
    field: &'static str,
    text: Option<&String>,
    most: usize,
) -> Result<Option<String>, Fault> {
    text.map(|text| bounded(field, text, most).map_err(Fault::from))
        .transpose()
}

/// A day, where there is one.
pub(super) fn day(text: Option<&String>) -> Result<Option<NaiveDate>, Fault> {
    text.map(|text| parse_day(text).map_err(Fault::from))
        .transpose()
}

/// A document with what is known of it. What no source says is left out.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::document()))]
pub(crate) struct DocumentBody {
    /// As cited.
    #[schema(max_length = 80, example = "继教合作联盟〔2021〕12号")]
    pub(crate) number: String,
    /// Its title.
    #[schema(max_length = 200)]
    pub(crate) title: String,
    /// Its title in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub(crate) title_en: Option<String>,
    /// What it is.
    #[schema(example = "notice", extensions(("x-words" = json!(DocumentKind::WORDS))))]
    pub(crate) kind: String,
    /// Whoever issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub(crate) issued_by: Option<String>,
    /// The day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub(crate) issued_on: Option<String>,
    /// First day in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub(crate) in_force_from: Option<String>,
    /// Last day in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub(crate) in_force_until: Option<String>,
    /// The number of the document in whose place it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 80)]
    pub(crate) supersedes: Option<String>,
    /// SHA-256 of its text, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub(crate) text_sha256: Option<String>,
    /// From where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub(crate) source: Option<String>,
}

impl DocumentBody {
    pub(crate) fn read(&self) -> Result<NewDocument, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let number = placed.take("number", bounded("number", &self.number, 80));
        let title = placed.take("title", bounded("title", &self.title, 200));
        let kind = placed.take("kind", self.kind.parse::<DocumentKind>());
        let mut some = |name: &'static str, value: Option<&String>, most| {
            placed.take(name, text(name, value, most)).flatten()
        };
        let title_en = some("title_en", self.title_en.as_ref(), 300);
        let issued_by = some("issued_by", self.issued_by.as_ref(), 200);
        let supersedes = some("supersedes", self.supersedes.as_ref(), 80);
        let source = some("source", self.source.as_ref(), 500);
        let mut on =
            |name: &'static str, value: Option<&String>| placed.take(name, day(value)).flatten();
        let issued_on = on("issued_on", self.issued_on.as_ref());
        let in_force_from = on("in_force_from", self.in_force_from.as_ref());
        let in_force_until = on("in_force_until", self.in_force_until.as_ref());
        if in_force_from
            .zip(in_force_until)
            .is_some_and(|(from, until)| until < from)
        {
            placed.refuse("in_force_until", ends_first());
        }
        let text_sha256 = self.text_sha256.as_ref().map(|text| sha256(text));
        let text_sha256 = placed
            .take("text_sha256", text_sha256.transpose())
            .flatten();
        match (number, title, kind) {
            (Some(number), Some(title), Some(kind)) if placed.is_empty() => Ok(NewDocument {
                document: Document { number, title },
                facts: DocumentFacts {
                    title_en,
                    kind,
                    issued_by,
                    issued_on,
                    in_force_from,
                    in_force_until,
                    supersedes,
                    text_sha256,
                    source,
                },
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

fn ends_first() -> Fault {
    Fault::new(
        "ENDS_BEFORE_IT_BEGINS",
        "结束日期早于开始日期",
        "it ends before it begins",
    )
}

fn sha256(text: &str) -> Result<[u8; 32], Fault> {
    let malformed = || {
        Fault::new(
            "SHA256_MALFORMED",
            "SHA-256 应为 64 个十六进制数字",
            "a SHA-256 is 64 hexadecimal digits",
        )
    };
    let mut bytes = [0_u8; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| malformed())?;
    Ok(bytes)
}

/// A document of the register.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::document_view()))]
pub(crate) struct DocumentView {
    /// As cited.
    pub(crate) number: String,
    /// Its title.
    pub(crate) title: String,
    /// Its title in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title_en: Option<String>,
    /// What it is; absent where nothing but number and title was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(extensions(("x-words" = json!(DocumentKind::WORDS))))]
    pub(crate) kind: Option<String>,
    /// Whoever issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issued_by: Option<String>,
    /// The day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issued_on: Option<NaiveDate>,
    /// First day in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_force_from: Option<NaiveDate>,
    /// Last day in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_force_until: Option<NaiveDate>,
    /// The document in whose place it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) supersedes: Option<String>,
    /// The document that stands in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) superseded_by: Option<String>,
    /// SHA-256 of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text_sha256: Option<String>,
    /// From where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// How often something was said of it: the last counts.
    pub(crate) revision: i16,
    /// When the last was written down.
    pub(crate) recorded_at: DateTime<Utc>,
}

impl From<&reads::DocumentView> for DocumentView {
    fn from(row: &reads::DocumentView) -> Self {
        let facts = row.facts.as_ref();
        Self {
            number: row.number.clone(),
            title: row.title.clone(),
            title_en: facts.and_then(|it| it.title_en.clone()),
            kind: facts.map(|it| it.kind.to_string()),
            issued_by: facts.and_then(|it| it.issued_by.clone()),
            issued_on: facts.and_then(|it| it.issued_on),
            in_force_from: facts.and_then(|it| it.in_force_from),
            in_force_until: facts.and_then(|it| it.in_force_until),
            supersedes: facts.and_then(|it| it.supersedes.clone()),
            superseded_by: row.superseded_by.clone(),
            text_sha256: facts.and_then(|it| it.text_sha256).map(hex::encode),
            source: facts.and_then(|it| it.source.clone()),
            revision: row.revision,
            recorded_at: row.recorded_at,
        }
    }
}

/// A page of documents.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::documents_view()))]
pub(crate) struct DocumentsView {
    /// In the order of their numbers.
    pub(crate) documents: Vec<DocumentView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// A document with what rests on it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::document_detail_view()))]
pub(crate) struct DocumentDetailView {
    /// The document.
    pub(crate) document: DocumentView,
    /// The versions of rule sets that cite it.
    pub(crate) rule_sets: Vec<RuleSetRowView>,
    /// What was resolved about it.
    pub(crate) resolutions: Vec<ResolutionView>,
}

impl From<&reads::DocumentDetail> for DocumentDetailView {
    fn from(detail: &reads::DocumentDetail) -> Self {
        let resolutions = detail.resolutions.iter();
        Self {
            document: DocumentView::from(&detail.document),
            rule_sets: detail.rule_sets.iter().map(RuleSetRowView::from).collect(),
            resolutions: resolutions.map(ResolutionView::from).collect(),
        }
    }
}

/// What a meeting resolved.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::resolution()))]
pub(crate) struct ResolutionBody {
    /// Counts up from 1 in a meeting.
    #[validate(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    pub(crate) no: i16,
    /// What was resolved.
    #[schema(max_length = 1000)]
    pub(crate) text_zh: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub(crate) text_en: Option<String>,
    /// What became of it.
    #[schema(example = "adopted", extensions(("x-words" = json!(ResolutionOutcome::WORDS))))]
    pub(crate) outcome: String,
    /// The number of the document that it is about or rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 80)]
    pub(crate) document_number: Option<String>,
    /// The version of a rule set that it approves or refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_set_id: Option<Uuid>,
    /// The code of the member that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// The code of the committee that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 80)]
    pub(crate) committee: Option<String>,
    /// How many for it, where they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub(crate) votes_for: Option<i32>,
    /// How many against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub(crate) votes_against: Option<i32>,
    /// How many for neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub(crate) votes_abstained: Option<i32>,
}

impl ResolutionBody {
    pub(crate) fn read(&self, at: &Place) -> Result<NewResolution, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let text_zh = placed.take("text_zh", bounded("text_zh", &self.text_zh, 1000));
        let outcome = placed.take("outcome", self.outcome.parse::<ResolutionOutcome>());
        let mut some = |name: &'static str, value: Option<&String>, most| {
            placed.take(name, text(name, value, most)).flatten()
        };
        let text_en = some("text_en", self.text_en.as_ref(), 1000);
        let document_number = some("document_number", self.document_number.as_ref(), 80);
        let committee = some("committee", self.committee.as_ref(), 80);
        let institution = self.institution.as_deref().map(InstitutionCode::new);
        let institution = placed
            .take("institution", institution.transpose())
            .flatten();
        match (text_zh, outcome) {
            (Some(text_zh), Some(outcome)) if placed.is_empty() => Ok(NewResolution {
                no: self.no,
                text_zh,
                text_en,
                outcome,
                document_number,
                rule_set: self.rule_set_id.map(RuleSetId::from_uuid),
                institution,
                committee,
                votes: [self.votes_for, self.votes_against, self.votes_abstained],
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// What a meeting resolved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ResolutionView {
    /// The meeting, as people name it.
    pub(crate) meeting: String,
    /// Its day.
    pub(crate) held_on: NaiveDate,
    /// Counts up from 1 in a meeting.
    pub(crate) no: i16,
    /// What was resolved.
    pub(crate) text_zh: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text_en: Option<String>,
    /// What became of it.
    #[schema(extensions(("x-words" = json!(ResolutionOutcome::WORDS))))]
    pub(crate) outcome: String,
    /// The document that it is about or rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document_number: Option<String>,
    /// The version of a rule set that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_set_id: Option<Uuid>,
    /// The code of the member that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// The code of the committee that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) committee: Option<String>,
    /// How many for it, where they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) votes_for: Option<i32>,
    /// How many against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) votes_against: Option<i32>,
    /// How many for neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) votes_abstained: Option<i32>,
}

impl From<&reads::ResolutionView> for ResolutionView {
    fn from(row: &reads::ResolutionView) -> Self {
        let [votes_for, votes_against, votes_abstained] = row.votes;
        Self {
            meeting: row.meeting.clone(),
            held_on: row.held_on,
            no: row.no,
            text_zh: row.text_zh.clone(),
            text_en: row.text_en.clone(),
            outcome: row.outcome.to_string(),
            document_number: row.document_number.clone(),
            rule_set_id: row.rule_set.map(RuleSetId::as_uuid),
            institution: row.institution.clone(),
            committee: row.committee.clone(),
            votes_for,
            votes_against,
            votes_abstained,
        }
    }
}
