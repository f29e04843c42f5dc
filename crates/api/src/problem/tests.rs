use std::collections::BTreeMap;

use creditbank_ledger::LedgerError;
use serde_json::Value;

use super::render::ProblemView;
use super::*;

fn check(error: impl Into<ApiError>, status: u16, code: &str) {
    let problem = error.into().problem();
    assert_eq!((problem.status, problem.code.as_ref()), (status, code));
    if status >= 500 {
        assert!(
            problem.detail.is_none() && problem.errors.is_empty(),
            "{code} has detail"
        );
    }
}

fn fault() -> Fault {
    Fault::new("SOME_CODE", "中文", "English")
}

#[test]
fn refusals_of_the_ledger_have_their_status_and_code() {
    let boxed = || Box::new(std::io::Error::other("x"));
    check(LedgerError::NotFound, 404, "NOT_FOUND");
    check(LedgerError::Denied(Denied::NoRight), 403, "NO_RIGHT");
    check(LedgerError::Denied(Denied::Hidden), 404, "NOT_FOUND");
    check(LedgerError::Refused(fault()), 422, "SOME_CODE");
    check(LedgerError::Conflict(fault()), 409, "SOME_CODE");
    check(LedgerError::NoRoom(fault()), 429, "SOME_CODE");
    check(
        LedgerError::IdempotencyKeyReused,
        422,
        "IDEMPOTENCY_KEY_REUSED",
    );
    check(LedgerError::Unavailable(boxed()), 503, "UNAVAILABLE");
    check(LedgerError::Corrupt("outcomes.grade"), 500, "INTERNAL");
    check(LedgerError::Migration(boxed()), 500, "INTERNAL");
}

#[test]
fn refusals_of_the_desk_have_their_status_and_code() {
    check(DeskError::NotFound, 404, "NOT_FOUND");
    check(DeskError::StillRunning, 409, "IMPORT_STILL_RUNNING");
    check(DeskError::Refused(fault()), 422, "SOME_CODE");
    check(
        DeskError::Busy {
            retry_after_seconds: 9,
        },
        503,
        "UNAVAILABLE",
    );
    check(
        DeskError::Storage(std::io::Error::other("x")),
        500,
        "INTERNAL",
    );
    check(
        DeskError::Ledger(LedgerError::Conflict(fault())),
        409,
        "SOME_CODE",
    );
}

#[test]
fn what_is_to_be_retried_says_when() {
    let problem = ApiError::Overloaded {
        retry_after_seconds: 7,
    }
    .problem();
    assert_eq!(
        problem.headers,
        [("retry-after".to_owned(), "7".to_owned())]
    );
}

async fn sent(error: ApiError, language: Language) -> (BTreeMap<String, String>, Value) {
    let response = render(&error.into(), language, "0af7651916cd43dd8448eb211c80319c");
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.collect();
    let body = actix_web::body::to_bytes(response.into_body())
        .await
        .unwrap();
    (headers, serde_json::from_slice(&body).unwrap())
}

#[actix_web::test]
async fn a_refusal_is_sent_in_the_readers_language_and_names_every_place() {
    let at = Place::root().child("outcomes").child(3).child("awarded_on");
    let error = || ApiError::Meaning(vec![PlacedFault::at(&at, fault())]);
    let (headers, zh) = sent(error(), Language::Chinese).await;
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["content-language"], "zh-CN");
    assert_eq!(zh["type"], "/errors/invalid-values");
    assert_eq!(zh["title"], "请求中的值无效");
    assert_eq!(zh["status"], 422);
    assert_eq!(zh["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    let expected = serde_json::json!([{
        "pointer": "/outcomes/3/awarded_on", "code": "SOME_CODE", "zh": "中文", "en": "English",
    }]);
    assert_eq!(zh["errors"], expected);
    let (_, en) = sent(error(), Language::English).await;
    assert_eq!(en["title"], "values of the request mean nothing");
    assert_eq!(en["reason"], zh["reason"]);
    let _whole: ProblemView = serde_json::from_value(en).unwrap();
}

#[actix_web::test]
async fn a_failure_of_ours_tells_the_client_nothing() {
    let secret = LedgerError::Corrupt("learners.name");
    let (_, body) = sent(secret.into(), Language::English).await;
    assert!(!body.to_string().contains("learners"));
    assert!(body.get("detail").is_none());
}

#[test]
fn pointers_escape_what_rfc_6901_escapes() {
    assert_eq!(
        Place::root().child("a/b").child("c~d").as_str(),
        "/a~1b/c~0d"
    );
    let mut place = Place::root().child("x");
    place.prepend(3);
    place.prepend("a/b");
    assert_eq!(place.as_str(), "/a~1b/3/x");
}

#[test]
fn a_refusal_survives_being_kept_as_json() {
    let problem = Problem::of_fault(409, words::CONFLICT, &fault())
        .errors(&[PlacedFault::of_parameter("limit", fault())])
        .header("a", "b");
    let kept = serde_json::to_value(&problem).unwrap();
    assert_eq!(serde_json::from_value::<Problem>(kept).unwrap(), problem);
}
