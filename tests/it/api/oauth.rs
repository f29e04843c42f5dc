//! The token endpoint: who gets a token, for what, and how often.

mod assertions;
mod keys;

use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use creditbank_api::{NewClientSecret, new_signing_key};
use creditbank_domain::authz::Role;
use creditbank_domain::ids::ClientId;
use creditbank_ledger::flows::{NewSecret, NewSigningKey, add_client_secret, revoke_client_secret};
use jsonwebtoken::EncodingKey;
use kit::{Answer, SCHOOL, TestApp, TestBank, UNIVERSITY, jwk, keeper, outcome, signing};
use serde_json::json;

const SECRET: &str = "client_credentials";

/// The registrar's client of the university, by its id and name.
fn client(app: &TestApp) -> (ClientId, String) {
    let roles = [Role::Registrar];
    let id = app.client(Some(UNIVERSITY), None, &roles);
    let name = format!("registrar {:?} {:?}", Some(UNIVERSITY), None::<u8>);
    (id, name)
}

fn add_secret(app: &TestApp, name: &str, until: Option<TimeDelta>) -> NewClientSecret {
    let made = NewClientSecret::generate().unwrap();
    let secret = NewSecret {
        id: made.id,
        hash: &made.hash,
        expires_at: until.map(|it| TestBank::opening() + it),
    };
    let now = TestBank::opening() - TimeDelta::days(1);
    add_client_secret(app.bank().ledger(), &keeper(), name, &secret, now).unwrap();
    made
}

async fn ask(app: &TestApp, form: &[(&str, &str)]) -> Answer {
    let request = TestRequest::post().uri("/oauth/token").set_form(form);
    app.send_foreign(request).await
}

async fn ask_with(app: &TestApp, client: ClientId, secret: &str, scope: &str) -> Answer {
    let id = client.to_string();
    let form = [
        ("grant_type", SECRET),
        ("client_id", &id),
        ("client_secret", secret),
        ("scope", scope),
    ];
    ask(app, &form).await
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    let got = (
        answer.status,
        answer.body["error"].as_str().unwrap_or_default(),
    );
    assert_eq!(got, (status, error), "{}", answer.text);
    assert!(answer.body["error_description"].is_string());
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 900);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

async fn post(app: &TestApp, token: &str, source: &str) -> Answer {
    let body = outcome("MATH101")
        .student("XS20230001")
        .source(source)
        .json();
    app.bearer(token).post("/v1/outcomes", source, &body).await
}

#[actix_web::test]
async fn a_secret_gets_a_token_by_either_way_and_the_token_posts() {
    let app = TestApp::start().await;
    let (id, name) = client(&app);
    let secret = add_secret(&app, &name, None);
    let by_post = ask_with(&app, id, &secret.secret, "").await;
    let _ = post(&app, &token(&by_post), "by-post").await.expect(201);
    let basic = TestRequest::post()
        .uri("/oauth/token")
        .insert_header(("authorization", basic(&id.to_string(), &secret.secret)))
        .set_form([("grant_type", SECRET)]);
    let by_basic = app.send_foreign(basic).await;
    let _ = post(&app, &token(&by_basic), "by-basic").await.expect(201);
    assert_ne!(token(&by_post), token(&by_basic));
    let kept = app
        .bank()
        .database()
        .sql("select t::text from client_secrets t")
        .unwrap();
    assert!(
        kept.contains("argon2id") && !kept.contains(&secret.secret),
        "{kept}"
    );
}

fn basic(id: &str, secret: &str) -> String {
    let pair = format!("{id}:{secret}");
    format!("Basic {}", STANDARD.encode(pair))
}

