//! Tokens and the register of clients: who is believed, and who is no longer.

use actix_web::test::TestRequest;
use creditbank_api::TokenClaims;
use creditbank_domain::authz::Role;
use creditbank_domain::ids::ClientId;
use kit::tokens::{claims, signed, signed_by_another, signed_with_the_public_key};
use kit::{SCHOOL, TestApp, TestBank, UNIVERSITY, outcome};
use uuid::Uuid;

const PATH: &str = "/v1/outcomes";

/// Posts with a token, and holds that nothing was written unless it is taken.
async fn check(app: &TestApp, token: &str, expected: Option<&str>) {
    let written = app.written();
    let body = outcome("MATH101").student("XS20230001").json();
    let answer = app
        .bearer(token)
        .post(PATH, &Uuid::now_v7().to_string(), &body)
        .await;
    match expected {
        None => assert!([200, 201].contains(&answer.status), "{}", answer.text),
        Some(code) => {
            let answer = answer.refused(401, code);
            let challenge = answer.header("www-authenticate");
            assert_eq!(
                challenge,
                r#"Bearer realm="creditbank", error="invalid_token""#
            );
            assert_eq!(app.written(), written);
        }
    }
}

async fn start() -> (TestApp, TokenClaims) {
    let app = TestApp::start().await;
    let claims = app.claims(&[Role::Registrar], UNIVERSITY);
    (app, claims)
}

#[actix_web::test]
async fn a_token_counts_from_its_beginning_to_its_end() {
    let (app, good) = start().await;
    let now = TestBank::opening().timestamp();
    let at = |iat: i64, exp: i64, nbf: Option<i64>| {
        let mut claims = good.clone();
        (claims.iat, claims.exp, claims.nbf) = (now + iat, now + exp, nbf.map(|it| now + it));
        signed(&claims)
    };
    check(&app, &at(0, 3_600, None), None).await;
    check(&app, &at(-3_600, -29, None), None).await;
    check(&app, &at(-3_600, -30, None), Some("TOKEN_EXPIRED")).await;
    check(&app, &at(-3_600, -86_400, None), Some("TOKEN_EXPIRED")).await;
    check(&app, &at(0, 3_600, Some(31)), Some("TOKEN_NOT_YET_VALID")).await;
    check(&app, &at(31, 3_600, None), Some("TOKEN_NOT_YET_VALID")).await;
}

#[actix_web::test]
async fn a_token_of_another_issuer_audience_or_key_is_refused() {
    let (app, good) = start().await;
    let mut other = good.clone();
    other.iss = "https://other.test".to_owned();
    check(&app, &signed(&other), Some("TOKEN_INVALID")).await;
    let mut other = good.clone();
    other.aud = "another-bank".to_owned();
    check(&app, &signed(&other), Some("TOKEN_INVALID")).await;
    check(&app, &signed_by_another(&good), Some("TOKEN_INVALID")).await;
    check(&app, &signed(&good), None).await;
}

#[actix_web::test]
async fn the_algorithm_is_the_servers_and_never_the_tokens() {
    let (app, good) = start().await;
    check(
        &app,
        &signed_with_the_public_key(&good),
        Some("TOKEN_INVALID"),
    )
    .await;
    let token = signed(&good);
    let mut parts = token.split('.');
    let (_, payload, signature) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    // {"alg":"none","typ":"JWT"}, {"alg":"HS256","typ":"JWT"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let hs256 = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    check(&app, &format!("{none}.{payload}."), Some("TOKEN_INVALID")).await;
    check(
        &app,
        &format!("{none}.{payload}.{signature}"),
        Some("TOKEN_INVALID"),
    )
    .await;
    check(
        &app,
        &format!("{hs256}.{payload}.{signature}"),
        Some("TOKEN_INVALID"),
    )
    .await;
    check(&app, &token, None).await;
}

#[actix_web::test]
async fn a_changed_token_is_refused() {
    let (app, good) = start().await;
    let mut more = good.clone();
    more.roles.push("secretariat".to_owned());
    let (token, other) = (signed(&good), signed(&more));
    let part = |token: &str, nth| token.split('.').nth(nth).unwrap().to_owned();
    let forged = [part(&token, 0), part(&other, 1), part(&token, 2)].join(".");
    check(&app, &forged, Some("TOKEN_INVALID")).await;
    let truncated = &token[..token.len() - 4];
    check(&app, truncated, Some("TOKEN_INVALID")).await;
    check(&app, "nonsense", Some("TOKEN_INVALID")).await;
}

#[actix_web::test]
async fn a_client_that_is_switched_off_or_unknown_is_refused_at_once() {
    let (app, good) = start().await;
    let token = signed(&good);
    check(&app, &token, None).await;
    let switch = |active: bool| {
        let statement = format!(
            "update api_clients set active = {active} where client_id = '{}'",
            good.sub
        );
        app.bank().database().sql(&statement).unwrap();
    };
    switch(false);
    check(&app, &token, Some("CLIENT_NOT_HONOURED")).await;
    switch(true);
    check(&app, &token, None).await;
    let mut unknown = good.clone();
    unknown.sub = Uuid::from_u128(1);
    check(&app, &signed(&unknown), Some("CLIENT_NOT_HONOURED")).await;
}

#[actix_web::test]
async fn the_register_narrows_institution_account_and_roles_of_a_token() {
    let (app, good) = start().await;
    let mut elsewhere = good.clone();
    elsewhere.institution = Some(app.bank().institution(SCHOOL).as_uuid());
    check(&app, &signed(&elsewhere), Some("CLIENT_NOT_HONOURED")).await;
    // A role that the register does not give is as good as none.
    let mut officer = app.claims(&[Role::SchoolOfficer], UNIVERSITY);
    officer.roles.push("registrar".to_owned());
    let body = outcome("MATH101").student("XS20230001").json();
    let answer = app.bearer(&signed(&officer)).post(PATH, "k", &body).await;
    answer.refused(403, "NO_RIGHT");
    // A learner's client is for one account.
    let post = |student: &str| {
        let report = outcome("MATH101").student(student).build();
        app.bank().post(UNIVERSITY, report).learner_no
    };
    let (mine, theirs) = (post("XS20230002"), post("XS20230003"));
    let roles = [Role::Learner];
    let client: ClientId = app.client(None, Some(mine), &roles);
    let read = async |number| {
        let token = signed(&claims(
            client,
            None,
            Some(number),
            &roles,
            TestBank::opening(),
        ));
        app.bearer(&token)
            .get(&format!("/v1/learners/{number}/balance"))
            .await
    };
    let _ = read(mine).await.expect(200);
    read(theirs).await.refused(401, "CLIENT_NOT_HONOURED");
}

#[actix_web::test]
async fn what_is_no_bearer_token_is_told_apart() {
    let (app, good) = start().await;
    let with = |value: &str| {
        TestRequest::post()
            .uri(PATH)
            .insert_header(("authorization", value.to_owned()))
    };
    let answer = app
        .send(TestRequest::post().uri(PATH))
        .await
        .refused(401, "TOKEN_MISSING");
    assert_eq!(
        answer.header("www-authenticate"),
        r#"Bearer realm="creditbank""#
    );
    for value in ["Basic YTpi", "Bearer", "nonsense"] {
        app.send(with(value)).await.refused(401, "TOKEN_MALFORMED");
    }
    let token = format!("Bearer {}", signed(&good));
    let twice = with(&token).append_header(("authorization", token.clone()));
    app.send(twice).await.refused(401, "TOKEN_MALFORMED");
    app.send(with(&token))
        .await
        .refused(400, "IDEMPOTENCY_KEY_MISSING");
}
