//! What a delivery says: a CloudEvent (1.0, JSON, structured) around the event as the feed has it.

use creditbank_ledger::flows::TakenDelivery;
use creditbank_ledger::reads;
use serde_json::{Value, json};

use crate::dto::event::EventView;

/// The body of a delivery, the same at every attempt. Its `data` is what `GET /v1/events` shows the
/// institution; its `id` names the event, whichever endpoint it is sent to.
#[must_use]
pub fn cloud_event(delivery: &TakenDelivery) -> Value {
    match &delivery.event {
        Some(event) => told(event),
        None => json!({
            "specversion": "1.0",
            "id": delivery.delivery_id.as_uuid(),
            "source": "/v1/webhook-endpoints",
            "type": "cn.creditbank.ping",
            "time": delivery.created_at,
            "datacontenttype": "application/json",
            "data": { "endpoint_id": delivery.endpoint_id.as_uuid() },
        }),
    }
}

fn told(event: &reads::EventView) -> Value {
    let mut body = json!({
        "specversion": "1.0",
        "id": event.subject_id,
        "source": "/v1/events",
        "type": format!("cn.creditbank.{}", event.kind),
        "time": event.recorded_at,
        "datacontenttype": "application/json",
        "data": EventView::from(event),
    });
    let lot = event.lot_id.map(|lot| format!("lots/{lot}"));
    let outcome = event
        .outcome_id
        .map(|outcome| format!("outcomes/{outcome}"));
    if let (Some(subject), Some(members)) = (lot.or(outcome), body.as_object_mut()) {
        members.insert("subject".to_owned(), Value::from(subject));
    }
    body
}
