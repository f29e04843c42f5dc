//! Examples for the document. A test reads each of them back into its type.

mod access;
mod accounts;
mod catalogue;
mod clients;
mod conversions;
mod evidence;
mod governing;
mod import_jobs;
mod service;
mod webhooks;

use serde_json::{Value, json};

pub(crate) use access::{access_log_view, consent, consent_view, consents_view, readings_view};
pub(crate) use accounts::{
    account, account_batch, account_batch_view, account_view, candidates_view, dismissal_view,
    merge, merge_view, settlement, unmerge,
};
pub(crate) use catalogue::{catalogue_view, entry_view, overdue_entries_view};
pub(crate) use clients::{client, client_key, client_rotated, client_view, clients_view};
pub(crate) use conversions::{
    bulk_decision, bulk_decision_view, check, cohort_view, conversion, decision, draft_view,
    drafts_view, figures_view, queue_view, request_view, saying,
};
pub(crate) use evidence::{answer, evidence_list_view, evidence_view};
pub(crate) use governing::{
    appointment, calendar, calendar_view, calendars_view, chain, chain_view, chains_view,
    committee, committee_view, committees_view, delegation, delegation_view, delegations_view,
    departure, document, document_detail_view, document_view, documents_view, helper, helper_view,
    helpers_view, meeting, meeting_view, meetings_view, membership_view, memberships_view,
    notice_mark, notices_view, resolution, rule_changes_view, rule_document, rule_set_view,
    rule_sets_view, unread_view, voted_view,
};
pub(crate) use import_jobs::{
    import_answer, import_approval, import_job, import_job_view, import_jobs_view, import_mapping,
    import_mapping_view, import_mappings_view, import_questions, import_settings,
    import_upload_view,
};
pub(crate) use service::{
    cohort_file_view, cohort_form, import_form, key_set, outlooks_view, token_form, token_view,
};
pub(crate) use webhooks::{
    webhook_deliveries_view, webhook_delivery_view, webhook_endpoint, webhook_endpoint_opened,
    webhook_endpoint_view, webhook_endpoints_view,
};

const OUTCOME_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c01";
const LOT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c02";
const TRANSFER_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c03";
const REQUEST_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c04";
const COHORT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c05";
const IMPORT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c06";
const CORRECTION_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c07";
const SUCCESSOR_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c08";
const HOLD_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c09";
const LEARNER_NO: &str = "7KQ4M2XW9PDJ";

pub(crate) fn outcome() -> Value {
    json!({
        "source_ref": "CJ2024-0048213",
        "learner": {"identifier": {"kind": "student_number", "value": "2023010101"}},
        "entry": {"code": "MATH101"},
        "grade": "87.00",
        "attempt": "first",
        "awarded_on": "2024-07-01",
        "stated": [{"unit": "credit", "amount": "3.50"}],
    })
}

pub(crate) fn batch() -> Value {
    let mut second = outcome();
    if let Some(members) = second.as_object_mut() {
        members.insert("source_ref".to_owned(), json!("CJ2024-0048214"));
        members.insert("learner".to_owned(), json!({ "learner_no": LEARNER_NO }));
        members.insert("awarded_on".to_owned(), json!("1949-10-01"));
    }
    json!({ "outcomes": [outcome(), second] })
}

fn because() -> Value {
    json!({"reason": "GRADE_APPEAL", "document_number": "教务更正〔2024〕3号"})
}

pub(crate) fn correction() -> Value {
    json!({
        "source_ref": "CJ2024-0048213", "because": because(), "grade": "58.00",
    })
}

pub(crate) fn withdrawal() -> Value {
    json!({"source_ref": "CJ2024-0048213", "because": because()})
}

pub(crate) fn reversal() -> Value {
    json!({ "because": because() })
}

pub(crate) fn correction_view() -> Value {
    let too_low = json!({
        "code": "GRADE_TOO_LOW", "zh": "成绩低于最低要求", "en": "the grade is below the minimum",
    });
    json!({
        "correction_id": CORRECTION_ID,
        "learner_no": LEARNER_NO,
        "outcome_id": OUTCOME_ID,
        "successor": {
            "outcome_id": SUCCESSOR_ID, "learner_no": LEARNER_NO, "lots": [],
            "earned_nothing": too_low,
        },
        "withdrawn": [{"lot_id": LOT_ID, "unit": "credit", "amount": "3.50"}],
        "conversions": [{
            "request_id": REQUEST_ID, "granted_before": "3.50", "granted_now": "0.00",
        }],
    })
}

pub(crate) fn hold() -> Value {
    json!({
        "lot_id": LOT_ID,
        "amount": {"unit": "credit", "amount": "5.00"},
        "purpose": "title_review",
        "expires_at": "2024-08-31T01:15:00Z",
    })
}

pub(crate) fn hold_view() -> Value {
    json!({
        "hold_id": HOLD_ID,
        "lot_id": LOT_ID,
        "amount": "5.00",
        "settled": "1.50",
        "released": "0.00",
        "expires_at": "2024-08-31T01:15:00Z",
    })
}

pub(crate) fn outcome_view() -> Value {
    json!({
        "outcome_id": OUTCOME_ID,
        "learner_no": LEARNER_NO,
        "lots": [{
            "lot_id": LOT_ID, "unit": "credit", "amount": "3.50", "expires_on": "2034-06-30",
        }],
    })
}

