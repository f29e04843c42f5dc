//! From the change feed to the endpoints: hand events out as deliveries, take those that are due,
//! and note what became of them. The sending itself is the server's, between two transactions.
//!
//! Events are handed out in the transaction that moves the endpoint's cursor, so none is lost or
//! handed out twice. A delivery is taken for the time of a lease: who dies with it lets another one
//! send it again, under the same webhook-id.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::{InstitutionId, WebhookDeliveryId, WebhookEndpointId};
use creditbank_domain::webhook::{
    DeliveryState, EndpointState, FAILING_MAX, PauseReason, next_attempt,
};
use serde_json::json;

use crate::error::LedgerError;
use crate::reads::{EventView, page_of_events};
use crate::store::{Ledger, Tx};
use crate::tables::webhook_deliveries::{DeliveryRow, Settlement};
use crate::tables::webhook_secrets::WebhookSecret;
use crate::tables::{audit_events, webhook_deliveries, webhook_endpoints, webhook_secrets};

/// How many events one transaction hands out.
const EVENTS_AT_ONCE: i64 = 500;

/// So many open deliveries of an endpoint, and it is handed no more: the feed keeps the rest.
const OPEN_MAX: i64 = 2_000;

/// How many deliveries of one endpoint are taken at once, so that no endpoint takes all senders.
const OF_ENDPOINT_AT_ONCE: u32 = 4;

/// How long whoever takes a delivery may take. Longer than an attempt, its waiting and its end.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// How long a failing endpoint rests after an attempt: it occupies one sender at most.
const REST: TimeDelta = TimeDelta::seconds(15);

/// How long settled deliveries are kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// How many are forgotten at once.
const FORGOTTEN_AT_ONCE: u32 = 5_000;

/// The HTTP status that says that an address is gone for good.
const GONE: u16 = 410;

/// A delivery that somebody took to send it.
#[derive(Debug, Clone)]
pub struct TakenDelivery {
    /// The webhook-id.
    pub delivery_id: WebhookDeliveryId,
    /// Whose it is.
    pub endpoint_id: WebhookEndpointId,
    /// Which attempt this is, from 1.
    pub attempt: u16,
    /// Where it goes, as it was registered.
    pub url: String,
    /// What signs it, newest first.
    pub secrets: Vec<WebhookSecret>,
    /// What it tells, as the institution reads it in the feed; nothing for a ping.
    pub event: Option<EventView>,
    /// When it was handed out.
    pub created_at: DateTime<Utc>,
}

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// Answered with 2xx.
    Delivered {
        /// The status.
        status: u16,
    },
    /// Anything else.
    Failed {
        /// The status, where there was an answer.
        status: Option<u16>,
        /// Why, as a code.
        error: &'static str,
    },
}

/// Hands out what the feed has for the active endpoints; gives how much it was, and whether more
/// may wait.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn hand_out_events(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<(u64, bool), LedgerError> {
    let behind = ledger.read(grant, |conn| webhook_endpoints::list_behind(conn, OPEN_MAX))?;
    let (mut handed_out, mut more) = (0, false);
    for endpoint in behind {
        let (deliveries, full) = ledger.write(grant, |tx| hand_out(tx, endpoint, now))?;
        handed_out += u64::try_from(deliveries).unwrap_or(u64::MAX);
        more |= full;
    }
    Ok((handed_out, more))
}

fn hand_out(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpointId,
    now: DateTime<Utc>,
) -> Result<(usize, bool), LedgerError> {
    let Some(row) = webhook_endpoints::lock_active(tx, endpoint)? else {
        return Ok((0, false));
    };
    let place = (row.institution_id, row.cursor_seq);
    let events = webhook_endpoints::list_audience(tx.conn(), place, EVENTS_AT_ONCE)?;
    let Some((last, _)) = events.last() else {
        return Ok((0, false));
    };
    let wanted: Vec<Option<i64>> = events
        .iter()
        .filter(|(_, kind)| row.kinds.is_empty() || row.kinds.contains(kind))
        .map(|(seq, _)| Some(*seq))
        .collect();
    webhook_deliveries::insert_all(tx, endpoint, &wanted, now)?;
    webhook_endpoints::advance(tx, endpoint, *last)?;
    let full = i64::try_from(events.len()) == Ok(EVENTS_AT_ONCE);
    Ok((wanted.len(), full))
}

