//! Who reads whose account is written down, and the learner sees it.

use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use creditbank_api::{Authentication, Clock};
use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::add_person;
use kit::tokens::{AUDIENCE, ISSUER};
use kit::{RECEIVING, SCHOOL, TestApp, TestBank, keeper, outcome};
use serde_json::{Value, json};

/// The readings that a learner sees, once there are so many.
async fn readings(app: &TestApp, number: LearnerNo, expected: usize) -> Vec<Value> {
    let path = format!("/v1/learners/{number}/readings");
    let begun = Instant::now();
    loop {
        let page = app.learner(number).get(&path).await.expect(200).body;
        let found = page["readings"].as_array().unwrap().clone();
        if found.len() >= expected || begun.elapsed() > Duration::from_secs(10) {
            assert_eq!(found.len(), expected, "{page}");
            return found;
        }
        actix_web::rt::time::sleep(Duration::from_millis(10)).await;
    }
}

#[actix_web::test]
async fn every_look_by_somebody_else_is_shown_to_the_learner() {
    let app = TestApp::start().await;
    let bank = app.bank();
    let post = |student: &str| {
        bank.post(SCHOOL, outcome("CERT-A").student(student).build())
            .learner_no
    };
    let (number, other) = (post("XS1"), post("XS2"));
    let request = bank.request(&[number, other]);
    let cohort = format!("/v1/conversion-cohorts/{}", request.cohort_id);
    let request = format!("/v1/conversion-requests/{}", request.requests[0].request_id);
    let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let of = |what: &str| format!("/v1/learners/{number}/{what}");
    let purposeful = TestRequest::get()
        .uri(&of("balance"))
        .insert_header(("creditbank-purpose", "title_review"));
    let _ = officer.send(purposeful).await.expect(200);
    let _ = officer
        .get(&of("balance?as_of=2026-01-01"))
        .await
        .expect(200);
    let _ = officer.get(&of("movements")).await.expect(200);
    let statement = of("statement?from=2026-01-01&to=2026-12-31");
    let _ = officer.get(&statement).await.expect(200);
    let _ = officer.get(&of("outlooks")).await.expect(200);
    let _ = app
        .caller(&[Role::Reviewer], RECEIVING)
        .get(&request)
        .await
        .expect(200);
    let _ = app
        .caller(&[Role::Secretariat], SCHOOL)
        .get(&cohort)
        .await
        .expect(200);
    // What the learner sees of the own account, and what nobody saw, is not there.
    let _ = app.learner(number).get(&of("balance")).await.expect(200);
    let stranger = app.caller(&[Role::Registrar], RECEIVING);
    stranger.get(&of("balance")).await.refused(404, "NOT_FOUND");
    officer
        .send(
            TestRequest::get()
                .uri(&of("balance"))
                .insert_header(("creditbank-purpose", "x")),
        )
        .await
        .refused(400, "PURPOSE_UNKNOWN");

    let seen = readings(&app, number, 7).await;
    let what: Vec<&str> = seen
        .iter()
        .rev()
        .map(|it| it["what"].as_str().unwrap())
        .collect();
    let request = "conversion_request";
    let expected = [
        "balance",
        "balance",
        "movements",
        "statement",
        "outlooks",
        request,
        request,
    ];
    assert_eq!(what, expected);
    let first = &seen[6];
    assert_eq!(first["institution"], SCHOOL);
    assert_eq!(first["purpose"], "title_review");
    assert!(
        first["client"]
            .as_str()
            .unwrap()
            .starts_with("school_officer")
    );
    assert!(seen[5].get("purpose").is_none());
    let of_other = readings(&app, other, 1).await;
    assert_eq!(of_other[0]["what"], request);
}

#[actix_web::test]
async fn readings_come_in_pages_and_are_for_the_learner_and_the_auditor() {
    let app = TestApp::start().await;
    let report = outcome("CERT-A").student("XS1").build();
    let number = app.bank().post(SCHOOL, report).learner_no;
    let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let balance = format!("/v1/learners/{number}/balance");
    for _ in 0..5 {
        let _ = officer.get(&balance).await.expect(200);
    }
    let all = readings(&app, number, 5).await;
    let path = format!("/v1/learners/{number}/readings");
    let auditor = app.caller(&[Role::Auditor], SCHOOL);
    let first = auditor
        .get(&format!("{path}?limit=3"))
        .await
        .expect(200)
        .body;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = auditor
        .get(&format!("{path}?limit=3&cursor={cursor}"))
        .await
        .expect(200)
        .body;
    let pages = [&first, &second].map(|page| page["readings"].as_array().unwrap().clone());
    assert_eq!(pages.concat(), all);
    assert!(second.get("next_cursor").is_none());
    officer.get(&path).await.refused(403, "NO_RIGHT");
    for attack in ["update readings set what = 'x'", "delete from readings"] {
        assert!(app.bank().database().sql(attack).is_err(), "{attack}");
    }
}

#[actix_web::test]
async fn fifty_looks_in_a_row_are_all_written() {
    let app = TestApp::start().await;
    let report = outcome("CERT-A").student("XS1").build();
    let number = app.bank().post(SCHOOL, report).learner_no;
    let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let balance = format!("/v1/learners/{number}/balance");
    for _ in 0..50 {
        let _ = officer.get(&balance).await.expect(200);
    }
    let _ = readings(&app, number, 50).await;
}

#[actix_web::test]
async fn only_a_demo_lets_its_made_up_people_sign_in() {
    let body = json!({ "login": "secretariat" });
    let post =
        async |app: &TestApp, body: &Value| app.nobody().post("/v1/demo-logins", "k", body).await;
    let add = |app: &TestApp| {
        let login = creditbank_domain::person::Login::new("demo", "secretariat").unwrap();
        let name = creditbank_domain::text::PersonName::new("演示秘书").unwrap();
        let (ledger, now) = (app.bank().ledger(), app.bank().now());
        let person = add_person(ledger, &keeper(), &name, Some(&login), now).unwrap();
        app.bank().give(person, None, Role::Secretariat);
    };
    let app = TestApp::start().await;
    add(&app);
    post(&app, &body).await.refused(404, "NOT_FOUND");
    let demo = Authentication::new(ISSUER, AUDIENCE).with_demo_logins();
    let demo = TestApp::start_with(demo, Clock::fixed(TestBank::opening())).await;
    add(&demo);
    let answer = post(&demo, &body).await.expect(200).body;
    let token = answer["access_token"].as_str().unwrap();
    let _ = demo.bearer(token).get("/v1/totals").await.expect(200);
    post(&demo, &json!({ "login": "nobody" }))
        .await
        .refused(404, "NOT_FOUND");
    // A demo's token is none of another bank.
    app.bearer(token)
        .get("/v1/totals")
        .await
        .refused(401, "TOKEN_INVALID");
}

#[actix_web::test]
async fn who_looks_at_a_part_of_an_account_is_noted_as_for_the_whole_and_who_sees_none_is_not() {
    let app = TestApp::start().await;
    let posted = app.bank().post(SCHOOL, outcome("CERT-A").build());
    let number = posted.learner_no;
    let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let ask = async |fields: &str| {
        let path = format!("/v1/learners/{number}/movements?fields={fields}");
        officer.get(&path).await
    };
    let _ = ask("colour").await.expect(400);
    let _ = ask("kind").await.expect(200);
    assert_eq!(readings(&app, number, 1).await[0]["what"], "movements");
}
