//! Webhook endpoints and their deliveries, as clients send and see them.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::fault::Fault;
use creditbank_domain::webhook::{DeliveryState, EndpointState, Network, PauseReason, WebhookUrl};
use creditbank_ledger::flows::EndpointOrder;
use creditbank_ledger::reads::{WebhookDeliveryView, WebhookEndpointView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::extract::cut;
use crate::problem::{Place, Placed, PlacedFault};

/// For how long the old secret signs beside the new one, where nothing is said.
const OVERLAP_HOURS: u16 = 24;

/// Where an institution wants to be told of its events.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::webhook_endpoint()))]
pub(crate) struct EndpointBody {
    /// A public https address, on port 443 or 8443.
    #[schema(max_length = 2000)]
    pub(crate) url: String,
    /// Which kinds of events are wanted, as `GET /v1/events` names them; all where absent.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub(crate) kinds: Vec<String>,
}

impl EndpointBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self, network: Network) -> Result<EndpointOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let url = placed.take("url", WebhookUrl::parse(&self.url, network));
        let wrong = self.kinds.iter().any(|kind| !is_kind(kind));
        let kinds = placed.take("kinds", if wrong { Err(malformed_kind()) } else { Ok(()) });
        match (url, kinds) {
            (Some(url), Some(())) => Ok(EndpointOrder {
                url,
                kinds: self.kinds.clone(),
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// Lower-case words with `.` or `_` between them, as the feed has them.
fn is_kind(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    text.len() <= 64 && text.split(['.', '_']).all(word)
}

fn malformed_kind() -> Fault {
    Fault::new(
        "WEBHOOK_KIND_MALFORMED",
        "kinds 中应为变更流的事件类型,例如 lot.issued",
        "kinds are those of the feed's events, for example lot.issued",
    )
}

/// Asks for a new secret.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub(crate) struct RotationBody {
    /// For how many hours the old secret signs beside the new one: 24 where absent, 0 for one that
    /// became known to others.
    #[validate(range(max = 168))]
    #[schema(maximum = 168, default = 24)]
    pub(crate) overlap_hours: Option<u16>,
}

impl RotationBody {
    pub(crate) fn overlap(&self) -> TimeDelta {
        TimeDelta::hours(self.overlap_hours.unwrap_or(OVERLAP_HOURS).into())
    }
}

/// Says nothing more than the address does.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct StepBody {}

/// An endpoint as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::webhook_endpoint_view()))]
pub(crate) struct EndpointView {
    /// Its id.
    pub(crate) endpoint_id: Uuid,
    /// Whose it is.
    #[schema(example = "10358")]
    pub(crate) institution_code: String,
    /// Where deliveries are sent.
    pub(crate) url: String,
    /// Which kinds of events are wanted; all where empty.
    pub(crate) kinds: Vec<String>,
    /// Where it stands.
    #[schema(example = "active", extensions(("x-words" = json!(EndpointState::WORDS))))]
    pub(crate) state: String,
    /// `asked`, `failing` (nothing got through for three days) or `gone` (it answered 410).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(extensions(("x-words" = json!(PauseReason::WORDS))))]
    pub(crate) paused_because: Option<String>,
    /// Since when nothing got through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failing_since: Option<DateTime<Utc>>,
    /// When it was registered.
    pub(crate) created_at: DateTime<Utc>,
    /// The secrets that sign, newest first, without themselves.
    pub(crate) secrets: Vec<SecretView>,
    /// The new secret. Only in the first answer to the request that made it: keep it. A replay does
    /// not have it; who lost it asks for another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

/// A secret without itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SecretView {
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// From when it signs no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ends_at: Option<DateTime<Utc>>,
}

impl From<&WebhookEndpointView> for EndpointView {
    fn from(row: &WebhookEndpointView) -> Self {
        let secrets = row.secrets.iter();
        Self {
            endpoint_id: row.endpoint_id.as_uuid(),
            institution_code: row.institution_code.clone(),
            url: row.url.clone(),
            kinds: row.kinds.clone(),
            state: row.state.to_string(),
            paused_because: row.paused_because.map(|because| because.to_string()),
            failing_since: row.failing_since,
            created_at: row.created_at,
            secrets: secrets
                .map(|&(created_at, ends_at)| SecretView {
                    created_at,
                    ends_at,
                })
                .collect(),
            secret: None,
        }
    }
}

/// A page of endpoints.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::webhook_endpoints_view()))]
pub(crate) struct EndpointsView {
    /// The endpoints, oldest first.
    pub(crate) endpoints: Vec<EndpointView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl EndpointsView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[WebhookEndpointView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.endpoint_id.as_uuid());
        Self {
            endpoints: page.iter().map(EndpointView::from).collect(),
            next_cursor,
        }
    }
}

/// A delivery: one event for one endpoint.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::webhook_delivery_view()))]
pub(crate) struct DeliveryView {
    /// Its id: the `webhook-id`, the same at every attempt.
    pub(crate) delivery_id: Uuid,
    /// Whereto.
    pub(crate) endpoint_id: Uuid,
    /// The event's number in the feed; absent for a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seq: Option<u64>,
    /// `pending`, `failed` (it will be tried again), `delivered` or `given_up`.
    #[schema(example = "delivered", extensions(("x-words" = json!(DeliveryState::WORDS))))]
    pub(crate) state: String,
    /// How often it was tried.
    pub(crate) attempts: u16,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    /// The HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_status: Option<u16>,
    /// Why the last attempt failed: `STATUS`, `REDIRECTED`, `TIMEOUT`, `HOST_NOT_FOUND`,
    /// `ADDRESS_PRIVATE`, `ADDRESS_REFUSED`, `CONNECTION_FAILED`, `TLS`, `ANSWER_TOO_LARGE`,
    /// `PROTOCOL`, `ENDPOINT_ENDED` or `UNREADABLE` (on our side).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_error: Option<String>,
    /// When it was handed out.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_attempt_at: Option<DateTime<Utc>>,
}

impl From<&WebhookDeliveryView> for DeliveryView {
    fn from(row: &WebhookDeliveryView) -> Self {
        Self {
            delivery_id: row.delivery_id.as_uuid(),
            endpoint_id: row.endpoint_id.as_uuid(),
            seq: row.seq,
            state: row.state.to_string(),
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            last_status: row.last_status,
            last_error: row.last_error.clone(),
            created_at: row.created_at,
            last_attempt_at: row.last_attempt_at,
        }
    }
}

/// A page of deliveries.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::webhook_deliveries_view()))]
pub(crate) struct DeliveriesView {
    /// The deliveries, newest first.
    pub(crate) deliveries: Vec<DeliveryView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl DeliveriesView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[WebhookDeliveryView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.delivery_id.as_uuid());
        Self {
            deliveries: page.iter().map(DeliveryView::from).collect(),
            next_cursor,
        }
    }
}
