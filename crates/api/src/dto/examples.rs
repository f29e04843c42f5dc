//! Examples for the document. A test reads each of them back into its type.

use serde_json::{Value, json};

const OUTCOME_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c01";
const LOT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c02";
const TRANSFER_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c03";
const REQUEST_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c04";
const COHORT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c05";
const IMPORT_ID: &str = "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c06";
const LEARNER_NO: &str = "7KQ4M2XW9PDJ";

pub(crate) fn outcome() -> Value {
    json!({
        "source_ref": "2024-1-2023010101-MATH101-1",
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
        members.insert(
            "source_ref".to_owned(),
            json!("2024-1-2023010102-MATH101-1"),
        );
        members.insert("learner".to_owned(), json!({ "learner_no": LEARNER_NO }));
        members.insert("awarded_on".to_owned(), json!("2024-02-30"));
    }
    json!({ "outcomes": [outcome(), second] })
}

pub(crate) fn conversion() -> Value {
    json!({
        "receiving_institution": "10357",
        "programme": "EE-2024",
        "learners": [{ "learner_no": LEARNER_NO }],
    })
}

pub(crate) fn decision() -> Value {
    json!({"decision": "refuse", "text": "材料不全"})
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
        "code": "DATE_INVALID",
        "zh": "日期应为日历中存在的 YYYY-MM-DD",
        "en": "a date is written YYYY-MM-DD and stands in the calendar",
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

pub(crate) fn reversal() -> Value {
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

pub(crate) fn balance_view() -> Value {
    let sums = |mut row: Value| {
        if let Some(members) = row.as_object_mut() {
            for (name, sum) in [("available", "21.50"), ("held", "3.00"), ("used", "6.00")] {
                members.insert(name.to_owned(), json!(sum));
            }
            members.insert("expired".to_owned(), json!("0.00"));
            members.insert("withdrawn".to_owned(), json!("0.00"));
        }
        row
    };
    json!({
        "learner_no": LEARNER_NO,
        "by_unit": [sums(json!({"unit": "credit"}))],
        "rows": [sums(json!({"unit": "credit", "category": "course", "year": 2024}))],
    })
}

pub(crate) fn movements_view() -> Value {
    json!({
        "movements": [{
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
        }],
        "next_cursor": "AZeiwGoAfD6dSy8eimtcAw",
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
        "started_at": "2024-07-02T01:15:00Z",
        "finished_at": "2024-07-02T01:15:02Z",
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
        "counts": {"granted": 0, "partly": 1, "refused": 0, "open": 0},
        "requests": [request_view()],
    })
}

pub(crate) fn problem() -> Value {
    json!({
        "type": "urn:creditbank:problem:not-found",
        "title": "没有找到",
        "status": 404,
        "code": "NOT_FOUND",
        "reason": {"zh": "没有找到", "en": "there is no such thing for this client"},
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    })
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::auth::fixture::now;
    use crate::dto::account::{AccountBatchBody, AccountBatchView, AccountView};
    use crate::dto::conversion::{ConversionBody, DecisionBody};
    use crate::dto::conversion_view::{CohortView, RequestView};
    use crate::dto::import::ImportView;
    use crate::dto::learner::{BalanceView, MovementsView};
    use crate::dto::merging::{
        CandidatesView, DismissalView, MergeView, SettlementBody, UnmergeBody,
    };
    use crate::dto::outcome::{BatchBody, OutcomeBody};
    use crate::dto::outcome_view::{BatchView, OutcomeView};
    use crate::problem::{Place, ProblemView};

    fn check<T: Serialize + DeserializeOwned>(example: Value) {
        let read: T = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), example);
    }

    #[test]
    fn answers_are_what_their_types_write() {
        check::<OutcomeView>(outcome_view());
        check::<BatchView>(batch_view());
        check::<AccountView>(account_view());
        check::<AccountBatchView>(account_batch_view());
        check::<MergeView>(merge_view());
        check::<CandidatesView>(candidates_view());
        check::<DismissalView>(dismissal_view());
        check::<BalanceView>(balance_view());
        check::<MovementsView>(movements_view());
        check::<ImportView>(import_view());
        check::<RequestView>(request_view());
        check::<CohortView>(cohort_view());
        check::<ProblemView>(problem());
    }

    #[test]
    fn bodies_mean_what_they_show() {
        let today = now().date_naive();
        let body: OutcomeBody = serde_json::from_value(outcome()).unwrap();
        assert!(body.read(&Place::root(), today).is_ok());
        let body: BatchBody = serde_json::from_value(batch()).unwrap();
        let read: Vec<_> = body
            .outcomes
            .iter()
            .map(|it| it.read(&Place::root(), today).is_ok())
            .collect();
        assert_eq!(read, [true, false]);
        let body: AccountBatchBody = serde_json::from_value(account_batch()).unwrap();
        assert!(body.accounts[0].read(&Place::root(), today).is_ok());
        let body: UnmergeBody = serde_json::from_value(reversal()).unwrap();
        assert!(body.read().is_ok());
        let body: SettlementBody = serde_json::from_value(settlement()).unwrap();
        assert!(body.read().is_ok());
        let body: ConversionBody = serde_json::from_value(conversion()).unwrap();
        assert!(body.read(today).is_ok());
        let body: DecisionBody = serde_json::from_value(decision()).unwrap();
        assert!(body.read().is_ok());
    }
}
