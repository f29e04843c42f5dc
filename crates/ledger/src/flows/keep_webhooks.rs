//! What an institution does with its webhooks: register an endpoint, change its secret, pause,
//! resume and end it, try it, and have a delivery sent again.
//!
//! A secret is told with the first answer only: what is kept under the idempotency key is without
//! it, so a replay cannot tell it either.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepWebhooks};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use creditbank_domain::webhook::{EndpointState, PauseReason, WebhookUrl};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::open_import::refuse_unless_active;
use crate::new_id::new_id;
use crate::reads::{WebhookDeliveryView, WebhookEndpointView, endpoint_view};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::webhook_endpoints::EndpointRow;
use crate::tables::webhook_secrets::WebhookSecret;
use crate::tables::{
    audit_events, institutions, parsed, sequencer, webhook_deliveries, webhook_endpoints,
    webhook_secrets,
};

/// How many endpoints an institution may have.
const ENDPOINTS_MAX: i64 = 10;

/// How many secrets may sign at once: each is a signature more in a header.
const SECRETS_MAX: usize = 4;

/// Where an institution wants to be told, and of what.
#[derive(Debug, Clone)]
pub struct EndpointOrder {
    /// Where deliveries are sent.
    pub url: WebhookUrl,
    /// Which kinds of events are wanted; all where empty.
    pub kinds: Vec<String>,
}

/// What is done with an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointStep {
    /// Send nothing for now.
    Pause,
    /// Go on, with what waited first.
    Resume,
    /// Never send anything again.
    End,
}

type WithSecret = (Answered, Option<WebhookSecret>);

/// Registers an endpoint, which is told of what happens from now on. Gives its secret with it,
/// unless the answer is a replay.
///
/// # Errors
/// [`LedgerError::Refused`] for an institution that is not in good standing,
/// [`LedgerError::Conflict`] where it has too many.
pub fn open_webhook_once(
    ledger: &Ledger,
    grant: &Grant<KeepWebhooks>,
    order: &EndpointOrder,
    request: &Once<'_, WebhookEndpointView>,
    now: DateTime<Utc>,
) -> Result<WithSecret, LedgerError> {
    let secret = WebhookSecret::generate();
    let answered = once(ledger, grant, request, now, |tx| {
        let institution = grant.institution()?;
        let row = institutions::find(tx.conn(), institution)?.ok_or(LedgerError::NotFound)?;
        refuse_unless_active(&row.try_into()?)?;
        if webhook_endpoints::count_kept(tx.conn(), institution)? >= ENDPOINTS_MAX {
            return Err(LedgerError::Conflict(too_many_endpoints()));
        }
        let endpoint = WebhookEndpointId::from_uuid(new_id());
        let told = sequencer::last_seq(tx.conn())?;
        let wanted = (order.url.as_str(), order.kinds.as_slice());
        webhook_endpoints::insert(tx, (endpoint, institution), wanted, told, now)?;
        webhook_secrets::insert(tx, endpoint, &secret, now)?;
        note(tx, grant, endpoint, "opened", now)?;
        endpoint_view(tx.conn(), endpoint, now)
    })?;
    Ok(told_once(answered, secret))
}

/// Gives an endpoint a new secret, which signs from now on; the others sign with it until the
/// `overlap` has passed.
///
/// # Errors
/// [`LedgerError::NotFound`] where it is none of the institution's, [`LedgerError::Conflict`] where
/// it has ended or has too many secrets.
pub fn rotate_webhook_secret_once(
    ledger: &Ledger,
    grant: &Grant<KeepWebhooks>,
    endpoint: WebhookEndpointId,
    overlap: TimeDelta,
    request: &Once<'_, WebhookEndpointView>,
    now: DateTime<Utc>,
) -> Result<WithSecret, LedgerError> {
    let secret = WebhookSecret::generate();
    let answered = once(ledger, grant, request, now, |tx| {
        lock_kept(tx, grant, endpoint)?;
        webhook_secrets::end_all(tx, endpoint, now + overlap)?;
        let live = webhook_secrets::list_live(tx.conn(), &[endpoint.as_uuid()], now)?;
        if live.len() >= SECRETS_MAX {
            return Err(LedgerError::Conflict(too_many_secrets()));
        }
        webhook_secrets::insert(tx, endpoint, &secret, now)?;
        note(tx, grant, endpoint, "secret_rotated", now)?;
        endpoint_view(tx.conn(), endpoint, now)
    })?;
    Ok(told_once(answered, secret))
}

fn told_once(answered: Answered, secret: WebhookSecret) -> WithSecret {
    let fresh = !answered.replayed && answered.answer.status < 400;
    (answered, fresh.then_some(secret))
}

