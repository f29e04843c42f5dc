//! What regulators see, and what anybody does.

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
    for student in ["XS1", "XS2", "XS3", "XS4"] {
        let number = bank
            .post(SCHOOL, outcome("CERT-A").student(student).build())
            .learner_no;
        let _ = bank.decide(bank.request(&[number]).cohort_id);
    }
    let path = "/v1/published-figures?month=2026-10";
    let first = app.nobody().get(path).await.expect(200);
    assert_eq!(
        first.headers.get("cache-control").unwrap(),
        "public, max-age=3600"
    );
    let tag = first.headers.get("etag").unwrap().clone();
    let again = TestRequest::get()
        .uri(path)
        .insert_header(("if-none-match", tag));
    let again = app.send(again).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    // The month that is not over is told to nobody yet.
    let now = app
        .nobody()
        .get("/v1/published-figures?month=2026-11")
        .await
        .expect(400);
    assert_eq!(now.body["errors"][0]["code"], "MONTH_NOT_OVER");
    let _ = bank
        .database()
        .sql("update conversion_requests set requested_at = requested_at - interval '1 month'");
    let four = app.nobody().get(path).await.expect(200).body;
    assert!(
        four["months"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it.get("figures").is_none()),
        "{four}"
    );
}
