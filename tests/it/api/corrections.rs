//! Corrections and holds over HTTP: what is answered, kept under a key, and refused.

use creditbank_domain::authz::Role;
use kit::{SCHOOL, TestApp, UNIVERSITY, outcome};
use serde_json::{Value, json};

fn because() -> Value {
    json!({ "reason": "GRADE_APPEAL", "document_number": "教务更正〔2026〕3号" })
}

#[actix_web::test]
async fn a_correction_answers_with_what_followed_and_is_replayed_under_its_key() {
    let app = TestApp::start().await;
    let bank = app.bank();
    let report = outcome("MATH101").source("s-1").grade("71");
    let posted = bank.post(UNIVERSITY, report.build());
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let body = json!({ "source_ref": "s-1", "because": because(), "grade": "58" });
    let first = registrar.post("/v1/corrections", "k-1", &body).await;
    let first = first.expect(201);
    assert_eq!(first.body["outcome_id"], posted.outcome_id.to_string());
    assert_eq!(first.body["withdrawn"][0]["amount"], "4.00");
    let reason = &first.body["successor"]["earned_nothing"]["code"];
    assert_eq!(reason, "GRADE_TOO_LOW");
    let again = registrar.post("/v1/corrections", "k-1", &body).await;
    let again = again.expect(201);
    assert_eq!((again.replayed(), &again.text), (true, &first.text));
    registrar
        .post("/v1/corrections", "k-2", &body)
        .await
        .refused(422, "NOTHING_TO_CORRECT");
    let secretariat = app.caller(&[Role::Secretariat], UNIVERSITY);
    let undo = format!(
        "/v1/corrections/{}/reversal",
        first.body["correction_id"].as_str().unwrap()
    );
    let body = json!({ "because": because() });
    let undone = secretariat.post(&undo, "u-1", &body).await.expect(201);
    assert_eq!(undone.body["successor"]["lots"][0]["amount"], "4.00");
    secretariat
        .post(&undo, "u-2", &body)
        .await
        .refused(409, "ALREADY_REVERSED");
    assert_eq!(bank.credits(posted.learner_no).0, "4.00");
}

#[actix_web::test]
async fn each_wrong_part_of_a_correction_is_named_and_nothing_changes() {
    let app = TestApp::start().await;
    let bank = app.bank();
    bank.post(UNIVERSITY, outcome("MATH101").source("s-1").build());
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let written = app.written();
    let check = async |changed: Value, place: &str, code: &str| {
        let mut body = json!({ "source_ref": "s-1", "because": because() });
        for (name, value) in changed.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = registrar.post("/v1/corrections", "k", &body).await;
        let answer = answer.refused(422, "INVALID_VALUES");
        assert_eq!(answer.first_error(), (place, code));
    };
    check(json!({"grade": "101"}), "/grade", "GRADE_OUT_OF_RANGE").await;
    check(
        json!({"awarded_on": "2026-02-30"}),
        "/awarded_on",
        "DATE_INVALID",
    )
    .await;
    let stated = json!({"stated": [{"unit": "credit", "amount": "1.005"}]});
    check(stated, "/stated/0/amount", "AMOUNT_TOO_PRECISE").await;
    let reason = json!({"because": {"reason": "MOOD", "document_number": "1"}});
    check(reason, "/because/reason", "WORD_UNKNOWN").await;
    let document = json!({"because": {"reason": "MISCONDUCT", "document_number": " "}});
    check(document, "/because/document_number", "TEXT_MISSING").await;
    let body = json!({ "source_ref": "nowhere", "because": because() });
    registrar
        .post("/v1/withdrawals", "k", &body)
        .await
        .refused(422, "SOURCE_REF_UNKNOWN");
    assert_eq!(app.written(), written);
}

#[actix_web::test]
async fn a_hold_is_made_settled_and_released_each_once_for_its_key() {
    let app = TestApp::start().await;
    let bank = app.bank();
    let posted = bank.post(SCHOOL, outcome("CERT-A").build());
    let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let holds = format!("/v1/learners/{}/holds", posted.learner_no);
    let body = |amount: &str| {
        json!({
            "lot_id": posted.lots[0].lot_id.to_string(),
            "amount": { "unit": "credit", "amount": amount },
            "purpose": "title_review",
            "expires_at": "2026-12-31T00:00:00Z",
        })
    };
    officer
        .post(&holds, "k-0", &body("6.01"))
        .await
        .refused(422, "NOT_AS_MUCH");
    let hold = officer.post(&holds, "k-1", &body("5.00")).await.expect(201);
    let again = officer.post(&holds, "k-1", &body("5.00")).await.expect(201);
    assert_eq!((again.replayed(), &again.body), (true, &hold.body));
    let hold = format!("{holds}/{}", hold.body["hold_id"].as_str().unwrap());
    let settlement = format!("{hold}/settlement");
    for _ in 0..2 {
        let body = json!({ "amount": "1.50" });
        let settled = officer.post(&settlement, "s-1", &body).await.expect(200);
        assert_eq!(settled.body["settled"], "1.50");
    }
    let release = format!("{hold}/release");
    let released = officer.post(&release, "r-1", &json!({})).await.expect(200);
    assert_eq!(released.body["released"], "3.50");
    assert_eq!(
        bank.credits(posted.learner_no),
        ("4.50".into(), "0.00".into(), "1.50".into())
    );
}
