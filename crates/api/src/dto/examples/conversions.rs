//! Of conversions.

use serde_json::{Value, json};

use super::{COHORT_ID, LEARNER_NO, LOT_ID, OUTCOME_ID, REQUEST_ID};

pub(crate) fn conversion() -> Value {
    json!({
        "receiving_institution": "10357",
        "programme": "EE-2024",
        "learners": [{ "learner_no": LEARNER_NO }],
    })
}

pub(crate) fn decision() -> Value {
    json!({
        "decision": "as_the_rules_say",
        "not_accepted": [{
            "outcome_id": OUTCOME_ID,
            "reason": "EVIDENCE_MISMATCH",
            "text": "证书编号与成果记录不一致",
        }],
    })
}

pub(crate) fn bulk_decision() -> Value {
    json!({
        "decision": "as_the_rules_say",
        "requests": [{ "request_id": REQUEST_ID, "version": 1 }],
    })
}

pub(crate) fn bulk_decision_view() -> Value {
    json!({
        "exceptions": [{
            "request_id": COHORT_ID,
            "fault": {
                "code": "IDENTITY_IN_DOUBT",
                "zh": "学习者可能有重复账户,请先核对身份",
                "en": "the learner may have another account; settle that first",
            },
        }],
        "requests": [{
            "request_id": REQUEST_ID,
            "learner_no": LEARNER_NO,
            "state": "granted",
            "version": 2,
            "requested": "6.00",
            "granted": "6.00",
        }],
    })
}

pub(crate) fn draft_view() -> Value {
    json!({
        "draft_id": REQUEST_ID,
        "version": 1,
        "state": "open",
        "receiving_institution": "10357",
        "programme": "EE-2024",
        "changed_at": "2024-07-01T08:00:00Z",
        "as_of": "2024-07-02",
        "basis": {"kind": "consent"},
        "rule_set": {"code": "R-EE", "version": 2, "document_number": "〔2021〕12号"},
        "learners": [{
            "learner_no": LEARNER_NO,
            "proposal": {
                "result": "granted",
                "granted": "6.00",
                "lines": [{
                    "outcome_id": OUTCOME_ID,
                    "rule_code": "R-EE-01",
                    "requested": "6.00",
                    "granted": "6.00",
                    "verdict": "granted",
                    "explanation": {
                        "zh": "依据〔2021〕12号:申请 6.00,授予 6.00",
                        "en": "granted 6.00 of 6.00, under 〔2021〕12号",
                    },
                }],
            },
        }],
    })
}

pub(crate) fn drafts_view() -> Value {
    json!({
        "drafts": [{
            "draft_id": REQUEST_ID,
            "version": 1,
            "receiving_institution": "10357",
            "programme": "EE-2024",
            "learners": 40,
            "changed_at": "2024-07-01T08:00:00Z",
        }],
    })
}

pub(crate) fn figures_view() -> Value {
    json!({
        "months": [{
            "institution": "90002",
            "month": "2024-07-01",
            "figures": {
                "requests": [{"code": "granted", "count": 31}, {"code": "partly", "count": 5}],
                "requested": "240.00",
                "granted": "216.00",
                "cut": "14.00",
                "refused": "10.00",
                "open": "0.00",
                "reasons": [{"code": "CAP_PROGRAMME", "count": 5}],
                "median_working_days": 4,
                "working_days_of_90_percent": 11,
                "other_percent": "0.00",
            },
        }],
    })
}

pub(crate) fn check() -> Value {
    json!({"decision": "ask", "text": "请补交高级工证书扫描件"})
}

pub(crate) fn saying() -> Value {
    json!({"text": "证书编号已核对,见所附材料"})
}

pub(crate) fn queue_view() -> Value {
    json!({
        "requests": [{
            "request_id": REQUEST_ID,
            "cohort_id": COHORT_ID,
            "learner_no": LEARNER_NO,
            "requesting_institution": "S0001",
            "receiving_institution": "10357",
            "programme": "EE-2024",
            "stage_no": 2,
            "party": "receiving",
            "turn": "reviewers",
            "due_on": "2024-07-23",
            "marked": false,
            "version": 1,
            "requested_at": "2024-07-02T01:15:00Z",
        }],
    })
}

pub(crate) fn request_view() -> Value {
    json!({
        "request_id": REQUEST_ID,
        "cohort_id": COHORT_ID,
        "learner_no": LEARNER_NO,
        "requesting_institution": "S0001",
        "receiving_institution": "10357",
        "programme": {"code": "EE-2024", "title": "电气工程及其自动化"},
        "rule_set": {"code": "R-EE", "version": 2, "document_number": "〔2021〕12号"},
        "version": 1,
        "progress": {
            "stage_no": 1,
            "stages": 1,
            "stage": {"zh": "接收机构决定", "en": "decision of the receiving institution"},
            "party": "receiving",
            "turn": "nobody",
            "steps": [
                {
                    "step_no": 0, "kind": "sent", "party": "applicant",
                    "taken_at": "2024-07-02T01:15:00Z",
                },
                {
                    "step_no": 1, "kind": "approved", "party": "receiving",
                    "taken_at": "2024-07-05T08:00:00Z",
                },
            ],
        },
        "basis": {
            "kind": "contract",
            "article": "《个人信息保护法》第十三条第一款第(二)项 / PIPL article 13 (2)",
            "stated": false,
        },
        "state": "partly",
        "requested_at": "2024-07-02T01:15:00Z",
        "hold_expires_at": "2024-08-31T01:15:00Z",
        "decided_at": "2024-07-05T08:00:00Z",
        "lines": [line_view()],
    })
}

fn line_view() -> Value {
    json!({
        "line_no": 1,
        "outcome_id": OUTCOME_ID,
        "lot_id": LOT_ID,
        "entry_title": "高级工(电工)",
        "rule_code": "R-EE-01",
        "target_title": "电工实践",
        "requested": "6.00",
        "granted": "3.70",
        "used": "3.70",
        "proposal_only": false,
        "verdict": "cut",
        "reason": {
            "code": "CAP_PROGRAMME",
            "zh": "已达专业可转换学分上限",
            "en": "the programme's share for conversions is full",
        },
        "explanation": {
            "zh": "依据〔2021〕12号:62.00 的 35% 为 21.70;已用 18.00;余 3.70;给予 3.70",
            "en": "under 〔2021〕12号: 35 % of 62.00 = 21.70; used 18.00; left 3.70; granted 3.70",
        },
    })
}

pub(crate) fn cohort_view() -> Value {
    json!({
        "cohort_id": COHORT_ID,
        "counts": {"granted": 0, "partly": 1, "refused": 0, "withdrawn": 0, "open": 0},
        "requests": [request_view()],
    })
}
