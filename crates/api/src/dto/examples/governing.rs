//! Those who govern: documents, meetings, rule sets, people, arrangements.

use serde_json::{Value, json};

const ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c31";
const PERSON: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c32";
const OTHER: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c33";
const NUMBER: &str = "继教合作联盟〔2021〕12号";
const TITLE: &str = "安徽高校继续教育合作联盟关于设立学分银行建设专门委员会的通知";

pub(crate) fn document() -> Value {
    json!({ "number": NUMBER, "title": TITLE, "kind": "notice",
            "issued_by": "安徽高校继续教育合作联盟" })
}

pub(crate) fn document_view() -> Value {
    json!({ "number": NUMBER, "title": TITLE, "kind": "notice",
            "issued_by": "安徽高校继续教育合作联盟", "revision": 1,
            "recorded_at": "2026-07-02T01:15:00Z" })
}

pub(crate) fn resolution() -> Value {
    json!({ "no": 1, "text_zh": "审议通过建设方案", "outcome": "adopted",
            "document_number": NUMBER })
}

fn resolution_view() -> Value {
    json!({ "meeting": "2021-07-26", "held_on": "2021-07-26", "no": 1,
            "text_zh": "审议通过建设方案", "outcome": "adopted", "document_number": NUMBER })
}

pub(crate) fn meeting() -> Value {
    json!({ "code": "2021-07-26", "kind": "committee", "title_zh": "设立工作会议",
            "held_on": "2021-07-26", "attendees": [{ "part": "chair", "institution": "10357" }],
            "resolutions": [resolution()] })
}

pub(crate) fn meeting_view() -> Value {
    json!({ "meeting_id": ID, "code": "2021-07-26", "kind": "committee",
            "title_zh": "设立工作会议", "held_on": "2021-07-26",
            "attendees": [{ "part": "chair", "institution": "10357" }],
            "resolutions": [resolution_view()] })
}

pub(crate) fn rule_document() -> Value {
    json!({ "content": "format: 1\ncode: R-DE\nreceiving: \"90002\"\n" })
}

fn rule_set_row() -> Value {
    json!({ "rule_set_id": ID, "receiving": "90002", "code": "R-DE", "version": 1,
            "state": "proposed", "programmes": [], "document_number": NUMBER,
            "valid_from": "2026-09-01", "proposed_by": PERSON, "approvals": 1 })
}

pub(crate) fn rule_sets_view() -> Value {
    json!({ "rule_sets": [rule_set_row()] })
}

pub(crate) fn rule_set_view() -> Value {
    json!({ "rule_set": rule_set_row(), "content": "format: 1\ncode: R-DE\n",
            "votes": [{ "voter": OTHER, "vote": "approve", "committee": "CREDIT-BANK",
                        "recorded_at": "2026-07-02T01:15:00Z" }],
            "resolutions": [resolution_view()] })
}

pub(crate) fn rule_changes_view() -> Value {
    json!({ "changes": [{ "kind": "changed", "path": "rules/R-DE-01/when/minimum_grade",
                          "from": "\"60\"", "to": "\"65\"",
                          "zh": "规则 R-DE-01 的最低成绩由 60 改为 65",
                          "en": "the minimum grade of rule R-DE-01 is 65, and was 60" }] })
}

pub(crate) fn appointment() -> Value {
    json!({ "person_id": PERSON, "institution": "90002", "roles": ["reviewer"] })
}

pub(crate) fn membership_view() -> Value {
    json!({ "membership_id": ID, "person_id": PERSON, "name": "王小明", "institution": "90002",
            "roles": ["reviewer"], "from": "2026-07-02T01:15:00Z" })
}

pub(crate) fn committee() -> Value {
    json!({ "code": "CREDIT-BANK", "title": "学分银行建设专门委员会",
            "members": [{ "person_id": PERSON, "institution": "90002", "since": "2026-07-01" }] })
}

