//! Examples of who read an account.

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
        }],
    })
}
