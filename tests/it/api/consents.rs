//! By what right a learner's outcomes are shown to whoever decides, over HTTP: given, stated,
//! withdrawn, run out, and seen by the learner.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use creditbank_api::{Authentication, Clock};
use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::keep_house;
use kit::tokens::{AUDIENCE, ISSUER};
use kit::{
    Answer, Caller, RECEIVING, SCHOOL, TestApp, TestBank, UNIVERSITY, evidence_form, keeper, pdf,
};
use serde_json::{Value, json};

use super::conversions::{Conversions, PATH, cohort_path, request_path};
use super::{as_the_rules_say, decision_of, order};

const STUDENT: &str = "XS20230001";

fn of(number: LearnerNo) -> String {
    format!("/v1/learners/{number}/consents")
}

fn about(institution: &str, purpose: &str) -> Value {
    json!({ "institution": institution, "purpose": purpose })
}

async fn give(caller: &Caller, number: LearnerNo, key: &str, body: &Value) -> Answer {
    caller.post(&of(number), key, body).await
}

async fn withdraw(caller: &Caller, number: LearnerNo, key: &str, consent: &Answer) -> Answer {
    let id = consent.body["consent_id"].as_str().unwrap();
    let path = format!("{}/{id}/withdrawal", of(number));
    caller.post(&path, key, &json!({})).await
}

fn resting_on(basis: Value) -> Value {
    let mut body = order(&[STUDENT]);
    body["basis"] = basis;
    body
}

#[actix_web::test]
async fn a_request_rests_on_what_is_said_and_else_on_consent_and_else_on_the_application() {
    let all = Conversions::start().await;
    let number = all.learner(STUDENT, &["CERT-A", "CERT-B"], "85");
    let basis = |answer: &Answer| answer.body["requests"][0]["basis"].clone();
    let plain = basis(&all.ask("k-1", &[STUDENT]).await);
    assert_eq!(
        (&plain["kind"], &plain["stated"]),
        (&json!("contract"), &json!(false))
    );
    all.learner(STUDENT, &["CERT-C"], "85");
    let duty = json!({ "kind": "statutory_duty", "document_number": "皖教继〔2026〕1号" });
    let stated = all
        .school
        .post(PATH, "k-2", &resting_on(duty))
        .await
        .expect(201);
    assert_eq!(basis(&stated)["document_number"], "皖教继〔2026〕1号");
    assert!(
        basis(&stated)["article"]
            .as_str()
            .unwrap()
            .contains("13 (3)")
    );
    let learner = all.app.learner(number);
    let given = give(&learner, number, "c-1", &about(RECEIVING, "conversion"))
        .await
        .expect(201);
    all.learner(STUDENT, &["CERT-D"], "85");
    let rested = basis(&all.ask("k-3", &[STUDENT]).await);
    assert_eq!(rested["kind"], "consent");
    assert_eq!(rested["consent_id"], given.body["consent_id"]);
}

