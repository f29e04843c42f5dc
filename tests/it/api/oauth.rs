//! The token endpoint: who gets a token, for what, and how often; and the keys that sign.

use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use creditbank_api::{NewClientSecret, new_signing_key, read_jwk};
use creditbank_domain::authz::Role;
use creditbank_domain::ids::ClientId;
use creditbank_ledger::flows::{
    NewClientKey, NewSecret, NewSigningKey, Rotation, add_client_key, add_client_secret,
    revoke_client_key, revoke_client_secret, rotate_signing_keys,
};
use creditbank_ledger::reads::{
    self,
    SigningKeyState::{Current, Next, Retired},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kit::{Answer, SCHOOL, TestApp, TestBank, UNIVERSITY, jwk, keeper, outcome, signing, tokens};
use serde_json::{Value, json};

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

/// An assertion of a client, to be changed by attackers.
fn assertion(id: ClientId) -> Value {
    let now = TestBank::opening().timestamp();
    json!({
        "iss": id.to_string(), "sub": id.to_string(), "aud": tokens::ISSUER,
        "exp": now + 60, "iat": now, "jti": uuid::Uuid::now_v7().to_string(),
    })
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

fn signed(pair: &Pair, kid: &str, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(kid.to_owned());
    encode(&header, claims, &pair.signing).unwrap()
}

async fn ask_by(app: &TestApp, assertion: &str) -> Answer {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let form = [
        ("grant_type", SECRET),
        ("client_assertion_type", kind),
        ("client_assertion", assertion),
    ];
    ask(app, &form).await
}

#[actix_web::test]
async fn a_signed_assertion_gets_one_token_and_no_forged_or_late_one_any() {
    let app = TestApp::start().await;
    let (id, name) = client(&app);
    let (mine, theirs) = (pair("k1"), pair("k1"));
    let read = read_jwk(&mine.jwk).unwrap();
    let key = NewClientKey {
        kid: &read.kid,
        algorithm: read.algorithm,
        jwk: &read.jwk,
    };
    let now = app.bank().now();
    add_client_key(app.bank().ledger(), &keeper(), &name, &key, now).unwrap();
    let good = signed(&mine, "k1", &assertion(id));
    let _ = post(&app, &token(&ask_by(&app, &good).await), "1")
        .await
        .expect(201);
    refused(&ask_by(&app, &good).await, 401, "invalid_client");
    let changed = |member: &str, value: Value| {
        let mut claims = assertion(id);
        claims[member] = value;
        signed(&mine, "k1", &claims)
    };
    let at = |seconds: i64| json!(TestBank::opening().timestamp() + seconds);
    let other = app
        .client(Some(SCHOOL), None, &[Role::Registrar])
        .to_string();
    for wrong in [
        signed(&theirs, "k1", &assertion(id)),
        signed(&mine, "k2", &assertion(id)),
        changed("aud", json!("https://other.test")),
        changed("sub", json!(other)),
        changed("iss", json!(other)),
        changed("exp", at(-31)),
        changed("exp", at(3_600)),
        changed("iat", at(31)),
        changed("nbf", at(31)),
        changed("jti", json!("")),
        "nonsense".to_owned(),
    ] {
        refused(&ask_by(&app, &wrong).await, 401, "invalid_client");
    }
    let endpoint = format!("{}/oauth/token", tokens::ISSUER);
    let _ = token(&ask_by(&app, &changed("aud", json!(endpoint))).await);
    revoke_client_key(app.bank().ledger(), &keeper(), &name, "k1", now).unwrap();
    let late = signed(&mine, "k1", &assertion(id));
    refused(&ask_by(&app, &late).await, 401, "invalid_client");
}

#[actix_web::test]
async fn tokens_outlive_a_rotation_and_a_lost_key_is_published_no_more() {
    let app = TestApp::start().await;
    let (id, name) = client(&app);
    let secret = add_secret(&app, &name, None).secret;
    let get = async || token(&ask_with(&app, id, &secret, "").await);
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let published = async || {
        let keys = app
            .nobody()
            .get("/.well-known/jwks.json")
            .await
            .expect(200)
            .body;
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter()
            .map(|it| it["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = get().await;
    assert_eq!(published().await.len(), 2);
    assert!(published().await.contains(&kid(&first)));
    let rotate = |rotation, late: TimeDelta| {
        let at = TestBank::opening() + late;
        let fresh = new_signing_key();
        rotate_signing_keys(app.bank().ledger(), &keeper(), &fresh, rotation, at)
    };
    let early = rotate(Rotation::WhenSeen, TimeDelta::minutes(9)).unwrap_err();
    assert_eq!(early.fault().unwrap().code, "KEY_NOT_SEEN_YET");
    rotate(Rotation::WhenSeen, TimeDelta::minutes(11)).unwrap();
    let _ = post(&app, &first, "1").await.expect(201);
    let states = "select count(*) || ' ' || state from signing_keys group by state order by state";
    let states = app.bank().database().sql(states).unwrap();
    assert_eq!(
        states.split_whitespace().collect::<Vec<_>>(),
        ["1", "current", "1", "next", "1", "retired"]
    );
    rotate(Rotation::Lost, TimeDelta::minutes(12)).unwrap();
    let known = reads::signing_keys(app.bank().ledger(), app.bank().now()).unwrap();
    let states: Vec<_> = known
        .iter()
        .map(|key| (key.state, key.seed.is_some()))
        .collect();
    for expected in [(Retired, false), (Current, true), (Next, false)] {
        assert!(states.contains(&expected), "{states:?}");
    }
    assert_eq!(states.len(), 3);
    let dump = app
        .bank()
        .database()
        .sql("select t::text from signing_keys t")
        .unwrap();
    let seed = known.iter().find_map(|key| key.seed).unwrap();
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(dump.contains("revoked") && !dump.contains(&hex), "{dump}");
}

#[actix_web::test]
async fn attacks_on_the_banks_own_tokens_are_refused() {
    let app = TestApp::start().await;
    let (id, name) = client(&app);
    let secret = add_secret(&app, &name, None).secret;
    let good = token(&ask_with(&app, id, &secret, "").await);
    let jwks = app
        .nobody()
        .get("/.well-known/jwks.json")
        .await
        .expect(200)
        .body;
    let kid = jsonwebtoken::decode_header(&good).unwrap().kid.unwrap();
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(&good).unwrap();
    let mine = pair("mine");
    let forge = |header: Value, claims: &Value, key: &EncodingKey| {
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(&header), text(claims));
        let algorithm = match header["alg"].as_str() {
            Some("HS256") => Algorithm::HS256,
            _ => Algorithm::EdDSA,
        };
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
        format!("{message}.{signature}")
    };
    let own = json!({"typ": "at+jwt", "alg": "EdDSA", "kid": kid});
    let with = |member: &str, value: Value| {
        let mut header = own.clone();
        header[member] = value;
        header
    };
    let x = jwks["keys"][0]["x"].as_str().unwrap();
    let shared = EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(x).unwrap());
    let banks = reads::signing_keys(app.bank().ledger(), app.bank().now()).unwrap();
    let banks = signing(&banks.iter().find_map(|key| key.seed).unwrap());
    let jwk: Value = serde_json::from_str(&mine.jwk).unwrap();
    let parts: Vec<&str> = good.split('.').collect();
    let none = {
        let header = with("alg", json!("none")).to_string();
        URL_SAFE_NO_PAD.encode(header)
    };
    let changed = |member: &str, value: Value| {
        let mut claims = claims.clone();
        claims[member] = value;
        claims
    };
    for forged in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        forge(with("alg", json!("HS256")), &claims, &shared),
        forge(own.clone(), &claims, &mine.signing),
        forge(with("jwk", jwk.clone()), &claims, &mine.signing),
        forge(
            with("jku", json!("http://127.0.0.1:1/jwks")),
            &claims,
            &mine.signing,
        ),
        forge(
            with("kid", json!("../../etc/passwd")),
            &claims,
            &mine.signing,
        ),
        forge(with("kid", json!("' or '1'='1")), &claims, &mine.signing),
        forge(with("crit", json!(["exp"])), &claims, &mine.signing),
        forge(own.clone(), &changed("aud", json!("another bank")), &banks),
        forge(
            own.clone(),
            &changed("iss", json!("https://other.test")),
            &banks,
        ),
        forge(own.clone(), &changed("sub", json!("nobody")), &banks),
        forge(with("typ", json!("JWT")), &claims, &banks),
        forge(with("crit", json!(["exp"])), &claims, &banks),
        format!("{}.{}.{}", parts[0], parts[1], "AAAA"),
    ] {
        let answer = post(&app, &forged, "forged").await;
        assert_eq!(
            (answer.status, answer.code()),
            (401, "TOKEN_INVALID"),
            "{forged}"
        );
    }
    let at = |seconds: i64| json!(TestBank::opening().timestamp() + seconds);
    for (member, value, code) in [
        ("exp", at(-31), "TOKEN_EXPIRED"),
        ("iat", at(31), "TOKEN_NOT_YET_VALID"),
        ("nbf", at(31), "TOKEN_NOT_YET_VALID"),
    ] {
        let forged = forge(own.clone(), &changed(member, value), &banks);
        post(&app, &forged, "forged").await.refused(401, code);
    }
    // More than the register gives is not had by signing it.
    let more = forge(
        own.clone(),
        &changed("roles", json!(["secretariat", "operator"])),
        &banks,
    );
    post(&app, &more, "more").await.refused(403, "NO_RIGHT");
    let _ = post(&app, &good, "good").await.expect(201);
    let same = forge(own, &claims, &banks);
    let _ = post(&app, &same, "same").await.expect(201);
}