/// Takes up to `limit` deliveries that are due.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn take_deliveries(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<TakenDelivery>, LedgerError> {
    ledger.write(grant, |tx| {
        let amounts = (limit, OF_ENDPOINT_AT_ONCE);
        let rows = webhook_deliveries::claim_due(tx, amounts, (LEASE, REST), now)?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            match taken(tx, row, now) {
                Ok(delivery) => all.push(delivery),
                // One that cannot be made must not stand in the way of all others.
                Err(LedgerError::Corrupt(_)) => give_up(tx, row, now)?,
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    })
}

fn give_up(tx: &mut Tx<'_>, row: &DeliveryRow, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let which = (
        WebhookDeliveryId::from_uuid(row.delivery_id),
        attempt_of(row)?,
    );
    let settlement = Settlement {
        state: DeliveryState::GivenUp,
        next_attempt_at: None,
        status: None,
        error: Some("UNREADABLE"),
    };
    webhook_deliveries::settle(tx, which, &settlement, now)?;
    Ok(())
}

fn attempt_of(row: &DeliveryRow) -> Result<u16, LedgerError> {
    u16::try_from(row.attempts).map_err(|_| LedgerError::Corrupt("webhook_deliveries.attempts"))
}

fn taken(
    tx: &mut Tx<'_>,
    row: &DeliveryRow,
    now: DateTime<Utc>,
) -> Result<TakenDelivery, LedgerError> {
    let endpoint_id = WebhookEndpointId::from_uuid(row.endpoint_id);
    let endpoint = webhook_endpoints::find(tx.conn(), endpoint_id, None)?;
    let endpoint = endpoint.ok_or(LedgerError::Corrupt("webhook_deliveries.endpoint_id"))?;
    let event = match row.seq {
        None => None,
        Some(seq) => {
            let only = Some(InstitutionId::from_uuid(endpoint.institution_id));
            let page = page_of_events(tx.conn(), seq.saturating_sub(1), only, 1)?;
            let event = page.into_iter().find(|it| i64::try_from(it.seq) == Ok(seq));
            Some(event.ok_or(LedgerError::Corrupt("webhook_deliveries.seq"))?)
        }
    };
    Ok(TakenDelivery {
        delivery_id: WebhookDeliveryId::from_uuid(row.delivery_id),
        endpoint_id,
        attempt: attempt_of(row)?,
        url: endpoint.url,
        secrets: webhook_secrets::open_live(tx, endpoint_id, now)?,
        event,
        created_at: row.created_at,
    })
}

/// Notes what an attempt came to, and pauses an endpoint that is gone or has failed for days. Gives
/// why it was paused, if it was.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn settle_delivery(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    taken: &TakenDelivery,
    attempted: Attempted,
    now: DateTime<Utc>,
) -> Result<Option<PauseReason>, LedgerError> {
    let settlement = settlement(taken, attempted, now);
    ledger.write(grant, |tx| {
        let which = (taken.delivery_id, taken.attempt);
        if !webhook_deliveries::settle(tx, which, &settlement, now)? {
            return Ok(None);
        }
        let Attempted::Failed { status, .. } = attempted else {
            webhook_endpoints::note_success(tx, taken.endpoint_id)?;
            return Ok(None);
        };
        let Some(since) = webhook_endpoints::note_failure(tx, taken.endpoint_id, now)? else {
            return Ok(None);
        };
        let because = if status == Some(GONE) {
            PauseReason::Gone
        } else if now - since >= FAILING_MAX {
            PauseReason::Failing
        } else {
            return Ok(None);
        };
        let paused = (EndpointState::Paused, Some(because));
        webhook_endpoints::set_state(tx, taken.endpoint_id, paused, now)?;
        let subject = ("webhook_endpoint", Some(taken.endpoint_id.as_uuid()));
        let figures = json!({ "done": "paused", "because": because.as_str() });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(Some(because))
    })
}

fn settlement(
    taken: &TakenDelivery,
    attempted: Attempted,
    now: DateTime<Utc>,
) -> Settlement<'static> {
    match attempted {
        Attempted::Delivered { status } => Settlement {
            state: DeliveryState::Delivered,
            next_attempt_at: None,
            status: Some(status),
            error: None,
        },
        Attempted::Failed { status, error } => {
            let next = next_attempt(taken.attempt, rand::random(), now);
            Settlement {
                state: next.map_or(DeliveryState::GivenUp, |_| DeliveryState::Failed),
                next_attempt_at: next,
                status,
                error: Some(error),
            }
        }
    }
}

/// Forgets deliveries that were settled weeks ago; gives how many.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn forget_deliveries(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    ledger.write(grant, |tx| {
        webhook_deliveries::forget_before(tx, now - KEPT, FORGOTTEN_AT_ONCE)
    })
}