#[actix_web::test]
async fn a_basis_that_says_too_little_or_too_much_is_refused_at_its_place() {
    let all = Conversions::start().await;
    all.learner(STUDENT, &["CERT-A"], "85");
    for (nth, (basis, code)) in [
        (json!({ "kind": "because" }), "BASIS_UNKNOWN"),
        (json!({ "kind": "statutory_duty" }), "BASIS_DOCUMENT"),
        (
            json!({ "kind": "consent", "document_number": "1" }),
            "BASIS_DOCUMENT",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = all
            .school
            .post(PATH, &format!("k-{nth}"), &resting_on(basis))
            .await;
        let refused = refused.refused(422, "INVALID_VALUES");
        assert_eq!(refused.first_error(), ("/basis", code));
    }
    assert_eq!(all.app.rows("conversion_requests"), 0);
}

#[actix_web::test]
async fn no_other_consent_carries_a_request_than_one_about_the_receiver_for_conversion() {
    let all = Conversions::start().await;
    let number = all.learner(STUDENT, &["CERT-A"], "85");
    let learner = all.app.learner(number);
    let missing = async |key: &str, code: &str| {
        let body = resting_on(json!({ "kind": "consent" }));
        let refused = all.school.post(PATH, key, &body).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!(refused.first_error().1, code);
    };
    missing("k-1", "CONSENT_MISSING").await;
    let _ = give(&learner, number, "c-1", &about(UNIVERSITY, "conversion"))
        .await
        .expect(201);
    let _ = give(&learner, number, "c-2", &about(RECEIVING, "admission"))
        .await
        .expect(201);
    let mut later = about(RECEIVING, "conversion");
    later["valid_from"] = json!("2027-01-01");
    let _ = give(&learner, number, "c-3", &later).await.expect(201);
    missing("k-2", "CONSENT_MISSING").await;
    let given = give(&learner, number, "c-4", &about(RECEIVING, "conversion"))
        .await
        .expect(201);
    let _ = withdraw(&learner, number, "w-1", &given).await.expect(200);
    missing("k-3", "CONSENT_WITHDRAWN").await;
    // Nor does silence pass a withdrawal over; a basis that is stated does.
    let silent = all.school.post(PATH, "k-4", &order(&[STUDENT])).await;
    assert_eq!(silent.first_error().1, "CONSENT_WITHDRAWN");
    let contract = resting_on(json!({ "kind": "contract", "document_number": "申请〔2026〕7号" }));
    let _ = all.school.post(PATH, "k-5", &contract).await.expect(201);
}

#[actix_web::test]
async fn a_withdrawal_takes_open_requests_back_and_closes_what_was_decided() {
    let all = Conversions::start().await;
    let number = all.learner(STUDENT, &["CERT-A"], "85");
    let learner = all.app.learner(number);
    let given = give(&learner, number, "c-1", &about(RECEIVING, "conversion"))
        .await
        .expect(201);
    let first = all.ask("k-1", &[STUDENT]).await;
    let decided = request_path(&first, 0);
    let granted = all
        .reviewer
        .post(&decision_of(&decided), "d-1", &as_the_rules_say())
        .await;
    assert_eq!(granted.expect(200).body["state"], "granted");
    all.learner(STUDENT, &["CERT-B"], "85");
    let second = all.ask("k-2", &[STUDENT]).await;
    let open = request_path(&second, 0);
    let form = evidence_form(&format!("{open}/evidence"), "other", "a.pdf", &pdf("x"));
    let _ = all.school.send(form).await.expect(201);
    let held = |app: &TestApp| app.bank().credits(number).1;
    assert_ne!(held(&all.app), "0.00");
    let ended = withdraw(&learner, number, "w-1", &given).await.expect(200);
    assert_eq!(ended.body["stands"], false);
    let again = withdraw(&learner, number, "w-1", &given).await.expect(200);
    assert!(again.replayed());
    withdraw(&learner, number, "w-2", &given)
        .await
        .refused(409, "CONSENT_WITHDRAWN");
    assert_eq!(held(&all.app), "0.00");
    for path in [
        &decided,
        &open,
        &format!("{open}/evidence"),
        &cohort_path(&first),
    ] {
        all.reviewer
            .get(path)
            .await
            .refused(422, "CONSENT_WITHDRAWN");
        let _ = learner.get(path).await.expect(200);
        let _ = all.school.get(path).await.expect(200);
    }
    let told = all.school.get(&open).await.expect(200);
    assert_eq!(told.body["state"], "withdrawn");
    let why = told.body["progress"]["steps"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert!(
        why["text"].as_str().unwrap().contains("撤回了同意"),
        "{why}"
    );
    let late = all
        .reviewer
        .post(&decision_of(&open), "d-2", &as_the_rules_say())
        .await;
    late.refused(409, "ALREADY_DECIDED");
    // What was granted in time stands.
    assert_eq!(
        all.school.get(&decided).await.expect(200).body["state"],
        "granted"
    );
}

#[actix_web::test]
async fn a_consent_that_runs_out_shows_nothing_from_the_next_day_and_ends_what_is_open() {
    let days = Arc::new(AtomicI64::new(0));
    let passed = Arc::clone(&days);
    let clock = Clock::from_fn(move || {
        TestBank::opening() + TimeDelta::days(passed.load(Ordering::Relaxed))
    });
    let app = TestApp::start_with(Authentication::new(ISSUER, AUDIENCE), clock).await;
    let all = Conversions {
        school: app.caller(&[Role::SchoolOfficer], SCHOOL),
        reviewer: app.caller(&[Role::Reviewer], RECEIVING),
        app,
    };
    let number = all.learner(STUDENT, &["CERT-A"], "85");
    let learner = all.app.learner(number);
    let mut body = about(RECEIVING, "conversion");
    body["valid_until"] = json!("2026-11-21");
    give(&learner, number, "c-1", &body)
        .await
        .refused(422, "CONSENT_TERM");
    body["valid_until"] = json!("2026-11-22");
    let _ = give(&learner, number, "c-2", &body).await.expect(201);
    let request = request_path(&all.ask("k-1", &[STUDENT]).await, 0);
    let _ = all.reviewer.get(&request).await.expect(200);
    // A token lives for an hour, so the callers sign again.
    days.store(1, Ordering::Relaxed);
    let ledger = all.app.bank().ledger();
    let tomorrow = TestBank::opening() + TimeDelta::days(1);
    let refused = kit::tokens::claims(
        all.app.client(Some(RECEIVING), None, &[Role::Reviewer]),
        Some(all.app.bank().institution(RECEIVING)),
        None,
        &[Role::Reviewer],
        tomorrow,
    );
    let reviewer = all.app.bearer(&kit::tokens::signed(&refused));
    reviewer.get(&request).await.refused(422, "CONSENT_EXPIRED");
    let decision = decision_of(&request);
    let late = reviewer.post(&decision, "d-1", &as_the_rules_say()).await;
    late.refused(409, "CONSENT_EXPIRED");
    assert_eq!(
        keep_house(ledger, &keeper(), tomorrow)
            .unwrap()
            .consents_lapsed,
        1
    );
    assert_eq!(all.app.bank().credits(number).1, "0.00");
}

#[actix_web::test]
async fn a_reviewer_looks_for_conversion_only_and_the_learner_sees_who_when_why_and_by_what_right()
{
    let all = Conversions::start().await;
    let number = all.learner(STUDENT, &["CERT-A"], "85");
    let learner = all.app.learner(number);
    let given = give(&learner, number, "c-1", &about(RECEIVING, "conversion"))
        .await
        .expect(201);
    let request = request_path(&all.ask("k-1", &[STUDENT]).await, 0);
    let looking = |purpose: &str| {
        TestRequest::get()
            .uri(&request)
            .insert_header(("creditbank-purpose", purpose.to_owned()))
    };
    let other = all.reviewer.send(looking("employment")).await;
    other.refused(422, "PURPOSE_NOT_COVERED");
    let _ = all.reviewer.send(looking("conversion")).await.expect(200);
    let _ = all.reviewer.get(&request).await.expect(200);
    let _ = all.school.send(looking("support")).await.expect(200);
    let secretariat = all.app.caller(&[Role::Secretariat], SCHOOL);
    let _ = secretariat.get(&request).await.expect(200);
    let path = format!("/v1/learners/{number}/readings");
    let begun = Instant::now();
    let looks = loop {
        let page = learner.get(&path).await.expect(200).body;
        let looks = page["readings"].as_array().unwrap().clone();
        if looks.len() >= 4 || begun.elapsed() > Duration::from_secs(10) {
            break looks;
        }
        actix_web::rt::time::sleep(Duration::from_millis(10)).await;
    };
    let told: Vec<_> = { looks.iter().rev() }
        .map(|look| {
            (
                look["institution"].as_str(),
                look["purpose"].as_str(),
                look["basis"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some(RECEIVING), Some("conversion"), Some("consent")),
            (Some(RECEIVING), Some("conversion"), Some("consent")),
            (Some(SCHOOL), Some("support"), Some("own_records")),
            (Some(SCHOOL), Some("conversion"), Some("bank")),
        ]
    );
    assert_eq!(looks[3]["consent_id"], given.body["consent_id"]);
}

#[actix_web::test]
async fn a_paper_is_recorded_by_who_knows_the_learner_and_withdrawn_by_either() {
    let all = Conversions::start().await;
    let number = all.learner(STUDENT, &["CERT-A"], "85");
    let learner = all.app.learner(number);
    let stranger = all.app.caller(&[Role::SchoolOfficer], UNIVERSITY);
    let mut paper = about(RECEIVING, "conversion");
    give(&all.school, number, "c-1", &paper)
        .await
        .refused(422, "CONSENT_DOCUMENT");
    paper["document_number"] = json!("同意书〔2026〕31号");
    give(&learner, number, "c-2", &paper)
        .await
        .refused(422, "CONSENT_DOCUMENT");
    give(&stranger, number, "c-3", &paper)
        .await
        .refused(404, "NOT_FOUND");
    give(&all.reviewer, number, "c-4", &paper)
        .await
        .refused(403, "NO_RIGHT");
    let first = give(&all.school, number, "c-5", &paper).await.expect(201);
    assert_eq!(first.body["given_how"], "paper");
    assert_eq!(first.body["recorded_for"], SCHOOL);
    let own = give(&learner, number, "c-6", &about(RECEIVING, "conversion"))
        .await
        .expect(201);
    // What the learner gave is the learner's to withdraw.
    withdraw(&all.school, number, "w-1", &own)
        .await
        .refused(404, "NOT_FOUND");
    let _ = withdraw(&all.school, number, "w-2", &first)
        .await
        .expect(200);
    let second = give(&all.school, number, "c-7", &paper).await.expect(201);
    let _ = withdraw(&learner, number, "w-3", &second).await.expect(200);
    let seen = async |caller: &Caller| {
        let list = caller.get(&of(number)).await.expect(200);
        list.body["consents"].as_array().unwrap().len()
    };
    assert_eq!(seen(&learner).await, 3);
    assert_eq!(seen(&all.reviewer).await, 3);
    assert_eq!(seen(&all.school).await, 2);
    stranger.get(&of(number)).await.refused(404, "NOT_FOUND");
    let elsewhere = all.learner("XS20230002", &["CERT-B"], "85");
    all.app
        .learner(elsewhere)
        .get(&of(number))
        .await
        .refused(404, "NOT_FOUND");
    withdraw(&all.app.learner(elsewhere), elsewhere, "w-4", &own)
        .await
        .refused(404, "NOT_FOUND");
}
