//! Budgets of requests.

use actix_web::test::TestRequest;
use creditbank_api::RateLimits;
use creditbank_domain::authz::Role;
use kit::{Answer, SCHOOL, TestApp, TestServer, UNIVERSITY, outcome};
use serde_json::json;

async fn limited(rates: RateLimits) -> TestApp {
    TestApp::start_as(TestServer {
        rates,
        ..TestServer::default()
    })
    .await
}

fn headers(answer: &Answer) -> (&str, &str) {
    (
        answer.header("ratelimit-policy"),
        answer.header("ratelimit"),
    )
}

#[actix_web::test]
async fn a_caller_has_a_budget_of_reads_and_one_of_writes_and_takes_nobody_elses() {
    let app = limited(RateLimits {
        reads: "3/60".parse().ok(),
        writes: "2/60".parse().ok(),
        ..RateLimits::none()
    })
    .await;
    let (registrar, other) = (
        app.caller(&[Role::Registrar], UNIVERSITY),
        app.caller(&[Role::Registrar], SCHOOL),
    );
    let first = registrar.get("/v1/events").await.expect(200);
    assert_eq!(
        headers(&first),
        ("\"reads\";q=3;w=60", "\"reads\";r=2;t=20")
    );
    // Also what is refused for another reason is counted, and so is a HEAD.
    registrar
        .get("/v1/events?nonsense=1")
        .await
        .refused(400, "QUERY_PARAMETER_INVALID");
    let head = TestRequest::default().method("HEAD".parse().unwrap());
    let _ = registrar.send(head.uri("/v1/events")).await.expect(200);
    let spent = registrar.get("/v1/events").await;
    let wait: u32 = spent.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(headers(&spent).0, "\"reads\";q=3;w=60");
    assert!(headers(&spent).1.starts_with("\"reads\";r=0;t="));
    assert!(
        spent.body["reason"]["zh"]
            .as_str()
            .unwrap()
            .contains("3 次")
    );
    spent.refused(429, "RATE_LIMITED");

    let body = outcome("MATH101").student("DX1").source("s-1").json();
    let _ = registrar
        .post("/v1/outcomes", "k-1", &body)
        .await
        .expect(201);
    let _ = registrar
        .post("/v1/outcomes", "k-1", &body)
        .await
        .expect(201);
    let refused = registrar.post("/v1/outcomes", "k-2", &body).await;
    refused.refused(429, "RATE_LIMITED");
    let _ = other.get("/v1/events").await.expect(200);
    assert_eq!(app.rows("outcomes"), 1);
}

/// Whoever is not honoured any more has no budget as a caller, and is not without one either.
#[actix_web::test]
async fn a_good_token_of_a_client_that_is_switched_off_draws_on_the_budget_of_strangers() {
    let app = limited(RateLimits {
        strangers: "3/60".parse().ok(),
        ..RateLimits::none()
    })
    .await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let ask = async || {
        let request = TestRequest::get().uri("/v1/events");
        let from = "192.0.2.1:4711".parse().unwrap();
        registrar.send(request.peer_addr(from)).await
    };
    // The first time the token is not known yet.
    for _ in 0..5 {
        let _ = ask().await.expect(200);
    }
    let switch_off = "update api_clients set active = false";
    app.bank().database().sql(switch_off).unwrap();
    for _ in 0..2 {
        ask().await.refused(401, "CLIENT_NOT_HONOURED");
    }
    ask().await.refused(429, "RATE_LIMITED");
}

#[actix_web::test]
async fn several_servers_share_a_budget() {
    let app = limited(RateLimits {
        reads: "4/60".parse().ok(),
        servers: 2.try_into().unwrap(),
        ..RateLimits::none()
    })
    .await;
    let caller = app.caller(&[Role::Registrar], UNIVERSITY);
    for _ in 0..2 {
        let _ = caller.get("/v1/events").await.expect(200);
    }
    caller.get("/v1/events").await.refused(429, "RATE_LIMITED");
}

/// A request that comes by a proxy, or not, for somebody.
fn from(peer: &str, forwarded_for: &str) -> TestRequest {
    TestRequest::get()
        .uri("/v1/events")
        .peer_addr(format!("{peer}:4711").parse().unwrap())
        .insert_header(("x-forwarded-for", forwarded_for))
}

