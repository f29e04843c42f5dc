//! Claiming an account, the demo's logins, and who read an account.

use chrono::{DateTime, Utc};
use creditbank_domain::consent::ReadBasis;
use creditbank_domain::person::ClaimCode;
use creditbank_domain::reading::{ReadKind, ReadPurpose};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// Asks for a claim code. It says nothing more.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct ClaimCodeBody {}

/// A claim code, told this once.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "7KQ4-M2XW-9PDJ-3F5H", "expires_at": "2026-02-14T08:00:00Z"}))]
pub(crate) struct ClaimCodeView {
    /// The code, to be handed to the learner.
    #[schema(example = "7KQ4-M2XW-9PDJ-3F5H")]
    pub(crate) code: String,
    /// Until when it can be redeemed.
    pub(crate) expires_at: DateTime<Utc>,
}

/// Redeems a claim code.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "7KQ4-M2XW-9PDJ-3F5H"}))]
pub(crate) struct ClaimBody {
    /// The code as it was handed out; hyphens, spaces and small letters do not matter.
    #[validate(length(max = 64))]
    #[schema(example = "7KQ4-M2XW-9PDJ-3F5H", max_length = 64)]
    pub(crate) code: String,
}

impl ClaimBody {
    /// The code; nothing where it cannot be one, which is counted as a wrong one.
    pub(crate) fn read(&self) -> Option<ClaimCode> {
        ClaimCode::parse(&self.code)
    }
}

/// Whose account it is now.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"learner_no": "7KQ4M2XW9PDJ"}))]
pub(crate) struct ClaimView {
    /// The number of the account.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
}

/// Signs in as one of the demo's people.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"login": "secretariat"}))]
pub(crate) struct DemoLoginBody {
    /// The person's login, for example `secretariat`.
    #[validate(length(min = 1, max = 64))]
    #[schema(example = "secretariat", min_length = 1, max_length = 64)]
    pub(crate) login: String,
}

/// Who read an account, the newest first.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::readings_view()))]
pub(crate) struct ReadingsView {
    /// One entry each time.
    pub(crate) readings: Vec<ReadingView>,
    /// Send it back as `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// That somebody other than the learner read the account.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ReadingView {
    /// Its id.
    pub(crate) reading_id: Uuid,
    /// When.
    pub(crate) read_at: DateTime<Utc>,
    /// What was shown.
    #[schema(example = "balance", extensions(("x-words" = json!(ReadKind::WORDS))))]
    pub(crate) what: String,
    /// For which institution, by its code; absent for the bank itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "34021")]
    pub(crate) institution: Option<String>,
    /// What that institution is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution_name: Option<String>,
    /// By which program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// By which person, by an id that the bank can trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person_id: Option<Uuid>,
    /// Why, where the reader said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "title_review", extensions(("x-words" = json!(ReadPurpose::WORDS))))]
    pub(crate) purpose: Option<String>,
    /// By what right: what the request rests on (`consent`, `contract`, `statutory_duty`,
    /// `other_law`), `own_records` for what the reader recorded or asked for, `bank` for whoever
    /// runs or inspects it; absent for old looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "consent", extensions(("x-words" = json!(ReadBasis::WORDS))))]
    pub(crate) basis: Option<String>,
    /// The consent, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) consent_id: Option<Uuid>,
}

impl From<&reads::ReadingView> for ReadingView {
    fn from(view: &reads::ReadingView) -> Self {
        Self {
            reading_id: view.reading_id,
            read_at: view.read_at,
            what: view.what.as_str().to_owned(),
            institution: view.institution_code.clone(),
            institution_name: view.institution_name.clone(),
            client: view.client_name.clone(),
            person_id: view.person.map(|person| person.as_uuid()),
            purpose: view.purpose.map(|purpose| purpose.as_str().to_owned()),
            basis: view.basis.map(|basis| basis.as_str().to_owned()),
            consent_id: view.consent_id.map(|consent| consent.as_uuid()),
        }
    }
}