/// Pauses, resumes or ends an endpoint; again it changes nothing.
///
/// # Errors
/// [`LedgerError::NotFound`] where it is none of the institution's, [`LedgerError::Conflict`] where
/// it has ended.
pub fn step_webhook_once(
    ledger: &Ledger,
    grant: &Grant<KeepWebhooks>,
    endpoint: WebhookEndpointId,
    step: EndpointStep,
    request: &Once<'_, WebhookEndpointView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let row = lock_own(tx, grant, endpoint)?;
        let state: EndpointState = parsed(&row.state, "webhook_endpoints.state")?;
        match (step, state) {
            (EndpointStep::End, EndpointState::Ended)
            | (EndpointStep::Pause, EndpointState::Paused)
            | (EndpointStep::Resume, EndpointState::Active) => {}
            (EndpointStep::Pause | EndpointStep::Resume, EndpointState::Ended) => {
                return Err(LedgerError::Conflict(ended()));
            }
            (EndpointStep::Pause, EndpointState::Active) => {
                let paused = (EndpointState::Paused, Some(PauseReason::Asked));
                webhook_endpoints::set_state(tx, endpoint, paused, now)?;
                note(tx, grant, endpoint, "paused", now)?;
            }
            (EndpointStep::Resume, EndpointState::Paused) => {
                webhook_endpoints::set_state(tx, endpoint, (EndpointState::Active, None), now)?;
                webhook_deliveries::hasten(tx, endpoint, now)?;
                note(tx, grant, endpoint, "resumed", now)?;
            }
            (EndpointStep::End, EndpointState::Active | EndpointState::Paused) => {
                webhook_endpoints::set_state(tx, endpoint, (EndpointState::Ended, None), now)?;
                webhook_deliveries::give_up_all(tx, endpoint)?;
                webhook_secrets::end_all(tx, endpoint, now)?;
                note(tx, grant, endpoint, "ended", now)?;
            }
        }
        endpoint_view(tx.conn(), endpoint, now)
    })
}

/// Has a ping sent to an endpoint.
///
/// # Errors
/// [`LedgerError::NotFound`] where it is none of the institution's, [`LedgerError::Conflict`] where
/// it is not active.
pub fn ping_webhook_once(
    ledger: &Ledger,
    grant: &Grant<KeepWebhooks>,
    endpoint: WebhookEndpointId,
    request: &Once<'_, WebhookDeliveryView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let row = lock_kept(tx, grant, endpoint)?;
        if row.state != EndpointState::Active.as_str() {
            return Err(LedgerError::Conflict(paused()));
        }
        let made = webhook_deliveries::insert_all(tx, endpoint, &[None], now)?;
        let delivery = made.first().copied().ok_or(LedgerError::NotFound)?;
        note(tx, grant, endpoint, "pinged", now)?;
        delivery_view(tx, endpoint, delivery)
    })
}

/// Has a delivery that was delivered or given up sent again, under the same webhook-id.
///
/// # Errors
/// [`LedgerError::NotFound`] where it is none of the institution's, [`LedgerError::Conflict`] where
/// it is still being tried or the endpoint has ended.
pub fn redeliver_once(
    ledger: &Ledger,
    grant: &Grant<KeepWebhooks>,
    (endpoint, delivery): (WebhookEndpointId, WebhookDeliveryId),
    request: &Once<'_, WebhookDeliveryView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        lock_kept(tx, grant, endpoint)?;
        let row = webhook_deliveries::lock(tx, endpoint, delivery)?.ok_or(LedgerError::NotFound)?;
        if let Some(next) = row.next_attempt_at {
            return Err(LedgerError::Conflict(still_open(next)));
        }
        webhook_deliveries::reopen(tx, delivery, now)?;
        note(tx, grant, endpoint, "redelivered", now)?;
        delivery_view(tx, endpoint, delivery)
    })
}

fn delivery_view(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    delivery: WebhookDeliveryId,
) -> Result<WebhookDeliveryView, LedgerError> {
    let row = webhook_deliveries::lock(tx, endpoint, delivery)?;
    row.ok_or(LedgerError::NotFound)?.try_into()
}

fn lock_own(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepWebhooks>,
    endpoint: WebhookEndpointId,
) -> Result<EndpointRow, LedgerError> {
    webhook_endpoints::lock(tx, endpoint, grant.institution()?)?.ok_or(LedgerError::NotFound)
}

/// One that has not ended.
fn lock_kept(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepWebhooks>,
    endpoint: WebhookEndpointId,
) -> Result<EndpointRow, LedgerError> {
    let row = lock_own(tx, grant, endpoint)?;
    if row.state == EndpointState::Ended.as_str() {
        return Err(LedgerError::Conflict(ended()));
    }
    Ok(row)
}

fn note(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepWebhooks>,
    endpoint: WebhookEndpointId,
    what: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let subject = ("webhook_endpoint", Some(endpoint.as_uuid()));
    audit_events::insert(tx, grant, subject, &json!({ "done": what }), now)
}

fn too_many_endpoints() -> Fault {
    Fault::new(
        "WEBHOOK_ENDPOINTS_TOO_MANY",
        format!("每个机构最多 {ENDPOINTS_MAX} 个推送地址;请先停用不再需要的"),
        format!("an institution has at most {ENDPOINTS_MAX} endpoints; end one that is not needed"),
    )
}

fn too_many_secrets() -> Fault {
    Fault::new(
        "WEBHOOK_SECRETS_TOO_MANY",
        format!("同时有效的密钥最多 {SECRETS_MAX} 个;请等旧密钥到期,或以 overlap_hours 0 立即更换"),
        format!(
            "at most {SECRETS_MAX} secrets sign at once; wait until an old one ends, or replace \
             them at once with overlap_hours 0"
        ),
    )
}

fn ended() -> Fault {
    Fault::new(
        "WEBHOOK_ENDPOINT_ENDED",
        "该推送地址已停用,不能再更改;请另行登记",
        "the endpoint has ended for good; register another one",
    )
}

fn paused() -> Fault {
    Fault::new(
        "WEBHOOK_ENDPOINT_PAUSED",
        "该推送地址已暂停;请先恢复",
        "the endpoint is paused; resume it first",
    )
}

fn still_open(next: DateTime<Utc>) -> Fault {
    let next = next.format("%Y-%m-%dT%H:%M:%SZ");
    Fault::new(
        "WEBHOOK_DELIVERY_OPEN",
        format!("该推送尚在重试,将于 {next} 前后再次发送"),
        format!("the delivery is still being tried; it is sent again by itself at about {next}"),
    )
}