#[actix_web::test]
async fn strangers_are_told_apart_by_their_address_and_no_header_makes_them_somebody_else() {
    let rates = |proxies: &str| RateLimits {
        strangers: "2/60".parse().ok(),
        trusted_proxies: proxies.parse().unwrap(),
        ..RateLimits::none()
    };
    let app = limited(rates("")).await;
    for n in 0..2 {
        let asked = from("192.0.2.1", &format!("203.0.113.{n}"));
        app.send(asked).await.refused(401, "TOKEN_MISSING");
    }
    let asked = from("192.0.2.1", "203.0.113.99");
    app.send(asked).await.refused(429, "RATE_LIMITED");
    app.send(from("192.0.2.2", ""))
        .await
        .refused(401, "TOKEN_MISSING");

    let app = limited(rates("192.0.2.1")).await;
    for n in 0..9 {
        let asked = from("192.0.2.1", &format!("203.0.113.{n}"));
        app.send(asked).await.refused(401, "TOKEN_MISSING");
    }
    for (status, code) in [(401, "TOKEN_MISSING"), (429, "RATE_LIMITED")] {
        let asked = from("192.0.2.1", "203.0.113.1");
        app.send(asked).await.refused(status, code);
    }
    // Whoever watches the server is never put off.
    for _ in 0..9 {
        let health = TestRequest::get().uri("/health/live");
        let health = health.peer_addr("192.0.2.1:1".parse().unwrap());
        let _ = app.send(health).await.expect(200);
    }
}

#[actix_web::test]
async fn whoever_is_known_goes_on_where_a_neighbour_floods() {
    let app = limited(RateLimits {
        strangers: "3/60".parse().ok(),
        ..RateLimits::none()
    })
    .await;
    let known = app.caller(&[Role::Registrar], UNIVERSITY);
    let _ = known.get("/v1/events").await.expect(200);
    let forged = app.bearer("eyJhbGciOiJFZERTQSJ9.e30.AAAA");
    for (status, code) in [
        (401, "TOKEN_INVALID"),
        (401, "TOKEN_INVALID"),
        (429, "RATE_LIMITED"),
    ] {
        forged.get("/v1/events").await.refused(status, code);
    }
    let _ = known.get("/v1/events").await.expect(200);
}

#[actix_web::test]
async fn tls_before_the_server_is_believed_of_a_trusted_proxy_only() {
    let app = limited(RateLimits {
        trusted_proxies: "192.0.2.1".parse().unwrap(),
        ..RateLimits::none()
    })
    .await;
    for (peer, expected) in [("192.0.2.1", "max-age=31536000"), ("192.0.2.2", "")] {
        let asked = TestRequest::get()
            .uri("/health/live")
            .peer_addr(format!("{peer}:1").parse().unwrap())
            .insert_header(("x-forwarded-proto", "https"));
        let answer = app.send(asked).await.expect(200);
        assert_eq!(
            answer.header("strict-transport-security"),
            expected,
            "{peer}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
    }
}

/// What is sent to the one that reads the most is cut by what is counted, not by what it costs.
#[actix_web::test]
async fn bodies_that_are_deep_long_or_wide_are_refused_with_their_place_and_change_nothing() {
    let app = limited(RateLimits::none()).await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let send = |text: String| {
        let request = TestRequest::post()
            .uri("/v1/outcome-batches")
            .insert_header(("idempotency-key", "k-1"))
            .insert_header(("content-type", "application/json"))
            .set_payload(text);
        registrar.send(request)
    };
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    send(deep).await.refused(400, "MALFORMED_JSON");
    let deep = format!(
        "{{\"outcomes\":{}1{}}}",
        "{\"a\":".repeat(200),
        "}".repeat(200)
    );
    send(deep).await.refused(400, "MALFORMED_JSON");
    let many = vec![json!({}); 100_000];
    let refused = send(json!({ "outcomes": many }).to_string()).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let members: serde_json::Map<_, _> = (0..50_000).map(|n| (format!("m{n}"), json!(1))).collect();
    let refused = send(json!(members).to_string()).await;
    assert_eq!(refused.code(), "INVALID_BODY");
    let report = outcome("MATH101").json();
    let many = vec![report; 5_000];
    let refused = send(json!({ "outcomes": many }).to_string()).await;
    assert!(
        [(400, "INVALID_BODY"), (413, "BODY_TOO_LARGE")]
            .contains(&(refused.status, refused.code())),
        "{}",
        refused.text
    );
    let long = format!("/v1/events?cursor={}", "a".repeat(60_000));
    let refused = registrar.get(&long).await;
    assert_eq!(refused.status, 400);
    let refused = registrar.get("/v1/events?limit=1000000").await;
    refused.refused(400, "QUERY_PARAMETER_INVALID");
    app.assert_nothing_written();
}
