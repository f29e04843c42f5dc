//! Bad outcomes: each has its code and place, in both languages, and changes nothing.

use creditbank_domain::amount::Unit;
use creditbank_domain::authz::Role;
use creditbank_domain::institution::Standing;
use creditbank_domain::learner_no::LearnerNo;
use kit::{Caller, SCHOOL, TestApp, UNIVERSITY, outcome};
use serde_json::{Value, json};

const PATH: &str = "/v1/outcomes";

fn good() -> Value {
    outcome("MATH101")
        .student("XS20230001")
        .stating(Unit::Credit, "4.00")
        .json()
}

/// The good one with a member at a JSON pointer put in or replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match name.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[name] = value,
    }
    body
}

fn number_with_a_wrong_check_character() -> String {
    let mut number = LearnerNo::from_random(7).as_str().to_owned();
    let last = number.pop().unwrap();
    number.push(if last == 'A' { 'B' } else { 'A' });
    number
}

struct Check<'a> {
    app: &'a TestApp,
    caller: &'a Caller,
}

impl Check<'_> {
    /// Posts, and holds status, code, place, words in both languages, and that nothing was written.
    async fn refuses(&self, body: &Value, status: u16, code: &str, error: (&str, &str)) {
        let written = self.app.written();
        let chinese = self
            .caller
            .post(PATH, "k", body)
            .await
            .refused(status, code);
        let english = self
            .caller
            .post_in_english(PATH, "k", body)
            .await
            .refused(status, code);
        assert_eq!(chinese.first_error(), error, "{}", chinese.text);
        assert_eq!(english.first_error(), error);
        let languages = [(&chinese, "zh-CN", "zh"), (&english, "en", "en")];
        for (answer, tag, member) in languages {
            assert_eq!(answer.header("content-language"), tag);
            let told = answer.body.get("detail").unwrap_or(&answer.body["title"]);
            assert_eq!(*told, answer.body["reason"][member], "{}", answer.text);
        }
        assert_eq!(chinese.body["reason"], english.body["reason"]);
        assert_ne!(chinese.body["title"], english.body["title"]);
        let of_the_error = &english.body["errors"][0];
        assert!(
            of_the_error["zh"] != of_the_error["en"] || error.0 == "none",
            "{}",
            english.text
        );
        assert_eq!(self.app.written(), written, "{}", chinese.text);
    }
}

#[actix_web::test]
async fn a_value_without_meaning_is_422_at_its_place() {
    let app = TestApp::start().await;
    let caller = &app.caller(&[Role::Registrar], UNIVERSITY);
    let check = Check { app: &app, caller };
    let wrong = number_with_a_wrong_check_character();
    let cases = [
        (
            with("/learner", json!({ "learner_no": wrong })),
            ("/learner/learner_no", "LEARNER_NO_CHECK_CHARACTER"),
        ),
        (
            with("/stated/0", json!({ "unit": "credit", "amount": "4.001" })),
            ("/stated/0/amount", "AMOUNT_TOO_PRECISE"),
        ),
        (
            with("/stated/0", json!({ "unit": "credit", "amount": "-4.00" })),
            ("/stated/0/amount", "AMOUNT_NOT_A_NUMBER"),
        ),
        (
            with(
                "/stated/0",
                json!({ "unit": "credit", "amount": "1000000.01" }),
            ),
            ("/stated/0/amount", "AMOUNT_TOO_LARGE"),
        ),
        (
            with("/awarded_on", json!("1949-12-31")),
            ("/awarded_on", "DATE_OUT_OF_RANGE"),
        ),
        (
            with("/awarded_on", json!("2101-01-01")),
            ("/awarded_on", "DATE_OUT_OF_RANGE"),
        ),
        (
            with("/stated/0", json!({ "unit": "credits", "amount": "4.00" })),
            ("/stated/0/unit", "UNIT_UNKNOWN"),
        ),
        (
            with("/awarded_on", json!("2026-02-30")),
            ("/awarded_on", "DATE_INVALID"),
        ),
        (
            with("/awarded_on", json!("2026-2-3")),
            ("/awarded_on", "DATE_INVALID"),
        ),
        (
            with("/grade", json!("101")),
            ("/grade", "GRADE_OUT_OF_RANGE"),
        ),
        (
            with("/attempt", json!("third")),
            ("/attempt", "ATTEMPT_UNKNOWN"),
        ),
        (
            with("/source_ref", json!("")),
            ("/source_ref", "TEXT_MISSING"),
        ),
        (
            with("/learner", json!({})),
            ("/learner", "LEARNER_AMBIGUOUS"),
        ),
        (
            with(
                "/learner/identifier",
                json!({ "kind": "resident_id", "value": "110101199003071234" }),
            ),
            ("/learner/identifier/value", "IDENTIFIER_CHECK_DIGIT"),
        ),
    ];
    for (body, error) in cases {
        check.refuses(&body, 422, "INVALID_VALUES", error).await;
    }
    // The nearest ones that are accepted.
    let _ = caller.post(PATH, "k", &good()).await.expect(201);
    let leap = outcome("PE102")
        .student("XS20230001")
        .on("2024-02-29")
        .json();
    let _ = caller.post(PATH, "k-2", &leap).await.expect(201);
}

