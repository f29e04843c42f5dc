//! Webhook endpoints and their deliveries, as their keepers and the secretariat see them.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadWebhooks, Subject, View};
use creditbank_domain::ids::{InstitutionId, WebhookDeliveryId, WebhookEndpointId};
use creditbank_domain::webhook::{DeliveryState, EndpointState, PauseReason};
use diesel::PgConnection;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::webhook_deliveries::DeliveryRow;
use crate::tables::webhook_endpoints::EndpointRow;
use crate::tables::webhook_secrets::SecretRow;
use crate::tables::{count, parsed, webhook_deliveries, webhook_endpoints, webhook_secrets};

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpointView {
    /// Its id.
    pub endpoint_id: WebhookEndpointId,
    /// Whose it is.
    pub institution_code: String,
    /// Where deliveries are sent.
    pub url: String,
    /// Which kinds of events are wanted; all where empty.
    pub kinds: Vec<String>,
    /// What becomes of them.
    pub state: EndpointState,
    /// Why it is paused.
    pub paused_because: Option<PauseReason>,
    /// Since when nothing got through.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When each secret that signs was made and from when it does not any more, newest first.
    pub secrets: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDeliveryView {
    /// The webhook-id.
    pub delivery_id: WebhookDeliveryId,
    /// Whereto.
    pub endpoint_id: WebhookEndpointId,
    /// The event; none for a ping.
    pub seq: Option<u64>,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u16,
    /// When it is tried again.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was handed out.
    pub created_at: DateTime<Utc>,
    /// When it was last tried.
    pub last_attempt_at: Option<DateTime<Utc>>,
}

impl TryFrom<DeliveryRow> for WebhookDeliveryView {
    type Error = LedgerError;

    fn try_from(row: DeliveryRow) -> Result<Self, LedgerError> {
        let small = |number: i16| {
            u16::try_from(number).map_err(|_| LedgerError::Corrupt("webhook_deliveries.attempts"))
        };
        let seq = row.seq.map(|seq| count(seq, "webhook_deliveries.seq"));
        Ok(Self {
            delivery_id: WebhookDeliveryId::from_uuid(row.delivery_id),
            endpoint_id: WebhookEndpointId::from_uuid(row.endpoint_id),
            seq: seq.transpose()?,
            state: parsed(&row.state, "webhook_deliveries.state")?,
            attempts: small(row.attempts)?,
            next_attempt_at: row.next_attempt_at,
            last_status: row.last_status.map(small).transpose()?,
            last_error: row.last_error,
            created_at: row.created_at,
            last_attempt_at: row.last_attempt_at,
        })
    }
}

fn view(row: EndpointRow, secrets: &[SecretRow]) -> Result<WebhookEndpointView, LedgerError> {
    let because = row.paused_because.as_deref();
    let because = because.map(|word| parsed(word, "webhook_endpoints.paused_because"));
    Ok(WebhookEndpointView {
        endpoint_id: WebhookEndpointId::from_uuid(row.endpoint_id),
        institution_code: row.institution_code,
        url: row.url,
        kinds: row.kinds,
        state: parsed(&row.state, "webhook_endpoints.state")?,
        paused_because: because.transpose()?,
        failing_since: row.failing_since,
        created_at: row.created_at,
        secrets: secrets
            .iter()
            .filter(|secret| secret.endpoint_id == row.endpoint_id)
            .map(|secret| (secret.created_at, secret.ends_at))
            .collect(),
    })
}

fn only(grant: &Grant<ReadWebhooks>) -> Result<Option<InstitutionId>, LedgerError> {
    match (grant.subject(), grant.view()) {
        (Subject::Bank, View::Whole) => Ok(None),
        (Subject::Institution(institution), _) => Ok(Some(institution)),
        (Subject::Bank | Subject::Learner(_), _) => Err(LedgerError::NotFound),
    }
}

/// One endpoint, inside a transaction that has found it.
pub(crate) fn endpoint_view(
    conn: &mut PgConnection,
    endpoint: WebhookEndpointId,
    now: DateTime<Utc>,
) -> Result<WebhookEndpointView, LedgerError> {
    let row = webhook_endpoints::find(conn, endpoint, None)?.ok_or(LedgerError::NotFound)?;
    let secrets = webhook_secrets::list_live(conn, &[endpoint.as_uuid()], now)?;
    view(row, &secrets)
}

/// An endpoint that the grant shows.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn webhook_endpoint(
    ledger: &Ledger,
    grant: &Grant<ReadWebhooks>,
    endpoint: WebhookEndpointId,
    now: DateTime<Utc>,
) -> Result<WebhookEndpointView, LedgerError> {
    let only = only(grant)?;
    ledger.read(grant, |conn| {
        webhook_endpoints::find(conn, endpoint, only)?.ok_or(LedgerError::NotFound)?;
        endpoint_view(conn, endpoint, now)
    })
}

/// The endpoints that the grant shows behind `after`, oldest first.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn webhook_endpoints(
    ledger: &Ledger,
    grant: &Grant<ReadWebhooks>,
    after: Option<WebhookEndpointId>,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<WebhookEndpointView>, LedgerError> {
    let only = only(grant)?;
    ledger.read(grant, |conn| {
        let rows = webhook_endpoints::list(conn, only, after, limit)?;
        let ids: Vec<_> = rows.iter().map(|row| row.endpoint_id).collect();
        let secrets = webhook_secrets::list_live(conn, &ids, now)?;
        rows.into_iter().map(|row| view(row, &secrets)).collect()
    })
}

/// Deliveries of an endpoint that the grant shows, newest first, before `before`.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such endpoint.
pub fn webhook_deliveries(
    ledger: &Ledger,
    grant: &Grant<ReadWebhooks>,
    endpoint: WebhookEndpointId,
    state: Option<DeliveryState>,
    before: Option<WebhookDeliveryId>,
    limit: u32,
) -> Result<Vec<WebhookDeliveryView>, LedgerError> {
    let only = only(grant)?;
    ledger.read(grant, |conn| {
        webhook_endpoints::find(conn, endpoint, only)?.ok_or(LedgerError::NotFound)?;
        let rows = webhook_deliveries::list(conn, endpoint, state, before, limit)?;
        rows.into_iter().map(TryInto::try_into).collect()
    })
}
