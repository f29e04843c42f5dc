//! Examples of evidence.

use serde_json::{Value, json};

const EVIDENCE_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c21";

pub(crate) fn evidence_view() -> Value {
    json!({
        "evidence_id": EVIDENCE_ID,
        "kind": "certificate",
        "media_type": "application/pdf",
        "byte_count": 48_213,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "file_name": "技能等级证书.pdf",
        "institution": "34021",
        "attached_at": "2026-03-01T08:00:00Z",
    })
}

pub(crate) fn evidence_list_view() -> Value {
    json!({ "evidence": [evidence_view()] })
}

pub(crate) fn answer() -> Value {
    json!({ "text": "已补交证书扫描件", "evidence": [EVIDENCE_ID] })
}
