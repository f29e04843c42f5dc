//! `private_key_jwt`: a client proves who it is by what it signs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use creditbank_api::read_jwk;
use creditbank_domain::authz::Role;
use creditbank_domain::ids::ClientId;
use creditbank_ledger::flows::{NewClientKey, add_client_key, revoke_client_key};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kit::{Answer, SCHOOL, TestApp, TestBank, keeper, tokens};
use serde_json::{Value, json};

use super::{Pair, SECRET, ask, client, pair, post, refused, token};

/// An assertion of a client, to be changed by attackers.
fn assertion(id: ClientId) -> Value {
    let now = TestBank::opening().timestamp();
    json!({
        "iss": id.to_string(), "sub": id.to_string(), "aud": tokens::ISSUER,
        "exp": now + 60, "iat": now, "jti": uuid::Uuid::now_v7().to_string(),
    })
}

fn signed(pair: &Pair, kid: &str, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(kid.to_owned());
    encode(&header, claims, &pair.signing).unwrap()
}

/// As if nobody had to sign.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "none", "typ": "JWT", "kid": "k1" });
    format!("{}.{}.", part(&header), part(claims))
}

/// With the public key, which everybody may know, as if it were a secret.
fn by_the_public_key(pair: &Pair, claims: &Value) -> String {
    let jwk: Value = serde_json::from_str(&pair.jwk).unwrap();
    let public = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".to_owned());
    encode(&header, claims, &EncodingKey::from_secret(&public)).unwrap()
}

/// Signed by a key that the assertion brings along.
fn bringing_a_key(pair: &Pair, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("k1".to_owned());
    header.jwk = serde_json::from_str(&pair.jwk).ok();
    assert!(header.jwk.is_some());
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
        unsigned(&assertion(id)),
        by_the_public_key(&mine, &assertion(id)),
        bringing_a_key(&theirs, &assertion(id)),
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
