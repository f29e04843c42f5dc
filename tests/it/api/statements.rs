//! Balances of the past and statements over HTTP.

use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use kit::{RECEIVING, SCHOOL, TestApp, UNIVERSITY, outcome};
use serde_json::json;

/// A learner of the school with 6.00 converted, awarded in January and recorded in November 2026.
async fn start() -> (TestApp, LearnerNo) {
    let app = TestApp::start().await;
    let bank = app.bank();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    (app, number)
}

fn path(number: LearnerNo, what: &str) -> String {
    format!("/v1/learners/{number}/{what}")
}

#[actix_web::test]
async fn a_balance_of_the_past_says_of_when_it_is() {
    let (app, number) = start().await;
    let learner = app.learner(number);
    let ask = async |query: &str| {
        let answer = learner.get(&path(number, &format!("balance{query}"))).await;
        answer.expect(200).body
    };
    let today = ask("").await;
    assert!(today.get("as_of").is_none());
    let recorded = ask("?as_of=2026-11-22").await;
    let at = json!({ "by": "recorded", "at": "2026-11-22T15:59:59.999999Z" });
    assert_eq!(recorded["as_of"], at);
    assert_eq!(recorded["rows"], today["rows"]);
    let before = ask("?as_of=2026-11-22T00:59:59Z&by=recorded").await;
    assert_eq!(
        (&before["by_unit"], &before["rows"]),
        (&json!([]), &json!([]))
    );
    let learned = ask("?as_of=2026-01-31&by=learned").await;
    assert_eq!(
        learned["as_of"],
        json!({ "by": "learned", "on": "2026-01-31" })
    );
    assert_eq!(learned["by_unit"][0]["available"], "6.00");
    let school = app.caller(&[Role::Registrar], SCHOOL);
    let early = path(number, "balance?as_of=2020-01-01");
    assert_eq!(school.get(&early).await.expect(200).body["rows"], json!([]));
    let stranger = app.caller(&[Role::Registrar], UNIVERSITY);
    stranger.get(&early).await.refused(404, "NOT_FOUND");
}

#[actix_web::test]
async fn what_is_no_day_moment_or_period_is_refused_by_its_place() {
    let (app, number) = start().await;
    let learner = app.learner(number);
    let check = async |what: &str, place: &str, code: &str| {
        let answer = learner.get(&path(number, what)).await;
        let (status, kind) = match code {
            // Well-formed, and without a meaning.
            "DATE_OUT_OF_RANGE" | "AS_OF_MISSING" => (422, "INVALID_VALUES"),
            _ => (400, "QUERY_PARAMETER_INVALID"),
        };
        let answer = answer.refused(status, kind);
        assert_eq!(answer.first_error(), (place, code), "{what}");
    };
    check("balance?as_of=soon", "as_of", "AS_OF_MALFORMED").await;
    check("balance?as_of=1949-12-31", "as_of", "DATE_OUT_OF_RANGE").await;
    check(
        "balance?as_of=2101-01-01&by=learned",
        "as_of",
        "DATE_OUT_OF_RANGE",
    )
    .await;
    check(
        "balance?as_of=2026-01-31&by=heart",
        "by",
        "AS_OF_BY_UNKNOWN",
    )
    .await;
    check("balance?by=learned", "by", "AS_OF_MISSING").await;
    check("statement", "from", "PARAMETER_MISSING").await;
    check("statement?from=2026-01-01", "to", "PARAMETER_MISSING").await;
    check(
        "statement?from=2026-02-30&to=2026-12-31",
        "from",
        "DATE_INVALID",
    )
    .await;
    let reversed = path(number, "statement?from=2026-12-31&to=2026-01-01");
    learner.get(&reversed).await.refused(422, "PERIOD_REVERSED");
    let whole = path(number, "statement?from=1950-01-01&to=2100-12-31");
    let _ = learner.get(&whole).await.expect(200);
}

#[actix_web::test]
async fn a_statement_shows_everybody_what_they_may_see_and_adds_up() {
    let (app, number) = start().await;
    let ask = path(number, "statement?from=2026-11-22&to=2026-11-22");
    let check = async |caller: kit::Caller, moved: usize, closing: [&str; 2]| {
        let body = caller.get(&ask).await.expect(200).body;
        let movements = body["movements"].as_array().unwrap();
        assert_eq!(movements.len(), moved);
        let unit = &body["units"][0];
        assert_eq!(unit["opening"]["available"], "0.00");
        assert_eq!(unit["closing"]["available"], closing[0]);
        assert_eq!(unit["closing"]["used"], closing[1]);
        assert_eq!(movements.last().unwrap()["balance_after"], unit["closing"]);
    };
    check(app.learner(number), 4, ["6.00", "6.00"]).await;
    check(
        app.caller(&[Role::Auditor], UNIVERSITY),
        4,
        ["6.00", "6.00"],
    )
    .await;
    check(app.caller(&[Role::Registrar], SCHOOL), 3, ["0.00", "6.00"]).await;
    check(
        app.caller(&[Role::Registrar], RECEIVING),
        1,
        ["6.00", "0.00"],
    )
    .await;
    let stranger = app.caller(&[Role::Registrar], UNIVERSITY);
    stranger.get(&ask).await.refused(404, "NOT_FOUND");
}
