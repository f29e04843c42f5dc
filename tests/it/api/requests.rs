//! Requests on their way over HTTP: versions, questions, work lists, appeals.

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use kit::{Answer, RECEIVING};
use serde_json::{Value, json};

use super::conversions::{Conversions, PATH, request_path};
use super::{as_the_rules_say, decision_of};

/// Sends a decision by somebody who has seen a version.
async fn decide_seen(all: &Conversions, path: &str, key: &str, tag: &str, body: &Value) -> Answer {
    let request = TestRequest::post()
        .uri(path)
        .insert_header(("idempotency-key", key))
        .insert_header(("if-match", tag))
        .set_json(body);
    all.reviewer.send(request).await
}

#[actix_web::test]
async fn whoever_decides_by_an_older_version_is_told_the_newer_one() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A"], "85");
    let path = request_path(&all.ask("k-1", &["XS20230001"]).await, 0);
    let read = all.reviewer.get(&path).await.expect(200);
    assert_eq!(
        (read.header("etag"), &read.body["version"]),
        ("\"0\"", &json!(0))
    );
    let decision = decision_of(&path);
    let ask = json!({ "decision": "ask", "text": "请补交证书扫描件" });
    let asked = decide_seen(&all, &decision, "d-1", "\"0\"", &ask)
        .await
        .expect(200);
    assert_eq!(asked.header("etag"), "\"1\"");
    assert_eq!(asked.body["progress"]["turn"], "applicant");
    assert_eq!(
        asked.body["progress"]["steps"][1]["text"],
        "请补交证书扫描件"
    );
    let stale = decide_seen(&all, &decision, "d-2", "\"0\"", &as_the_rules_say()).await;
    let stale = stale.refused(412, "VERSION_STALE");
    assert_eq!(stale.header("etag"), "\"1\"");
    let malformed = decide_seen(&all, &decision, "d-3", "W/\"1\"", &as_the_rules_say()).await;
    malformed.refused(400, "IF_MATCH_MALFORMED");
    // Nobody decides while the school has the turn.
    let early = decide_seen(&all, &decision, "d-4", "*", &as_the_rules_say()).await;
    early.refused(409, "SUPPLEMENT_AWAITED");
    let answer = json!({ "text": "已补交" });
    let answered = all
        .school
        .post(&format!("{path}/answer"), "a-1", &answer)
        .await
        .expect(200);
    let tag = answered.header("etag").to_owned();
    let decided = decide_seen(&all, &decision, "d-5", &tag, &as_the_rules_say()).await;
    assert_eq!(decided.expect(200).body["state"], "granted");
    // The first answer comes back under its key, however old the version is by now.
    let again = decide_seen(&all, &decision, "d-1", "\"0\"", &ask)
        .await
        .expect(200);
    assert!(again.replayed());
}

#[actix_web::test]
async fn a_work_list_shows_each_side_what_is_open_exceptions_first() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A"], "85");
    all.learner("XS20230002", &["CERT-LOW"], "85");
    all.learner("XS20230003", &["CERT-B"], "85");
    let asked = all
        .ask("k-1", &["XS20230001", "XS20230002", "XS20230003"])
        .await;
    let open = async |caller: &kit::Caller, query: &str| {
        let answer = caller.get(&format!("{PATH}{query}")).await.expect(200);
        let requests = answer.body["requests"].as_array().unwrap().len();
        (
            requests,
            answer.body["next_cursor"].as_str().map(str::to_owned),
        )
    };
    assert_eq!(open(&all.reviewer, "").await.0, 3);
    assert_eq!(open(&all.school, "?marked=true").await.0, 1);
    assert_eq!(
        open(&all.reviewer, "?marked=false&party=receiving").await.0,
        2
    );
    assert_eq!(open(&all.reviewer, "?party=bank").await.0, 0);
    assert_eq!(open(&all.reviewer, "?overdue=true").await.0, 0);
    let elsewhere = all.app.caller(&[Role::Reviewer], kit::UNIVERSITY);
    assert_eq!(open(&elsewhere, "").await.0, 0);
    let (first, cursor) = open(&all.reviewer, "?limit=2").await;
    let rest = open(
        &all.reviewer,
        &format!("?limit=2&cursor={}", cursor.unwrap()),
    )
    .await;
    assert_eq!((first, rest), (2, (1, None)));
    let path = decision_of(&request_path(&asked, 0));
    let decided = all.reviewer.post(&path, "d-1", &as_the_rules_say()).await;
    assert_eq!(decided.status, 200);
    assert_eq!(open(&all.reviewer, "").await.0, 2);
    all.reviewer
        .get(&format!("{PATH}?marked=maybe"))
        .await
        .refused(400, "QUERY_PARAMETER_INVALID");
    all.reviewer
        .get(&format!("{PATH}?state=open"))
        .await
        .refused(400, "QUERY_PARAMETER_INVALID");
}

#[actix_web::test]
async fn an_outcome_that_is_not_accepted_is_told_with_its_reason_and_appealed_against_once() {
    let all = Conversions::start().await;
    all.learner("XS20230001", &["CERT-A", "CERT-B"], "85");
    let path = request_path(&all.ask("k-1", &["XS20230001"]).await, 0);
    let read = all.reviewer.get(&path).await.expect(200);
    let outcome = &read.body["lines"][0]["outcome_id"];
    let without = |reason: &str| {
        json!({
            "decision": "as_the_rules_say",
            "not_accepted": [{ "outcome_id": outcome, "reason": reason, "text": "编号不符" }],
        })
    };
    let decision = decision_of(&path);
    let unknown = all
        .reviewer
        .post(&decision, "d-1", &without("NO_SUCH_REASON"))
        .await;
    let unknown = unknown.refused(422, "INVALID_VALUES");
    assert_eq!(unknown.first_error().0, "/not_accepted/0/reason");
    let ruled = all
        .reviewer
        .post(&decision, "d-2", &without("CAP_PROGRAMME"))
        .await;
    ruled.refused(422, "REASON_NOT_FOR_REVIEWERS");
    let decided = all
        .reviewer
        .post(&decision, "d-3", &without("EVIDENCE_MISMATCH"))
        .await;
    let decided = decided.expect(200);
    assert_eq!(decided.body["state"], "partly");
    let lines = decided.body["lines"].as_array().unwrap();
    let line = lines
        .iter()
        .find(|line| line["outcome_id"] == *outcome)
        .unwrap();
    assert_eq!(line["reason"]["code"], "EVIDENCE_MISMATCH");
    let because = json!({ "text": "原件已送达" });
    let appeal = all
        .school
        .post(&format!("{path}/appeal"), "p-1", &because)
        .await
        .expect(201);
    let place = format!("{PATH}/{}", appeal.body["request_id"].as_str().unwrap());
    assert_eq!(appeal.header("location"), place);
    assert_eq!(
        appeal.body["progress"]["appeals"],
        decided.body["request_id"]
    );
    let second = all
        .school
        .post(&format!("{path}/appeal"), "p-2", &because)
        .await;
    second.refused(409, "APPEALED_ALREADY");
    // The same reviewer does not decide it; another one does.
    let decision = decision_of(&place);
    let same = all
        .reviewer
        .post(&decision, "d-4", &as_the_rules_say())
        .await;
    same.refused(422, "OWN_REQUEST");
    let other = all.app.caller(&[Role::Reviewer, Role::Auditor], RECEIVING);
    let decided = other
        .post(&decision, "d-5", &as_the_rules_say())
        .await
        .expect(200);
    assert_eq!(decided.body["state"], "granted");
}
