//! Examples of who read an account, and of what a learner agreed to.

use serde_json::{Value, json};

pub(crate) fn readings_view() -> Value {
    json!({
        "readings": [{
            "reading_id": "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c11",
            "read_at": "2026-03-01T08:00:00Z",
            "what": "balance",
            "institution": "34021",
            "institution_name": "安徽某技师学院",
            "client": "school-portal",
            "purpose": "conversion",
            "basis": "own_records",
        }],
    })
}

pub(crate) fn access_log_view() -> Value {
    json!({
        "entries": [{
            "entry_id": "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c12",
            "occurred_at": "2026-03-01T08:00:00Z",
            "outcome": "refused",
            "status": 404,
            "code": "NOT_FOUND",
            "action": "read_learner",
            "route": "GET /v1/learners/{learner_no}/balance",
            "subject_kind": "learner_no",
            "subject_id": "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c06",
            "client": "school-portal",
            "institution": "34021",
            "roles": ["school_officer"],
            "network": "203.0.113.0/24",
            "address_tag": "5d41402abc4b2a76b9719d911017c592",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        }],
    })
}
const CONSENT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c22";

pub(crate) fn consent() -> Value {
    json!({ "institution": "10357", "purpose": "conversion", "valid_until": "2026-12-31" })
}

pub(crate) fn consent_view() -> Value {
    json!({
        "consent_id": CONSENT_ID,
        "institution": "10357",
        "institution_name": "安徽大学",
        "purpose": "conversion",
        "given_how": "signed_in",
        "recorded_at": "2026-03-01T08:00:00Z",
        "valid_from": "2026-03-01",
        "valid_until": "2026-12-31",
        "stands": true,
    })
}

pub(crate) fn consents_view() -> Value {
    json!({ "consents": [consent_view()] })
}