pub(crate) fn committee_view() -> Value {
    json!({ "code": "CREDIT-BANK", "title": "学分银行建设专门委员会",
            "seats": [{ "member": PERSON, "institution": "90002", "since": "2026-07-01" }] })
}

pub(crate) fn departure() -> Value {
    json!({ "member": PERSON, "last_day": "2026-12-31" })
}

pub(crate) fn helper() -> Value {
    json!({ "person_id": PERSON, "scopes": ["learners:read"], "until": "2026-12-31T15:59:59Z" })
}

pub(crate) fn helper_view() -> Value {
    json!({ "consent_id": ID, "person_id": PERSON, "scopes": ["learners:read"],
            "given_at": "2026-07-02T01:15:00Z", "until": "2026-12-31T15:59:59Z" })
}

pub(crate) fn chain() -> Value {
    json!({ "institution": "90002", "valid_from": "2026-09-01", "document_number": NUMBER,
            "document_title": TITLE, "answer_days": 10,
            "stages": [{ "name_zh": "院校审定", "name_en": "decision", "party": "receiving",
                         "approvals": 1, "working_days": 15, "reviewers": [] }] })
}

pub(crate) fn chains_view() -> Value {
    json!({ "chains": [{ "chain_id": ID, "institution": "90002", "valid_from": "2026-09-01",
            "document_number": NUMBER, "answer_days": 10,
            "stages": [{ "name_zh": "院校审定", "name_en": "decision", "party": "receiving",
                         "approvals": 1, "working_days": 15, "reviewers": [PERSON] }] }] })
}

pub(crate) fn delegation() -> Value {
    json!({ "institution": "90002", "delegate": OTHER, "from": "2026-07-06",
            "to": "2026-07-17" })
}

pub(crate) fn delegation_view() -> Value {
    json!({ "delegation_id": ID, "institution": "90002", "absent": PERSON, "delegate": OTHER,
            "from": "2026-07-06", "to": "2026-07-17", "recorded_at": "2026-07-02T01:15:00Z" })
}

pub(crate) fn calendar() -> Value {
    json!({ "year": 2027, "source": "国务院办公厅", "example": true,
            "days": [{ "day": "2027-01-01", "kind": "holiday", "name": "元旦" }] })
}

pub(crate) fn notices_view() -> Value {
    json!({ "unread": 1, "due": [],
            "notices": [{ "notice_id": ID, "kind": "request_decided", "zh": "申请已作出决定",
                          "en": "a request was decided", "recorded_at": "2026-07-02T01:15:00Z",
                          "read": false, "request_id": OTHER }] })
}

pub(crate) fn notice_mark() -> Value {
    json!({ "up_to": ID })
}

pub(crate) fn documents_view() -> Value {
    json!({ "documents": [document_view()] })
}

pub(crate) fn document_detail_view() -> Value {
    json!({ "document": document_view(), "rule_sets": [rule_set_row()],
            "resolutions": [resolution_view()] })
}

pub(crate) fn voted_view() -> Value {
    json!({ "approvals": 1, "needed": 5, "approved": false, "rule_set": rule_set_view() })
}

pub(crate) fn meetings_view() -> Value {
    json!({ "meetings": [meeting_view()] })
}

pub(crate) fn memberships_view() -> Value {
    json!({ "memberships": [membership_view()] })
}

pub(crate) fn committees_view() -> Value {
    json!({ "committees": [committee_view()] })
}

pub(crate) fn helpers_view() -> Value {
    json!({ "helpers": [helper_view()] })
}

pub(crate) fn chain_view() -> Value {
    let mut chains = chains_view();
    chains
        .pointer_mut("/chains/0")
        .map(Value::take)
        .unwrap_or_default()
}

pub(crate) fn delegations_view() -> Value {
    json!({ "delegations": [delegation_view()] })
}

pub(crate) fn calendar_view() -> Value {
    calendar()
}

pub(crate) fn calendars_view() -> Value {
    json!({ "years": [calendar()] })
}

pub(crate) fn unread_view() -> Value {
    json!({ "unread": 3 })
}
