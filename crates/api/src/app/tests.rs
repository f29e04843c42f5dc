use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use actix_web::App;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use serde_json::{Value, json};

use super::app;
use crate::auth::fixture::{bearer, claims, learner_no, signed, state};
use crate::{ENDPOINTS, TokenClaims};

mod slow;
mod uploads;

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn first_error(&self) -> (&str, &str) {
        let error = &self.body["errors"][0];
        let place = error["pointer"].as_str().or(error["parameter"].as_str());
        (place.unwrap(), error["code"].as_str().unwrap())
    }
}

async fn ask(request: TestRequest) -> Answer {
    let service = init_service(App::new().configure(app(state()))).await;
    let response = call_service(&service, request.to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = read_body(response).await;
    let answer = Answer {
        status,
        headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let kept = answer.status < 400 && !answer.header("etag").is_empty();
    assert!(kept || answer.header("cache-control") == "no-store");
    if status >= 400 {
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["status"], status);
        assert_eq!(answer.body["trace_id"].as_str().unwrap().len(), 32);
        let (zh, en) = (&answer.body["reason"]["zh"], &answer.body["reason"]["en"]);
        assert!(!zh.as_str().unwrap().is_empty() && !en.as_str().unwrap().is_empty());
    }
    answer
}

async fn check(request: TestRequest, status: u16, code: &str) -> Answer {
    let answer = ask(request).await;
    assert_eq!(
        (answer.status, answer.body["code"].as_str()),
        (status, Some(code))
    );
    answer
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn post(path: &str, roles: &[&str]) -> TestRequest {
    TestRequest::post()
        .uri(path)
        .insert_header(("authorization", bearer(roles)))
        .insert_header(("idempotency-key", "k-1"))
}

fn post_json(text: &str) -> TestRequest {
    post("/v1/outcomes", &["registrar"])
        .insert_header(("content-type", "application/json"))
        .set_payload(text.to_owned())
}

fn outcome() -> Value {
    json!({
        "source_ref": "r-1", "learner": {"learner_no": learner_no().to_string()},
        "entry": {"code": "MATH101"}, "grade": "87", "awarded_on": "2024-07-01",
    })
}

fn concrete(path: &str) -> String {
    let id = "01900000-0000-7000-8000-000000000000";
    let path = path.replace("{learner_no}", learner_no().as_str());
    let parts = path.split('/');
    let filled = parts.map(|part| if part.starts_with('{') { id } else { part });
    filled.collect::<Vec<_>>().join("/")
}

#[actix_web::test]
async fn every_endpoint_with_an_action_asks_for_a_token() {
    for endpoint in ENDPOINTS.iter().filter(|it| it.action.is_some()) {
        let method = endpoint.method.parse().unwrap();
        let request = TestRequest::with_uri(&concrete(endpoint.path)).method(method);
        let answer = check(request, 401, "TOKEN_MISSING").await;
        assert!(
            answer.header("www-authenticate").starts_with("Bearer"),
            "{}",
            endpoint.path
        );
    }
}

#[actix_web::test]
async fn no_role_at_all_is_403_everywhere() {
    for endpoint in ENDPOINTS.iter().filter(|it| it.action.is_some()) {
        let method = endpoint.method.parse().unwrap();
        let request = TestRequest::with_uri(&concrete(endpoint.path)).method(method);
        let request = request.insert_header(("authorization", bearer(&[])));
        check(request, 403, "NO_RIGHT").await;
    }
}

#[actix_web::test]
async fn a_token_that_is_not_honoured_says_why() {
    let with = |value: &str| get("/v1/imports/x").insert_header(("authorization", value));
    check(with("Basic abc"), 401, "TOKEN_MALFORMED").await;
    check(with("Bearer"), 401, "TOKEN_MALFORMED").await;
    let answer = check(with("Bearer abc"), 401, "TOKEN_INVALID").await;
    assert!(
        answer
            .header("www-authenticate")
            .contains(r#"error="invalid_token""#)
    );
    let mut old = claims(&["registrar"]);
    old.exp -= 3_600;
    check(
        with(&format!("Bearer {}", signed(&old))),
        401,
        "TOKEN_EXPIRED",
    )
    .await;
    let lower = bearer(&["registrar"]).replacen("Bearer", "bearer", 1);
    check(with(&lower), 400, "PATH_PARAMETER_INVALID").await;
    let twice = with(&lower).append_header(("authorization", lower.clone()));
    check(twice, 401, "TOKEN_MALFORMED").await;
}

#[actix_web::test]
async fn a_caller_sees_only_its_own() {
    let own = format!("/v1/learners/{}/balance", learner_no());
    let mut other = claims(&["learner"]);
    other.learner_no = Some(creditbank_domain::learner_no::LearnerNo::from_random(7).to_string());
    let token = |claims| ("authorization", format!("Bearer {}", signed(claims)));
    check(get(&own).insert_header(token(&other)), 404, "NOT_FOUND").await;
    let mut same = other.clone();
    same.learner_no = Some(learner_no().to_string());
    // Past the policy: only the ledger is missing here.
    check(get(&own).insert_header(token(&same)), 503, "UNAVAILABLE").await;
    let mut homeless = claims(&["registrar"]);
    homeless.institution = None;
    let import = "/v1/imports/01900000-0000-7000-8000-000000000000";
    check(get(import).insert_header(token(&homeless)), 403, "NO_RIGHT").await;
}

#[actix_web::test]
async fn unknown_routes_and_methods_are_told_apart() {
    check(get("/v1/nothing"), 404, "ROUTE_UNKNOWN").await;
    check(get("/"), 404, "ROUTE_UNKNOWN").await;
    check(get("/v1/outcomes/"), 404, "ROUTE_UNKNOWN").await;
    for endpoint in ENDPOINTS {
        let request = TestRequest::delete().uri(&concrete(endpoint.path));
        let answer = check(request, 405, "METHOD_NOT_ALLOWED").await;
        assert!(
            answer.header("allow").contains(endpoint.method),
            "{}",
            endpoint.path
        );
    }
    let answer = check(get("/v1/outcomes"), 405, "METHOD_NOT_ALLOWED").await;
    assert_eq!(answer.header("allow"), "POST");
}

#[actix_web::test]
async fn parameters_that_are_not_known_or_readable_are_named() {
    let registrar = ("authorization", bearer(&["registrar"]));
    let with = |path: &str| get(path).insert_header(registrar.clone());
    let movements = format!("/v1/learners/{}/movements", learner_no());
    let answer = check(
        with(&format!("{movements}?page=2")),
        400,
        "QUERY_PARAMETER_INVALID",
    )
    .await;
    assert_eq!(answer.first_error(), ("page", "PARAMETER_UNKNOWN"));
    let answer = check(
        with(&format!("{movements}?limit=201")),
        400,
        "QUERY_PARAMETER_INVALID",
    )
    .await;
    assert_eq!(answer.first_error(), ("limit", "LIMIT_OUT_OF_RANGE"));
    check(get("/health/live?x=1"), 400, "QUERY_PARAMETER_INVALID").await;
    let answer = check(with("/v1/imports/7"), 400, "PATH_PARAMETER_INVALID").await;
    assert_eq!(answer.first_error(), ("import_id", "ID_MALFORMED"));
    let answer = check(
        with("/v1/learners/abc/balance"),
        400,
        "PATH_PARAMETER_INVALID",
    )
    .await;
    assert_eq!(answer.first_error(), ("learner_no", "LEARNER_NO_LENGTH"));
}

#[actix_web::test]
async fn a_body_is_refused_by_kind_size_syntax_shape_and_meaning() {
    let other = post("/v1/outcomes", &["registrar"]).set_payload("{}");
    check(other, 415, "MEDIA_TYPE_UNSUPPORTED").await;
    let packed = post_json("{}").insert_header(("content-encoding", "gzip"));
    check(packed, 415, "MEDIA_TYPE_UNSUPPORTED").await;
    check(post_json(&" ".repeat(5_000)), 413, "BODY_TOO_LARGE").await;
    let answer = check(post_json("{\n  \"a\": }"), 400, "MALFORMED_JSON").await;
    assert!(
        answer.body["reason"]["en"]
            .as_str()
            .unwrap()
            .contains("line 2 column 8")
    );
    check(post_json(""), 400, "MALFORMED_JSON").await;
    check(
        post_json(r#"{"grade":"50","grade":"90"}"#),
        400,
        "MALFORMED_JSON",
    )
    .await;
    let mut body = outcome();
    body["learner"]["secret"] = json!(1);
    let answer = check(post_json(&body.to_string()), 400, "INVALID_BODY").await;
    assert_eq!(answer.first_error(), ("/learner/secret", "FIELD_UNKNOWN"));
    let mut body = outcome();
    body["awarded_on"] = json!("2024-02-30");
    let answer = check(post_json(&body.to_string()), 422, "INVALID_VALUES").await;
    assert_eq!(answer.first_error(), ("/awarded_on", "DATE_INVALID"));
    check(post_json(&outcome().to_string()), 503, "UNAVAILABLE").await;
}

#[actix_web::test]
async fn a_batch_has_one_to_a_thousand_outcomes() {
    let request = post("/v1/outcome-batches", &["registrar"]).set_json(json!({"outcomes": []}));
    let answer = check(request, 400, "INVALID_BODY").await;
    assert_eq!(answer.first_error(), ("/outcomes", "SIZE_OUT_OF_RANGE"));
    // A line without meaning does not refuse the whole: this reaches the ledger.
    let mut line = outcome();
    line["grade"] = json!("x");
    let request = post("/v1/outcome-batches", &["registrar"]).set_json(json!({"outcomes": [line]}));
    check(request, 503, "UNAVAILABLE").await;
}

#[actix_web::test]
async fn what_moves_credit_needs_an_idempotency_key() {
    // A file is known by its bytes; tokens, codes and claims move nothing.
    let others = [
        "/v1/imports",
        "/v1/conversion-cohorts",
        "/v1/conversion-requests/{request_id}/evidence",
        "/v1/learners/{learner_no}/claim-codes",
        "/v1/account-claims",
        "/v1/demo-logins",
        "/oauth/token",
    ];
    let all = claims(&[
        "registrar",
        "school_officer",
        "reviewer",
        "institution_admin",
        "committee_member",
        "secretariat",
        "learner",
    ]);
    let all = format!(
        "Bearer {}",
        signed(&TokenClaims {
            learner_no: Some(learner_no().to_string()),
            ..all
        })
    );
    for endpoint in ENDPOINTS
        .iter()
        .filter(|it| it.method == "POST" && !others.contains(&it.path))
    {
        let bare = TestRequest::post()
            .uri(&concrete(endpoint.path))
            .insert_header(("authorization", all.as_str()));
        let answer = check(bare, 400, "IDEMPOTENCY_KEY_MISSING").await;
        assert_eq!(
            answer.first_error().0,
            "Idempotency-Key",
            "{}",
            endpoint.path
        );
        let broken = TestRequest::post()
            .uri(&concrete(endpoint.path))
            .insert_header(("authorization", all.as_str()))
            .insert_header(("idempotency-key", "a b"))
            .set_json(json!({}));
        check(broken, 400, "IDEMPOTENCY_KEY_MALFORMED").await;
    }
}

#[actix_web::test]
async fn the_open_endpoints_answer_anybody() {
    assert_eq!(
        ask(get("/health/live")).await.body,
        json!({"status": "live"})
    );
    check(get("/health/ready"), 503, "UNAVAILABLE").await;
    let answer = ask(get("/openapi.json")).await;
    assert_eq!(answer.body["openapi"], "3.1.0");
    assert_eq!(answer.header("content-type"), "application/json");
}

#[actix_web::test]
async fn a_refusal_speaks_the_callers_language_and_keeps_its_trace() {
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = get("/v1/nothing")
        .insert_header(("accept-language", "en-GB"))
        .insert_header(("traceparent", format!("00-{id}-00f067aa0ba902b7-01")));
    let answer = check(request, 404, "ROUTE_UNKNOWN").await;
    assert_eq!(answer.body["title"], "there is no such route");
    assert_eq!(answer.body["trace_id"], id);
    assert_eq!(answer.header("content-language"), "en");
}

#[actix_web::test]
async fn the_server_answers_on_a_socket_and_ends_when_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move {
        // Also ends where the test does.
        let _ended = stopped.await;
    };
    let sockets = crate::Sockets {
        api: listener,
        metrics: None,
    };
    let served = crate::serve(sockets, state(), shutdown, Duration::ZERO);
    let server = actix_web::rt::spawn(served);
    let exchange = move |request: &'static str| {
        actix_web::rt::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        })
    };
    let head = "HEAD /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = exchange(head).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "a HEAD has no body: {answer}");
    let get = "GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(
        exchange(get)
            .await
            .unwrap()
            .ends_with(r#"{"status":"live"}"#)
    );
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
