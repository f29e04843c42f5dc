//! A learner's balance and movements, as the learner, institutions and strangers see them.

use std::collections::BTreeSet;

use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use kit::{Caller, RECEIVING, SCHOOL, TestApp, UNIVERSITY, outcome};
use serde_json::{Value, json};

fn balance(number: LearnerNo) -> String {
    format!("/v1/learners/{number}/balance")
}

fn movements(number: LearnerNo) -> String {
    format!("/v1/learners/{number}/movements")
}

/// A learner with 4.00 of the university and 12.00 of the school, which the receiving university
/// converted into as much of its own.
async fn start() -> (TestApp, LearnerNo) {
    let app = TestApp::start().await;
    let bank = app.bank();
    let certificate = |code| outcome(code).student("XS20230001").build();
    let number = bank.post(SCHOOL, certificate("CERT-A")).learner_no;
    bank.post(SCHOOL, certificate("CERT-B"));
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    bank.post(UNIVERSITY, outcome("MATH101").learner_no(number).build());
    (app, number)
}

fn sums(available: &str, used: &str) -> Value {
    json!([{
        "unit": "credit", "available": available, "held": "0.00", "used": used,
        "expired": "0.00", "withdrawn": "0.00",
    }])
}

async fn all_movements(caller: &Caller, number: LearnerNo) -> Vec<Value> {
    let answer = caller.get(&movements(number)).await.expect(200);
    assert!(answer.body.get("next_cursor").is_none());
    answer.body["movements"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_learner_sees_all_and_an_institution_its_own_part() {
    let (app, number) = start().await;
    let check = async |caller: Caller, available: &str, used: &str, moved: usize| {
        let answer = caller.get(&balance(number)).await.expect(200);
        assert_eq!(answer.body["by_unit"], sums(available, used));
        assert_eq!(answer.body["learner_no"], number.as_str());
        assert_eq!(all_movements(&caller, number).await.len(), moved);
    };
    check(app.learner(number), "16.00", "12.00", 9).await;
    check(
        app.caller(&[Role::Auditor], UNIVERSITY),
        "16.00",
        "12.00",
        9,
    )
    .await;
    check(app.caller(&[Role::Registrar], SCHOOL), "0.00", "12.00", 6).await;
    check(
        app.caller(&[Role::SchoolOfficer], SCHOOL),
        "0.00",
        "12.00",
        6,
    )
    .await;
    check(
        app.caller(&[Role::Registrar], RECEIVING),
        "12.00",
        "0.00",
        2,
    )
    .await;
    check(
        app.caller(&[Role::Registrar], UNIVERSITY),
        "4.00",
        "0.00",
        1,
    )
    .await;
}

#[actix_web::test]
async fn the_rows_of_a_balance_say_what_and_when_and_add_up() {
    let (app, number) = start().await;
    let answer = app.learner(number).get(&balance(number)).await.expect(200);
    let row = |level: &str, code: &str, available: &str, used: &str| {
        json!({
            "unit": "credit", "category": "course", "level": level, "year": 2026,
            "institution": { "code": code, "name": format!("测试机构{code}") },
            "available": available, "held": "0.00", "used": used,
            "expired": "0.00", "withdrawn": "0.00",
        })
    };
    let expected = json!([
        row("CN10 5", SCHOOL, "0.00", "12.00"),
        row("CN10 6", UNIVERSITY, "4.00", "0.00"),
        row("CN10 6", RECEIVING, "12.00", "0.00"),
    ]);
    assert_eq!(answer.body["rows"], expected);
}

#[actix_web::test]
async fn what_is_asked_for_shows_as_held() {
    let (app, number) = start().await;
    let school = app.bank();
    school.post(SCHOOL, outcome("CERT-C").student("XS20230001").build());
    let _ = school.request(&[number]);
    let answer = app.learner(number).get(&balance(number)).await.expect(200);
    let sums = &answer.body["by_unit"][0];
    assert_eq!(
        (&sums["available"], &sums["held"]),
        (&json!("16.00"), &json!("6.00"))
    );
}

#[actix_web::test]
async fn a_movement_says_from_where_to_where_and_why() {
    let (app, number) = start().await;
    let all = all_movements(&app.learner(number), number).await;
    let told: Vec<_> = all
        .iter()
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            let code = it["institution"]["code"].as_str().unwrap();
            (
                text("kind"),
                format!("{}>{}", text("from_account"), text("to_account")),
                code,
                it,
            )
        })
        .collect();
    let count = |kind: &str, accounts: &str, code: &str| {
        told.iter()
            .filter(|it| (it.0.as_str(), it.1.as_str(), it.2) == (kind, accounts, code))
            .count()
    };
    assert_eq!(count("issue", "issuer>available", SCHOOL), 2);
    assert_eq!(count("hold", "available>held", SCHOOL), 2);
    assert_eq!(count("settle", "held>used", SCHOOL), 2);
    assert_eq!(count("issue", "issuer>available", RECEIVING), 2);
    assert_eq!(count("issue", "issuer>available", UNIVERSITY), 1);
    for (kind, _, code, movement) in &told {
        assert!(movement["explanation"].is_object(), "{movement}");
        let decided = kind == "settle" || kind == "hold" || *code == RECEIVING;
        let cited = movement["document_number"].as_str();
        assert_eq!(
            cited,
            decided.then_some("继教合作联盟〔2021〕12号"),
            "{movement}"
        );
    }
}

