//! Tokens, keys, uploads and outlooks.

use serde_json::{Value, json};

use super::OUTCOME_ID;

pub(crate) fn token_form() -> Value {
    json!({
        "grant_type": "client_credentials",
        "scope": "outcomes:write learners:read",
        "client_id": "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c0a",
        "client_secret": "cbs_a-secret-that-the-bank-told-once",
    })
}

pub(crate) fn token_view() -> Value {
    json!({
        "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmVk",
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "outcomes:write learners:read",
    })
}

pub(crate) fn key_set() -> Value {
    json!({
        "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "kid": "2026-01", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }],
    })
}

pub(crate) fn import_form() -> Value {
    json!({ "file": "姓名,学号,课程代码,成绩,日期\n", "dry_run": true })
}

fn cohort_order() -> Value {
    json!({
        "receiving_institution": "10357",
        "programme": "EE-2024",
        "reference": "2026夏-电气",
        "basis": {"kind": "consent"},
    })
}

pub(crate) fn cohort_form() -> Value {
    json!({ "file": "学号,姓名,目标课程\n", "order": cohort_order(), "dry_run": true })
}

pub(crate) fn cohort_file_view() -> Value {
    json!({
        "cohort_id": super::IMPORT_ID,
        "file_name": "电气2026.xlsx",
        "order": cohort_order(),
        "dry_run": false,
        "state": "finished",
        "counts": {
            "read": 412, "requested": 405, "already_requested": 4, "rejected": 3,
        },
        "started_at": "2026-07-02T01:15:00Z",
        "finished_at": "2026-07-02T01:15:07Z",
    })
}

pub(crate) fn outlooks_view() -> Value {
    json!({
        "as_of": "2026-01-31",
        "outlooks": [{
            "institution": "90002", "programme": "EE-2024", "title": "电气工程及其自动化",
            "rule_set": "EE-CONV", "rule_set_version": 1, "document_number": "教〔2024〕7号",
            "fit": "maybe", "percent": "66.66",
            "granted": "3.70", "possible": "18.00", "proven": true, "lines": [{
                "outcome_id": OUTCOME_ID, "rule_code": "R1", "requested": "6.00",
                "granted": "3.70", "verdict": "cut",
                "reason": {
                    "code": "CAP_PROGRAMME", "zh": "已达专业可转换学分上限",
                    "en": "the programme's share for conversions is full",
                },
                "explanation": {
                    "zh": "62.00 的 35 % 为 21.70", "en": "35 % of 62.00 is 21.70",
                },
            }],
            "missing": [],
        }],
    })
}
