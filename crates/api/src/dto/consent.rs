//! Consents, and by what right a request is shown, as clients send and see them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::consent::{GivenHow, LegalBasis, StatedBasis};
use creditbank_domain::fault::Fault;
use creditbank_domain::reading::ReadPurpose;
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_domain::words::UnknownWord;
use creditbank_ledger::flows::ConsentOrder;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::problem::{Place, Placed, PlacedFault};

/// What a learner agrees to: by the learner who is signed in, or by an institution that keeps the
/// paper.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::consent()))]
pub(crate) struct ConsentBody {
    /// The code of the institution that may see the outcomes.
    #[schema(min_length = 1, max_length = 40, example = "10357")]
    pub(crate) institution: String,
    /// For what: `conversion` opens requests to that institution; the others are kept and open
    /// nothing yet.
    #[schema(
        max_length = 40, example = "conversion",
        extensions(("x-words" = json!(ReadPurpose::WORDS))),
    )]
    pub(crate) purpose: String,
    /// From which day; today where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_from: Option<NaiveDate>,
    /// The last day; none until it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<NaiveDate>,
    /// Under which number the paper is kept; for an institution that records one, which must say
    /// it. No personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 80)]
    pub(crate) document_number: Option<String>,
}

impl ConsentBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<ConsentOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let institution = placed.take("institution", InstitutionCode::new(&self.institution));
        let purpose = self.purpose.parse::<ReadPurpose>();
        let purpose = placed.take(
            "purpose",
            purpose.map_err(|it| unknown("PURPOSE_UNKNOWN", &it)),
        );
        let document = self
            .document_number
            .as_deref()
            .and_then(|text| placed.take("document_number", bounded("document_number", text, 80)));
        match (institution, purpose) {
            (Some(institution), Some(purpose)) if placed.is_empty() => Ok(ConsentOrder {
                institution,
                purpose,
                from: self.valid_from,
                until: self.valid_until,
                document,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

fn unknown(code: &'static str, word: &UnknownWord) -> Fault {
    let allowed = &word.allowed;
    Fault::new(
        code,
        format!("应为以下之一:{allowed}"),
        format!("it is one of {allowed}"),
    )
}

/// Withdraws a consent. It says nothing more.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct ConsentWithdrawalBody {}

/// Consents, the newest first.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::consents_view()))]
pub(crate) struct ConsentsView {
    /// One entry a consent, also those that have ended.
    pub(crate) consents: Vec<ConsentView>,
}

/// What a learner agreed to.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::consent_view()))]
pub(crate) struct ConsentView {
    /// Its id.
    pub(crate) consent_id: Uuid,
    /// Who may see, by its code.
    pub(crate) institution: String,
    /// What that institution is called.
    pub(crate) institution_name: String,
    /// For what.
    #[schema(extensions(("x-words" = json!(ReadPurpose::WORDS))))]
    pub(crate) purpose: String,
    /// `signed_in` by the learner, or on `paper`.
    #[schema(extensions(("x-words" = json!(GivenHow::WORDS))))]
    pub(crate) given_how: String,
    /// Under which number the paper is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document_number: Option<String>,
    /// Who keeps it, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recorded_for: Option<String>,
    /// When it was written down.
    pub(crate) recorded_at: DateTime<Utc>,
    /// From which day it counts.
    pub(crate) valid_from: NaiveDate,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<NaiveDate>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) withdrawn_at: Option<DateTime<Utc>>,
    /// Whether it counts today.
    pub(crate) stands: bool,
}

impl From<&reads::ConsentView> for ConsentView {
    fn from(view: &reads::ConsentView) -> Self {
        Self {
            consent_id: view.consent_id.as_uuid(),
            institution: view.institution_code.clone(),
            institution_name: view.institution_name.clone(),
            purpose: view.purpose.to_string(),
            given_how: view.given_how.to_string(),
            document_number: view.document_number.clone(),
            recorded_for: view.recorded_for.clone(),
            recorded_at: view.recorded_at,
            valid_from: view.valid_from,
            valid_until: view.valid_until,
            withdrawn_at: view.withdrawn_at,
            stands: view.stands,
        }
    }
}

/// By what right the receiving institution is to see the outcomes.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasisBody {
    /// `consent`: each learner has a consent about the receiving institution, for `conversion`;
    /// `contract`: the learner applied for it; `statutory_duty`, `other_law`: with their document.
    #[schema(
        max_length = 40, example = "consent",
        extensions(("x-words" = json!(LegalBasis::WORDS))),
    )]
    pub(crate) kind: String,
    /// The number of the document. No personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 80)]
    pub(crate) document_number: Option<String>,
}

impl BasisBody {
    /// What it means.
    pub(crate) fn read(&self) -> Result<StatedBasis, Fault> {
        let basis = self.kind.parse::<LegalBasis>();
        let basis = basis.map_err(|it| unknown("BASIS_UNKNOWN", &it))?;
        StatedBasis::new(basis, self.document_number.as_deref())
    }
}

impl From<&StatedBasis> for BasisBody {
    fn from(stated: &StatedBasis) -> Self {
        Self {
            kind: stated.basis().to_string(),
            document_number: stated.document().map(str::to_owned),
        }
    }
}

/// By what right the receiving institution sees what a request is about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BasisView {
    /// What it rests on.
    #[schema(example = "contract", extensions(("x-words" = json!(LegalBasis::WORDS))))]
    pub(crate) kind: String,
    /// The article that it is.
    pub(crate) article: String,
    /// The consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) consent_id: Option<Uuid>,
    /// What whoever asked refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document_number: Option<String>,
    /// Whether whoever asked said so; `false` where the bank took it so.
    pub(crate) stated: bool,
}

impl From<&reads::BasisView> for BasisView {
    fn from(view: &reads::BasisView) -> Self {
        Self {
            kind: view.basis.to_string(),
            article: view.basis.article().to_owned(),
            consent_id: view
                .consent_id
                .map(creditbank_domain::ids::ConsentId::as_uuid),
            document_number: view.document_number.clone(),
            stated: view.stated,
        }
    }
}
