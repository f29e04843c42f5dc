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

fn version() -> Value {
    json!({
        "version_id": OUTCOME_ID,
        "title": "高等数学(上)",
        "category": "course",
        "level_framework": "CN10",
        "level": 5,
        "minimum_grade": "60",
        "valid_from": "2021-09-01",
        "repeatable": false,
        "posted_by": ["90001"],
        "gives": [
            { "unit": "credit", "amount": "4.00", "stated": false },
            { "unit": "hour", "amount": "64.00", "stated": false },
        ],
    })
}

pub(crate) fn catalogue_view() -> Value {
    json!({
        "entries": [{
            "entry_id": OUTCOME_ID, "owner": "90001", "code": "MATH101", "version": version(),
        }],
        "next_cursor": "AZeiwGoAfD6dSy8eimtcAw",
    })
}

pub(crate) fn entry_view() -> Value {
    json!({
        "entry_id": OUTCOME_ID, "owner": "90001", "code": "MATH101", "versions": [version()],
    })
}
