//! Webhooks.

use serde_json::{Value, json};

const ENDPOINT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c21";
const DELIVERY_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c22";

pub(crate) fn webhook_endpoint() -> Value {
    json!({
        "url": "https://jw.example.edu.cn/creditbank/events",
        "kinds": ["lot.issued", "lot.settled"],
    })
}

pub(crate) fn webhook_endpoint_view() -> Value {
    json!({
        "endpoint_id": ENDPOINT_ID,
        "institution_code": "10358",
        "url": "https://jw.example.edu.cn/creditbank/events",
        "kinds": ["lot.issued", "lot.settled"],
        "state": "active",
        "created_at": "2026-07-02T01:15:00Z",
        "secrets": [{ "created_at": "2026-07-02T01:15:00Z" }],
    })
}

pub(crate) fn webhook_endpoint_opened() -> Value {
    let mut opened = webhook_endpoint_view();
    if let Some(members) = opened.as_object_mut() {
        let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        members.insert("secret".to_owned(), json!(secret));
    }
    opened
}

pub(crate) fn webhook_endpoints_view() -> Value {
    json!({ "endpoints": [webhook_endpoint_view()] })
}

pub(crate) fn webhook_delivery_view() -> Value {
    json!({
        "delivery_id": DELIVERY_ID,
        "endpoint_id": ENDPOINT_ID,
        "seq": 1042,
        "state": "failed",
        "attempts": 2,
        "next_attempt_at": "2026-07-02T01:20:06Z",
        "last_status": 503,
        "last_error": "STATUS",
        "created_at": "2026-07-02T01:15:00Z",
        "last_attempt_at": "2026-07-02T01:15:06Z",
    })
}

pub(crate) fn webhook_deliveries_view() -> Value {
    json!({ "deliveries": [webhook_delivery_view()] })
}