pub(crate) fn batch_view() -> Value {
    let fault = json!({
        "code": "DATE_OUT_OF_RANGE",
        "zh": "日期应在 1950 年至 2100 年之间",
        "en": "a date lies in the years 1950 to 2100",
    });
    let mut placed = fault.clone();
    if let Some(members) = placed.as_object_mut() {
        members.insert("pointer".to_owned(), json!("/outcomes/1/awarded_on"));
    }
    json!({
        "counts": {"posted": 1, "already_posted": 0, "rejected": 1},
        "results": [
            {
                "index": 0, "status": "posted", "account_opened": false,
                "outcome": outcome_view(),
            },
            {
                "index": 1, "status": "rejected", "account_opened": false,
                "fault": fault, "errors": [placed],
            },
        ],
    })
}

/// A row with its five sums, of which nothing expired or was withdrawn.
fn with_sums(mut row: Value, available: &str, held: &str, used: &str) -> Value {
    if let Some(members) = row.as_object_mut() {
        for (name, sum) in [
            ("available", available),
            ("held", held),
            ("used", used),
            ("expired", "0.00"),
            ("withdrawn", "0.00"),
        ] {
            members.insert(name.to_owned(), json!(sum));
        }
    }
    row
}

pub(crate) fn balance_view() -> Value {
    let sums = |row| with_sums(row, "21.50", "3.00", "6.00");
    let institution = json!({"code": "10358", "name": "示例大学"});
    json!({
        "learner_no": LEARNER_NO,
        "by_unit": [sums(json!({"unit": "credit"}))],
        "rows": [sums(json!({
            "unit": "credit", "category": "course", "year": 2024, "institution": institution,
        }))],
    })
}

fn movement() -> Value {
    json!({
        "transfer_id": TRANSFER_ID,
        "recorded_at": "2024-07-02T01:15:00Z",
        "effective_on": "2024-07-01",
        "kind": "issue",
        "from_account": "issuer",
        "to_account": "available",
        "unit": "credit",
        "amount": "3.50",
        "lot_id": LOT_ID,
        "outcome_id": OUTCOME_ID,
        "institution": {"code": "10358", "name": "示例大学"},
        "entry": {"code": "MATH101", "title": "高等数学"},
        "explanation": {
            "zh": "成绩 87.00,按 2020-09-01 起生效的目录版本认定",
            "en": "recognised for grade 87.00 under the catalogue version in force from 2020-09-01",
        },
        "balance_after": with_sums(json!({}), "21.50", "3.00", "6.00"),
    })
}

pub(crate) fn movements_view() -> Value {
    json!({ "movements": [movement()], "next_cursor": "AZeiwGoAfD6dSy8eimtcAw" })
}

pub(crate) fn statement_view() -> Value {
    json!({
        "learner_no": LEARNER_NO,
        "from": "2024-07-01",
        "to": "2024-07-31",
        "units": [{
            "unit": "credit",
            "opening": with_sums(json!({}), "18.00", "3.00", "6.00"),
            "closing": with_sums(json!({}), "21.50", "3.00", "6.00"),
        }],
        "movements": [movement()],
    })
}

pub(crate) fn import_view() -> Value {
    json!({
        "import_id": IMPORT_ID,
        "file_name": "成绩2024.xlsx",
        "dry_run": false,
        "state": "finished",
        "counts": {
            "read": 1257, "posted": 1251, "already_posted": 0, "rejected": 6,
            "accounts_opened": 40,
        },
        "summary": {
            "mapping": { "name": "layout:0b5a", "version": 2 },
            "rejected_by_code": [
                { "code": "DATE_INVALID", "lines": 1 },
                { "code": "IDENTIFIER_CHECK_DIGIT", "lines": 2 },
            ],
            "credits": [{ "unit": "credit", "amount": "5004.00" }],
            "signature": {
                "verified": false,
                "reason": "SIGNER_UNKNOWN",
                "checked_at": "2024-07-02T01:15:00Z",
            },
        },
        "started_at": "2024-07-02T01:15:00Z",
        "finished_at": "2024-07-02T01:15:02Z",
    })
}

pub(crate) fn events_view() -> Value {
    json!({
        "events": [
            {
                "seq": 4711,
                "kind": "lot.issued",
                "subject_id": TRANSFER_ID,
                "learner_no": LEARNER_NO,
                "lot_id": LOT_ID,
                "outcome_id": OUTCOME_ID,
                "unit": "credit",
                "amount": "3.50",
                "institution_code": "10358",
                "recorded_at": "2024-07-02T01:15:00Z",
                "effective_on": "2024-07-01",
            },
        ],
        "resume_cursor": "AAAAAAAAEmc",
    })
}

pub(crate) fn totals_view() -> Value {
    let figures = |lots: u32, sums: [&str; 4]| {
        let [issued, available, held, used] = sums;
        json!({
            "lots_issued": lots, "issued": issued, "available": available, "held": held,
            "used": used, "expired": "0.00", "withdrawn": "0.00",
        })
    };
    let mut day = figures(2, ["7.00", "4.00", "-3.00", "6.00"]);
    if let Some(members) = day.as_object_mut() {
        members.insert("day".to_owned(), json!("2024-07-02"));
    }
    json!({
        "from": "2024-07-01",
        "to": "2024-07-31",
        "up_to_seq": 4711,
        "up_to": "2024-07-02T01:15:00Z",
        "totals": [{
            "institution_code": "10358",
            "unit": "credit",
            "category": "course",
            "opening": figures(98, ["343.00", "330.00", "9.00", "4.00"]),
            "days": [day],
            "closing": figures(100, ["350.00", "334.00", "6.00", "10.00"]),
        }],
    })
}

pub(crate) fn problem() -> Value {
    json!({
        "type": "/errors/not-found",
        "title": "没有找到",
        "status": 404,
        "code": "NOT_FOUND",
        "reason": {"zh": "没有找到", "en": "there is no such thing for this client"},
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    })
}

#[cfg(test)]
mod tests;