#[actix_web::test]
async fn a_body_of_another_shape_is_400_at_its_place() {
    let app = TestApp::start().await;
    let caller = &app.caller(&[Role::Registrar], UNIVERSITY);
    let check = Check { app: &app, caller };
    let mut without = good();
    without.as_object_mut().unwrap().remove("grade");
    let cases = [
        (with("/colour", json!("red")), ("/colour", "FIELD_UNKNOWN")),
        (
            with("/entry/title", json!("x")),
            ("/entry/title", "FIELD_UNKNOWN"),
        ),
        (without, ("/grade", "FIELD_MISSING")),
        (with("/grade", json!(87)), ("/grade", "TYPE_MISMATCH")),
        (
            with("/stated/0", json!({ "unit": "credit", "amount": 4.0 })),
            ("/stated/0/amount", "TYPE_MISMATCH"),
        ),
        (json!([good()]), ("", "TYPE_MISMATCH")),
    ];
    for (body, error) in cases {
        check.refuses(&body, 400, "INVALID_BODY", error).await;
    }
    let _ = caller.post(PATH, "k", &good()).await.expect(201);
}

#[actix_web::test]
async fn several_faults_are_told_at_once() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let mut body = with("/awarded_on", json!("2026-02-30"));
    body["grade"] = json!("?");
    body["entry"]["code"] = json!("");
    let answer = registrar
        .post(PATH, "k", &body)
        .await
        .refused(422, "INVALID_VALUES");
    let mut places: Vec<_> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    places.sort_unstable();
    assert_eq!(places, ["/awarded_on", "/entry/code", "/grade"]);
}

#[actix_web::test]
async fn what_a_rule_refuses_is_422_with_the_rules_code_and_place() {
    let app = TestApp::start().await;
    let caller = &app.caller(&[Role::Registrar], UNIVERSITY);
    let check = Check { app: &app, caller };
    let of = |code: &str| outcome(code).student("XS20230001");
    let stranger = LearnerNo::from_random(7);
    let cases = [
        (of("NOWHERE").json(), "OUTCOME_UNKNOWN", "/entry"),
        (
            of("MATH101").owned_by("99999").json(),
            "OUTCOME_UNKNOWN",
            "/entry",
        ),
        (
            of("MATH101").on("2009-12-31").json(),
            "OUTCOME_VERSION_NOT_VALID_THEN",
            "/awarded_on",
        ),
        (
            of("MATH101").on("2026-11-23").json(),
            "NOT_YET_EARNED",
            "/awarded_on",
        ),
        (
            of("MATH101").stating(Unit::Credit, "4.01").json(),
            "AMOUNT_MISMATCH",
            "/stated",
        ),
        (
            of("MATH101").learner_no(stranger).json(),
            "LEARNER_UNKNOWN",
            "/learner",
        ),
    ];
    for (body, code, place) in cases {
        check.refuses(&body, 422, code, (place, code)).await;
    }
    // Whoever may not is told so, as everywhere.
    let (foreign, code) = (of("CERT-A").owned_by(SCHOOL).json(), "ENTRY_NOT_OWNED");
    check.refuses(&foreign, 403, code, ("/entry", code)).await;
    let _ = caller.post(PATH, "k", &good()).await.expect(201);
}

#[actix_web::test]
async fn a_suspended_institution_posts_nothing_and_may_again_afterwards() {
    let app = TestApp::start().await;
    let caller = &app.caller(&[Role::Registrar], UNIVERSITY);
    app.bank().set_standing(UNIVERSITY, Standing::Suspended);
    let check = Check { app: &app, caller };
    // No place: nothing in the body is wrong.
    check
        .refuses(&good(), 422, "INSTITUTION_SUSPENDED", ("none", "none"))
        .await;
    app.bank().set_standing(UNIVERSITY, Standing::Active);
    let _ = caller.post(PATH, "k", &good()).await.expect(201);
}
