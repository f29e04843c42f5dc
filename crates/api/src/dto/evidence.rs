//! Evidence as clients see it, and answers that name some.

use chrono::{DateTime, Utc};
use creditbank_domain::evidence::{EvidenceKind, MediaType};
use creditbank_domain::ids::EvidenceId;
use creditbank_domain::text::bounded;
use creditbank_ledger::flows::ApplicantStep;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::problem::{Place, Placed, PlacedFault};

const TEXT_CHARACTERS_MAX: usize = 500;

/// Answers what was asked.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::answer()))]
pub(crate) struct AnswerBody {
    /// The answer, without personal data.
    #[schema(min_length = 1, max_length = 500)]
    pub(crate) text: String,
    /// What was attached to the request to show it, by the ids of the attachments.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub(crate) evidence: Vec<Uuid>,
}

impl AnswerBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<ApplicantStep, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let text = placed.take("text", bounded("text", &self.text, TEXT_CHARACTERS_MAX));
        let text = text.ok_or_else(|| placed.into_faults())?;
        let ids = self.evidence.iter().copied();
        Ok(ApplicantStep::Answer {
            text,
            evidence: ids.map(EvidenceId::from_uuid).collect(),
        })
    }
}

/// What is attached to a request, in the order in which it came.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::evidence_list_view()))]
pub(crate) struct EvidenceListView {
    /// One entry a file; also those that were taken back.
    pub(crate) evidence: Vec<EvidenceView>,
}

/// A piece of evidence.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::evidence_view()))]
pub(crate) struct EvidenceView {
    /// Its id.
    pub(crate) evidence_id: Uuid,
    /// What it is to show.
    #[schema(extensions(("x-words" = json!(EvidenceKind::WORDS))))]
    pub(crate) kind: String,
    /// What kind of file it is, by its bytes.
    #[schema(extensions(("x-words" = json!(MediaType::WORDS))))]
    pub(crate) media_type: String,
    /// How many bytes it has.
    pub(crate) byte_count: u64,
    /// SHA-256 of these bytes, in hexadecimal.
    pub(crate) sha256: String,
    /// What whoever attached it calls it; absent once its file is destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_name: Option<String>,
    /// For which institution it was attached, by its code; absent for the learner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// When it was attached.
    pub(crate) attached_at: DateTime<Utc>,
    /// When it was taken back; its file is not shown since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) withdrawn_at: Option<DateTime<Utc>>,
    /// Why it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) withdrawn_because: Option<String>,
    /// The answer that names it, by the number of its step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answers_step: Option<u32>,
}

impl From<&reads::EvidenceView> for EvidenceView {
    fn from(view: &reads::EvidenceView) -> Self {
        Self {
            evidence_id: view.evidence_id.as_uuid(),
            kind: view.kind.to_string(),
            media_type: view.media_type.to_string(),
            byte_count: view.byte_count,
            sha256: hex::encode(view.sha256),
            file_name: view.file_name.clone(),
            institution: view.institution_code.clone(),
            attached_at: view.attached_at,
            withdrawn_at: view.withdrawn_at,
            withdrawn_because: view.withdrawn_because.clone(),
            answers_step: view.answers_step,
        }
    }
}
