//! Examples of accounts: opened, found twice, merged.

use serde_json::{Value, json};

use super::{COHORT_ID, LEARNER_NO, LOT_ID, REQUEST_ID, TRANSFER_ID};

pub(crate) fn account() -> Value {
    json!({
        "identifiers": [
            {"kind": "resident_id", "value": "11010519491231002X"},
            {"kind": "student_number", "value": "2023010101"},
        ],
        "name": "王小明",
    })
}

pub(crate) fn account_batch() -> Value {
    json!({ "accounts": [account()] })
}

pub(crate) fn account_view() -> Value {
    json!({ "learner_no": LEARNER_NO })
}

pub(crate) fn account_batch_view() -> Value {
    json!({
        "counts": {"opened": 1, "already_open": 0, "rejected": 0},
        "results": [{ "index": 0, "status": "opened", "account": account_view() }],
    })
}

pub(crate) fn merge() -> Value {
    json!({
        "survivor": LEARNER_NO,
        "absorbed": "222222222223",
        "reason": "DIFFERENT_NUMBERS",
        "document_number": "〔2026〕1号",
    })
}

pub(crate) fn unmerge() -> Value {
    json!({"reason": "DIFFERENT_PEOPLE", "document_number": "〔2026〕2号"})
}

pub(crate) fn settlement() -> Value {
    json!({"document_number": "〔2026〕3号"})
}

pub(crate) fn merge_view() -> Value {
    json!({
        "merge_id": REQUEST_ID,
        "survivor": LEARNER_NO,
        "absorbed": "222222222223",
        "reason": "DIFFERENT_NUMBERS",
        "document_number": "〔2026〕1号",
        "merged_at": "2026-07-02T01:15:00Z",
        "collisions": [{
            "collision_id": COHORT_ID,
            "kind": "entry_credited_twice",
            "first_id": LOT_ID,
            "second_id": TRANSFER_ID,
            "figures": {
                "entry": "MATH101", "unit": "credit", "first_issued": "3.50",
                "second_issued": "3.50",
            },
            "state": "open",
            "found_at": "2026-07-02T01:15:00Z",
        }],
    })
}

pub(crate) fn candidates_view() -> Value {
    let account = |number: &str, masked: &str| {
        json!({
            "learner_no": number,
            "masked_name": "王*",
            "identifiers": [{"kind": "resident_id", "masked": masked}],
            "opened_by": "10358",
            "opened_on": "2026-07-02",
            "outcomes": 12,
        })
    };
    json!({
        "candidates": [{
            "candidate_id": REQUEST_ID,
            "found_at": "2026-07-02T01:15:00Z",
            "accounts": [
                account(LEARNER_NO, "340*************11"),
                account("222222222223", "340*************2X"),
            ],
        }],
        "next_cursor": "AZeiwGoAfD6dSy8eimtcAw",
    })
}

pub(crate) fn dismissal_view() -> Value {
    json!({"candidate_id": REQUEST_ID, "state": "dismissed"})
}
