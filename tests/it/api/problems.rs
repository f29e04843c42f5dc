//! `application/problem+json` wherever a request fails, whoever refuses it.
//!
//! The kit holds the form of every refusal of every test; here are those outside the operations.

use actix_web::test::TestRequest;
use creditbank_api::ENDPOINTS;
use creditbank_domain::authz::Role;
use kit::{Caller, TestApp, UNIVERSITY, outcome};

const PATH: &str = "/v1/outcomes";
const UUID: &str = "01900000-0000-7000-8000-000000000000";

async fn start() -> (TestApp, Caller) {
    let app = TestApp::start().await;
    let everything = [Role::Registrar, Role::SchoolOfficer, Role::Reviewer];
    let caller = app.caller(&everything, UNIVERSITY);
    (app, caller)
}

fn text(path: &str, body: impl Into<Vec<u8>>) -> TestRequest {
    TestRequest::post()
        .uri(path)
        .insert_header(("idempotency-key", "k"))
        .insert_header(("content-type", "application/json"))
        .set_payload(body.into())
}

#[actix_web::test]
async fn an_unknown_route_is_404_with_or_without_a_token() {
    let (app, caller) = start().await;
    for path in [
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/outcomes/",
        "/v1/learners/x/y",
        "/%ff",
    ] {
        app.nobody().get(path).await.refused(404, "ROUTE_UNKNOWN");
        caller.get(path).await.refused(404, "ROUTE_UNKNOWN");
    }
}

#[actix_web::test]
async fn another_method_is_405_and_names_those_there_are() {
    let (_app, caller) = start().await;
    for endpoint in ENDPOINTS {
        let path = endpoint
            .path
            .replace("{learner_no}", "x")
            .replace(['{', '}'], "");
        let others = ENDPOINTS.iter().filter(|it| it.path == endpoint.path);
        let taken: Vec<_> = others.map(|it| it.method).collect();
        let untaken = ["DELETE", "PUT", "PATCH"];
        for method in untaken.into_iter().filter(|it| !taken.contains(it)) {
            let request = TestRequest::with_uri(&path).method(method.parse().unwrap());
            let answer = caller
                .send(request)
                .await
                .refused(405, "METHOD_NOT_ALLOWED");
            assert!(answer.header("allow").contains(endpoint.method), "{path}");
        }
    }
}

#[actix_web::test]
async fn a_body_of_another_kind_is_415() {
    let (_app, caller) = start().await;
    let body = outcome("MATH101").json().to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "x",
    ] {
        let request = text(PATH, body.clone()).insert_header(("content-type", kind));
        caller
            .send(request)
            .await
            .refused(415, "MEDIA_TYPE_UNSUPPORTED");
    }
    let packed = text(PATH, body.clone()).insert_header(("content-encoding", "gzip"));
    caller
        .send(packed)
        .await
        .refused(415, "MEDIA_TYPE_UNSUPPORTED");
    let import = text("/v1/imports", "a,b");
    caller
        .send(import)
        .await
        .refused(415, "MEDIA_TYPE_UNSUPPORTED");
    let with_charset =
        text(PATH, body).insert_header(("content-type", "application/json; charset=utf-8"));
    let _ = caller.send(with_charset).await.expect(201);
}

#[actix_web::test]
async fn a_body_beyond_two_mebibytes_is_413() {
    let (app, caller) = start().await;
    let body = outcome("MATH101").json().to_string();
    let padded = |length: usize| format!("{body}{}", " ".repeat(length - body.len()));
    let limit = 2 * 1024 * 1024;
    caller
        .send(text(PATH, padded(limit + 1)))
        .await
        .refused(413, "BODY_TOO_LARGE");
    assert_eq!(app.rows("outcomes"), 0);
    let _ = caller.send(text(PATH, padded(limit))).await.expect(201);
}

#[actix_web::test]
async fn what_is_no_json_is_400_with_line_and_column() {
    let (app, caller) = start().await;
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "{",
        "{\n \"a\": }",
        "nonsense",
        &deep,
        "{\"a\":1,\"a\":1}",
        "{} {}",
    ] {
        let answer = caller
            .send(text(PATH, body))
            .await
            .refused(400, "MALFORMED_JSON");
        let en = answer.body["reason"]["en"].as_str().unwrap();
        assert!(en.contains("line ") && en.contains("column "), "{en}");
    }
    caller
        .send(text(PATH, b"\"\xff\xfe\"".to_vec()))
        .await
        .refused(400, "MALFORMED_JSON");
    app.assert_nothing_written();
}

#[actix_web::test]
async fn an_id_that_is_none_is_400_by_its_name() {
    let (_app, caller) = start().await;
    let check = async |path: String, place: &str, code: &str| {
        let answer = caller
            .get(&path)
            .await
            .refused(400, "PATH_PARAMETER_INVALID");
        assert_eq!(answer.first_error(), (place, code));
    };
    for id in [
        "7",
        "x",
        "01900000-0000-7000-8000-00000000000g",
        "%00",
        "a%20b",
    ] {
        check(
            format!("/v1/conversion-requests/{id}"),
            "request_id",
            "ID_MALFORMED",
        )
        .await;
        check(
            format!("/v1/conversion-cohorts/{id}"),
            "cohort_id",
            "ID_MALFORMED",
        )
        .await;
        check(format!("/v1/imports/{id}"), "import_id", "ID_MALFORMED").await;
    }
    let learner = |number: &str| format!("/v1/learners/{number}/balance");
    check(learner("abc"), "learner_no", "LEARNER_NO_LENGTH").await;
    check(
        learner("%E5%BC%A0%E4%B8%89"),
        "learner_no",
        "LEARNER_NO_LENGTH",
    )
    .await;
    check(
        learner("22222222222X"),
        "learner_no",
        "LEARNER_NO_CHECK_CHARACTER",
    )
    .await;
    for path in ["conversion-requests", "conversion-cohorts", "imports"] {
        caller
            .get(&format!("/v1/{path}/{UUID}"))
            .await
            .refused(404, "NOT_FOUND");
    }
}

#[actix_web::test]
async fn a_refusal_keeps_the_trace_of_its_caller() {
    let (app, _) = start().await;
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = || TestRequest::get().uri("/v1/nothing");
    let traced = request().insert_header(("traceparent", format!("00-{id}-00f067aa0ba902b7-01")));
    assert_eq!(app.send(traced).await.body["trace_id"], id);
    let (one, two) = (app.send(request()).await, app.send(request()).await);
    assert_ne!(one.body["trace_id"], two.body["trace_id"]);
}

#[actix_web::test]
async fn a_failure_of_ours_is_500_and_says_nothing_of_its_cause() {
    let (app, caller) = start().await;
    let body = outcome("MATH101").student("XS20230001").json();
    let database = app.bank().database();
    database
        .sql("alter table transfers rename to transfers_away")
        .unwrap();
    let answer = caller.post(PATH, "k", &body).await.refused(500, "INTERNAL");
    assert!(answer.body.get("detail").is_none());
    database
        .sql("alter table transfers_away rename to transfers")
        .unwrap();
    // Nothing of it stayed behind, not even the key.
    app.assert_nothing_written();
    let _ = caller.post(PATH, "k", &body).await.expect(201);
}
