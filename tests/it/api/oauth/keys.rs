//! The keys that sign the bank's own tokens: how they change, and what is forged with others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use creditbank_api::new_signing_key;
use creditbank_ledger::flows::{Rotation, rotate_signing_keys};
use creditbank_ledger::reads::{
    self,
    SigningKeyState::{Current, Next, Retired},
};
use jsonwebtoken::{Algorithm, EncodingKey};
use kit::{TestApp, TestBank, keeper, signing};
use serde_json::{Value, json};

use super::{add_secret, ask_with, client, pair, post, token};

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