#[actix_web::test]
async fn what_is_no_proof_gets_no_token_and_is_told_as_rfc_6749_says() {
    let app = TestApp::start().await;
    let (id, name) = client(&app);
    let other = app.client(Some(SCHOOL), None, &[Role::Registrar]);
    let made = add_secret(&app, &name, None);
    let never = NewClientSecret::generate().unwrap();
    let flipped = made.secret.replace("cbs_", "cbs_A");
    for (client, secret) in [
        (id, ""),
        (id, "guess"),
        (id, &flipped),
        (id, &never.secret),
        (other, &made.secret),
        (ClientId::from_uuid(uuid::Uuid::from_u128(7)), &made.secret),
    ] {
        let answer = ask_with(&app, client, secret, "").await;
        refused(&answer, 401, "invalid_client");
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Basic realm="creditbank""#
        );
    }
    let id = id.to_string();
    let whole = [
        ("grant_type", SECRET),
        ("client_id", &id),
        ("client_secret", &made.secret),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let form: Vec<_> = whole.iter().copied().chain(more.iter().copied()).collect();
        form
    };
    refused(&ask(&app, &whole[1..]).await, 400, "invalid_request");
    refused(
        &ask(&app, &with(&[("grant_type", SECRET)])).await,
        400,
        "invalid_request",
    );
    refused(
        &ask(&app, &with(&[("client_assertion", "x")])).await,
        400,
        "invalid_request",
    );
    let mut password = whole;
    password[0].1 = "password";
    refused(&ask(&app, &password).await, 400, "unsupported_grant_type");
    refused(&ask(&app, &whole[..1]).await, 401, "invalid_client");
    for scope in [
        "everything",
        "outcomes:write  learners:read",
        "merges:write",
    ] {
        refused(
            &ask(&app, &with(&[("scope", scope)])).await,
            400,
            "invalid_scope",
        );
    }
    // What is not known is passed over.
    let _ = token(&ask(&app, &with(&[("resource", "https://bank.test")])).await);
    let json = TestRequest::post().uri("/oauth/token").set_json(json!({}));
    refused(&app.send_foreign(json).await, 400, "invalid_request");
}

#[actix_web::test]
async fn a_scope_narrows_a_token_and_never_widens_it() {
    let app = TestApp::start().await;
    let (id, name) = client(&app);
    let secret = add_secret(&app, &name, None).secret;
    let _ = post(
        &app,
        &token(&ask_with(&app, id, &secret, "outcomes:write").await),
        "1",
    )
    .await
    .expect(201);
    let reading = ask_with(&app, id, &secret, "learners:read events:read").await;
    assert_eq!(reading.body["scope"], "learners:read events:read");
    let reading = token(&reading);
    let _ = post(&app, &reading, "2").await.refused(403, "NO_RIGHT");
    let _ = app.bearer(&reading).get("/v1/events").await.expect(200);
    app.bearer(&reading)
        .get("/v1/totals")
        .await
        .refused(403, "NO_RIGHT");
}

#[actix_web::test]
async fn secrets_overlap_end_and_are_revoked() {
    let app = TestApp::start().await;
    let (id, name) = client(&app);
    let old = add_secret(&app, &name, Some(TimeDelta::seconds(1)));
    let new = add_secret(&app, &name, None);
    for secret in [&old, &new] {
        let _ = token(&ask_with(&app, id, &secret.secret, "").await);
    }
    let ended = add_secret(&app, &name, Some(TimeDelta::zero()));
    refused(
        &ask_with(&app, id, &ended.secret, "").await,
        401,
        "invalid_client",
    );
    let now = app.bank().now();
    revoke_client_secret(app.bank().ledger(), &keeper(), &name, new.id, now).unwrap();
    refused(
        &ask_with(&app, id, &new.secret, "").await,
        401,
        "invalid_client",
    );
    let _ = token(&ask_with(&app, id, &old.secret, "").await);
    let off = format!("update api_clients set active = false where client_id = '{id}'");
    app.bank().database().sql(&off).unwrap();
    refused(
        &ask_with(&app, id, &old.secret, "").await,
        401,
        "invalid_client",
    );
}

#[actix_web::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_again() {
    let app = TestApp::start().await;
    let (id, _) = client(&app);
    let other = app.client(Some(SCHOOL), None, &[Role::Registrar]);
    for _ in 0..30 {
        refused(
            &ask_with(&app, id, "guess", "").await,
            401,
            "invalid_client",
        );
    }
    let answer = ask_with(&app, id, "guess", "").await;
    refused(&answer, 429, "temporarily_unavailable");
    assert!((1..=3).contains(&answer.header("retry-after").parse::<u64>().unwrap()));
    refused(
        &ask_with(&app, other, "guess", "").await,
        401,
        "invalid_client",
    );
}

struct Pair {
    signing: EncodingKey,
    jwk: String,
}

fn pair(kid: &str) -> Pair {
    let key = NewSigningKey {
        kid: kid.to_owned(),
        ..new_signing_key()
    };
    Pair {
        signing: signing(&key.seed),
        jwk: jwk(&key).to_string(),
    }
}
