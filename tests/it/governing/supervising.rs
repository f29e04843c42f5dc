//! What regulators see, and what anybody does.

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{NewPlace, NewRemit, register_places};
use kit::{SCHOOL, TestApp, UNIVERSITY, day, keeper, outcome};
use serde_json::Value;

fn code(text: &str) -> InstitutionCode {
    InstitutionCode::new(text).unwrap()
}

fn place(institution: &str, area: &str, sector: &str) -> NewPlace {
    NewPlace {
        institution: code(institution),
        valid_from: day("2020-01-01"),
        area_code: area.to_owned(),
        sectors: vec![sector.to_owned()],
    }
}

fn remit(area: Option<&str>, sector: Option<&str>, valid_to: Option<&str>) -> NewRemit {
    NewRemit {
        regulator: code(kit::RECEIVING),
        area_code: area.map(str::to_owned),
        sector: sector.map(str::to_owned),
        valid_from: day("2020-01-01"),
        valid_to: valid_to.map(day),
    }
}

async fn seen(app: &TestApp) -> Vec<String> {
    let regulator = app.caller(&[Role::Regulator], kit::RECEIVING);
    let totals = regulator
        .get("/v1/totals?from=2026-11-01&to=2026-11-22")
        .await
        .expect(200)
        .body;
    let codes = totals["totals"].as_array().unwrap().iter();
    let codes = codes.map(|it: &Value| it["institution_code"].as_str().unwrap().to_owned());
    let mut codes: Vec<String> = codes.collect();
    codes.dedup();
    codes
}

/// Who wrote something, as the regulator's log has it; nobody's is the bank's own work.
async fn writers(app: &TestApp) -> BTreeSet<String> {
    let regulator = app.caller(&[Role::Regulator], kit::RECEIVING);
    let log = regulator.get("/v1/access-log").await.expect(200).body;
    let entries = log["entries"].as_array().unwrap().iter();
    entries
        .map(|it| it["institution"].as_str().unwrap_or("nobody").to_owned())
        .collect()
}

#[actix_web::test]
async fn a_regulator_sees_the_figures_of_its_area_and_sector_and_of_no_other() {
    let check = async |remits: &[NewRemit], expected: &[&str]| {
        let app = TestApp::start().await;
        let bank = app.bank();
        bank.post(SCHOOL, outcome("CERT-A").build());
        bank.post(UNIVERSITY, outcome("MATH101").build());
        bank.sequence();
        bank.roll_up();
        let places = [
            place(SCHOOL, "340102", "vocational"),
            place(UNIVERSITY, "370100", "education"),
        ];
        register_places(bank.ledger(), &keeper(), (&places, remits), bank.now()).unwrap();
        assert_eq!(seen(&app).await, expected, "{remits:?}");
        let log = writers(&app).await;
        if remits.is_empty() {
            assert!(expected.iter().all(|it| log.contains(*it)), "{log:?}");
        } else {
            let expected: BTreeSet<String> = expected.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(log, expected, "{remits:?}");
        }
    };
    check(&[], &[UNIVERSITY, SCHOOL]).await;
    check(&[remit(Some("34"), None, None)], &[SCHOOL]).await;
    check(&[remit(Some("3401"), Some("education"), None)], &[]).await;
    check(&[remit(None, Some("education"), None)], &[UNIVERSITY]).await;
    // A remit that is over shows nothing, and not everything.
    check(&[remit(Some("34"), None, Some("2026-10-31"))], &[]).await;
}

#[actix_web::test]
async fn published_figures_need_no_token_hide_small_cells_and_are_not_sent_twice() {
    let app = TestApp::start().await;
    let bank = app.bank();
    // Decided, and as if it had been sent a month before.
    let decide = |student: &str| {
        let report = outcome("CERT-A").student(student).build();
        let number = bank.post(SCHOOL, report).learner_no;
        let _ = bank.decide(bank.request(&[number]).cohort_id);
        let earlier = "alter table conversion_requests disable trigger user; \
                       update conversion_requests set requested_at = '2026-10-20'; \
                       alter table conversion_requests enable trigger user";
        bank.database().sql(earlier).unwrap();
    };
    let ask = async |month: &str, tag: Option<&str>| {
        let path = format!("/v1/published-figures?month={month}");
        let mut request = TestRequest::get().uri(&path);
        if let Some(tag) = tag {
            request = request.insert_header(("if-none-match", tag));
        }
        app.send_foreign(request).await
    };
    let first = ask("2026-10", None).await.expect(200);
    assert_eq!(first.header("cache-control"), "public, max-age=3600");
    let again = ask("2026-10", Some(first.header("etag"))).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    // The month that is not over is told to nobody yet.
    let now = ask("2026-11", None).await.expect(422);
    assert_eq!(now.body["errors"][0]["code"], "MONTH_NOT_OVER");
    for student in ["XS1", "XS2", "XS3", "XS4"] {
        decide(student);
    }
    let told = ask("2026-10", Some(first.header("etag")))
        .await
        .expect(200)
        .body;
    assert_eq!(told["months"][0]["institution"], kit::RECEIVING);
    assert!(told["months"][0].get("figures").is_none(), "{told}");
    decide("XS5");
    let told = ask("2026-10", None).await.expect(200).body;
    let shown = &told["months"][0]["figures"]["requests"];
    assert_eq!(
        *shown,
        serde_json::json!([{ "code": "granted", "count": 5 }])
    );
}
