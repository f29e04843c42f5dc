//! Examples of what is said of the catalogue.

use serde_json::{Value, json};

use super::OUTCOME_ID;

pub(crate) fn overdue_entries_view() -> Value {
    json!({
        "entries": [{
            "entry_id": OUTCOME_ID,
            "owner": "90001",
            "code": "GL0001",
            "title": "高等学历继续教育学习指南",
            "reviewed_on": "2023-07-24",
            "due_on": "2025-07-24",
            "block_from": "2025-08-24",
            "blocked": false,
        }],
        "next_cursor": "AZeiwGoAfD6dSy8eimtcAw",
    })
}
