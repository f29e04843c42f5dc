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