#[actix_web::test]
async fn cursors_walk_every_movement_once_whatever_the_limit() {
    let (app, number) = start().await;
    for (caller, expected) in [
        (app.learner(number), 9),
        (app.caller(&[Role::Registrar], SCHOOL), 6),
    ] {
        let all = all_movements(&caller, number).await;
        assert_eq!(all.len(), expected);
        for limit in [1, 3, 4, 200] {
            let mut walked = Vec::new();
            let mut path = format!("{}?limit={limit}", movements(number));
            loop {
                let answer = caller.get(&path).await.expect(200);
                let page = answer.body["movements"].as_array().unwrap();
                assert!(!page.is_empty() && page.len() <= limit);
                walked.extend(page.iter().cloned());
                let Some(cursor) = answer.body["next_cursor"].as_str() else {
                    break;
                };
                path = format!("{}?limit={limit}&cursor={cursor}", movements(number));
            }
            assert_eq!(walked, all, "limit {limit}");
        }
        let ids: BTreeSet<_> = all.iter().map(|it| it["transfer_id"].to_string()).collect();
        assert_eq!(ids.len(), all.len());
    }
}

#[actix_web::test]
async fn a_foreign_and_an_unknown_learner_are_the_same_404() {
    let (app, number) = start().await;
    let other = outcome("MATH101").student("XS20230099").build();
    let other = app.bank().post(UNIVERSITY, other).learner_no;
    let unknown = LearnerNo::from_random(7);
    let strangers = [
        (app.learner(other), number),
        (app.learner(other), unknown),
        (app.caller(&[Role::Registrar], SCHOOL), other),
        (app.caller(&[Role::Registrar], SCHOOL), unknown),
        (app.caller(&[Role::Secretariat], SCHOOL), unknown),
    ];
    // Behind a cursor a stranger finds as little as at the beginning, even behind a true one.
    let first = format!("{}?limit=1", movements(number));
    let answer = app.learner(number).get(&first).await.expect(200);
    let cursor = format!("cursor={}", answer.body["next_cursor"].as_str().unwrap());
    for (caller, wanted) in strangers {
        let mut bodies = BTreeSet::new();
        for path in [
            balance(wanted),
            movements(wanted),
            format!("{}?limit=1", movements(wanted)),
            format!("{}?{cursor}", movements(wanted)),
        ] {
            let mut answer = caller.get(&path).await.refused(404, "NOT_FOUND");
            answer.body["trace_id"] = json!("");
            bodies.insert(answer.body.to_string());
        }
        assert_eq!(bodies.len(), 1);
    }
    let _ = app.learner(other).get(&balance(other)).await.expect(200);
}

#[actix_web::test]
async fn a_cursor_of_another_account_or_of_what_is_hidden_is_refused() {
    let (app, number) = start().await;
    let cursor = async |caller: &Caller| {
        let path = format!("{}?limit=1", movements(number));
        let answer = caller.get(&path).await.expect(200);
        answer.body["next_cursor"].as_str().unwrap().to_owned()
    };
    let of_the_school = cursor(&app.caller(&[Role::Registrar], SCHOOL)).await;
    let behind = |cursor: &str| format!("{}?cursor={cursor}", movements(number));
    let receiving = app.caller(&[Role::Registrar], RECEIVING);
    let nowhere = "AAAAAAAAAAAAAAAAAAAAAA";
    receiving
        .get(&behind(&of_the_school))
        .await
        .refused(422, "CURSOR_UNKNOWN");
    app.learner(number)
        .get(&behind(nowhere))
        .await
        .refused(422, "CURSOR_UNKNOWN");
    // The whole account has the same order, so a part's cursor leads on in it.
    let answer = app.learner(number).get(&behind(&of_the_school)).await;
    assert_eq!(
        answer.expect(200).body["movements"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
}

#[actix_web::test]
async fn a_parameter_that_is_not_known_or_readable_is_400_by_its_name() {
    let (app, number) = start().await;
    let learner = app.learner(number);
    let check = async |path: String, place: &str, code: &str| {
        let answer = learner
            .get(&path)
            .await
            .refused(400, "QUERY_PARAMETER_INVALID");
        assert_eq!(answer.first_error(), (place, code));
    };
    let list = movements(number);
    check(format!("{list}?page=2"), "page", "PARAMETER_UNKNOWN").await;
    check(
        format!("{}?limit=1", balance(number)),
        "limit",
        "PARAMETER_UNKNOWN",
    )
    .await;
    check(format!("{list}?limit=0"), "limit", "LIMIT_OUT_OF_RANGE").await;
    check(format!("{list}?limit=201"), "limit", "LIMIT_OUT_OF_RANGE").await;
    check(format!("{list}?cursor=x"), "cursor", "CURSOR_UNKNOWN").await;
    check(
        format!("{list}?limit=1&limit=2"),
        "limit",
        "PARAMETER_REPEATED",
    )
    .await;
    let _ = learner.get(&format!("{list}?limit=200")).await.expect(200);
}
