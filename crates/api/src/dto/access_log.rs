//! Who wrote what, and who was refused.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::Role;
use creditbank_ledger::reads::{AccessEntry, AccessOutcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Writes and refusals, the newest first.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::access_log_view()))]
pub(crate) struct AccessLogView {
    /// One entry each time.
    pub(crate) entries: Vec<AccessEntryView>,
    /// Send it back as `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// That somebody wrote something or was refused.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AccessEntryView {
    /// Its id.
    pub(crate) entry_id: Uuid,
    /// When.
    pub(crate) occurred_at: DateTime<Utc>,
    /// How it ended.
    #[schema(example = "refused", extensions(("x-words" = json!(["done", "refused"]))))]
    pub(crate) outcome: String,
    /// The status answered, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 404)]
    pub(crate) status: Option<i16>,
    /// The code answered, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "NOT_FOUND")]
    pub(crate) code: Option<String>,
    /// The action of the policy; absent where none is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "read_learner")]
    pub(crate) action: Option<String>,
    /// Method and pattern of the address, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "GET /v1/learners/{learner_no}/balance")]
    pub(crate) route: Option<String>,
    /// What it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "learner_no")]
    pub(crate) subject_kind: Option<String>,
    /// Which one, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject_id: Option<Uuid>,
    /// By which program; absent for strangers and the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// By which person, by an id that the bank can trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person_id: Option<Uuid>,
    /// For which institution, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "34021")]
    pub(crate) institution: Option<String>,
    /// As what.
    #[schema(extensions(("x-words" = json!(Role::WORDS))))]
    pub(crate) roles: Vec<String>,
    /// The network that it came from, never a whole address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "203.0.113.0/24")]
    pub(crate) network: Option<String>,
    /// Tells addresses apart without naming one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address_tag: Option<String>,
    /// The request, as its answer and the log name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<String>,
}

impl From<&AccessEntry> for AccessEntryView {
    fn from(entry: &AccessEntry) -> Self {
        let (outcome, status, code) = match &entry.outcome {
            AccessOutcome::Done => ("done", None, None),
            AccessOutcome::Refused { status, code } => {
                ("refused", Some(*status), Some(code.clone()))
            }
        };
        Self {
            entry_id: entry.entry_id,
            occurred_at: entry.occurred_at,
            outcome: outcome.to_owned(),
            status,
            code,
            action: entry.action.clone(),
            route: entry.route.clone(),
            subject_kind: entry.subject_kind.clone(),
            subject_id: entry.subject_id,
            client: entry.client_name.clone(),
            person_id: entry.person.map(|person| person.as_uuid()),
            institution: entry.institution_code.clone(),
            roles: entry.roles.clone(),
            network: entry.network.clone(),
            address_tag: entry.address_tag.clone(),
            trace_id: entry.trace_id.clone(),
        }
    }
}
