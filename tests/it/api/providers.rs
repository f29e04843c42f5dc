//! People who sign in at an identity provider: whose tokens are believed, and what they may do.

use std::time::Duration;

use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use creditbank_api::{Clock, new_signing_key};
use creditbank_domain::authz::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kit::{
    Answer, FakeProvider, PROVIDER_AUDIENCE, SCHOOL, TestApp, TestBank, UNIVERSITY, believing, jwk,
    signing,
};
use serde_json::{Value, json};

const PATH: &str = "/v1/totals";

async fn start(provider: &FakeProvider) -> TestApp {
    let clock = Clock::fixed(TestBank::opening());
    let app = TestApp::start_with(believing(&[&provider.issuer], &["EdDSA"]), clock).await;
    let person = app.bank().person(&provider.issuer, "zhao");
    app.bank().give(person, None, Role::Secretariat);
    app
}

async fn read(app: &TestApp, token: &str) -> Answer {
    app.bearer(token).get(PATH).await
}

#[actix_web::test]
async fn who_signs_in_is_what_the_register_says_and_no_more() {
    let provider = FakeProvider::start();
    let app = start(&provider).await;
    let now = TestBank::opening();
    let _ = read(&app, &provider.token("zhao", now)).await.expect(200);
    // Somebody whom the bank does not know, whatever the token says of them.
    let mut claims = provider.claims("qian", now);
    claims["roles"] = json!(["secretariat", "operator"]);
    claims["institution"] = json!(app.bank().institution(SCHOOL));
    read(&app, &provider.signed(&claims))
        .await
        .refused(403, "NO_RIGHT");
    let ended = "update memberships set ended_at = now()";
    app.bank().database().sql(ended).unwrap();
    read(&app, &provider.token("zhao", now))
        .await
        .refused(403, "NO_RIGHT");
}

#[actix_web::test]
async fn only_what_says_that_it_is_an_access_token_is_one() {
    let provider = FakeProvider::start();
    let app = start(&provider).await;
    let claims = provider.claims("zhao", TestBank::opening());
    for kind in ["JWT", "logout+jwt", "dpop+jwt", "", "at+jwt2"] {
        let token = provider.signed_as(kind, &claims);
        read(&app, &token).await.refused(401, "TOKEN_INVALID");
    }
    for kind in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        let token = provider.signed_as(kind, &claims);
        let _ = read(&app, &token).await.expect(200);
    }
}

#[actix_web::test]
async fn who_is_a_member_of_several_says_for_which_one() {
    let provider = FakeProvider::start();
    let app = start(&provider).await;
    let person = app.bank().person(&provider.issuer, "qian");
    app.bank().give(person, Some(SCHOOL), Role::SchoolOfficer);
    app.bank().give(person, Some(UNIVERSITY), Role::Registrar);
    let token = provider.token("qian", TestBank::opening());
    let caller = app.bearer(&token);
    let ask = async |named: Option<&str>| {
        let request = TestRequest::get().uri("/v1/events");
        let request = match named {
            Some(name) => request.insert_header(("creditbank-acting-for", name.to_owned())),
            None => request,
        };
        caller.send(request).await
    };
    let missing = ask(None).await.refused(400, "ACTING_FOR_MISSING");
    assert!(missing.text.contains(SCHOOL) && missing.text.contains(UNIVERSITY));
    for code in [SCHOOL, UNIVERSITY] {
        let _ = ask(Some(code)).await.expect(200);
    }
    for code in ["bank", "99999", "", "myself"] {
        ask(Some(code)).await.refused(403, "NO_RIGHT");
    }
}

#[actix_web::test]
async fn attacks_on_a_providers_tokens_are_refused() {
    let provider = FakeProvider::start();
    let app = start(&provider).await;
    let now = TestBank::opening();
    let good = provider.claims("zhao", now);
    let changed = |member: &str, value: Value| {
        let mut claims = good.clone();
        claims[member] = value;
        provider.signed(&claims)
    };
    let without = |member: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(member);
        provider.signed(&claims)
    };
    let mine = new_signing_key();
    let by_me = |header: &Header| encode(header, &good, &signing(&mine.seed)).unwrap();
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(provider.kid());
    let mut with_jwk = header.clone();
    with_jwk.jwk = Some(serde_json::from_value(jwk(&mine)).unwrap());
    let mut with_jku = header.clone();
    with_jku.jku = Some("http://127.0.0.1:1/keys".to_owned());
    let mut injected = header.clone();
    injected.kid = Some("../../../dev/null".to_owned());
    let mut shared = Header::new(Algorithm::HS256);
    shared.kid = Some(provider.kid());
    let public = {
        let mut keys = Value::Null;
        provider.play(|played| keys = played.keys.clone());
        URL_SAFE_NO_PAD
            .decode(keys["keys"][0]["x"].as_str().unwrap())
            .unwrap()
    };
    let parts = provider.signed(&good);
    let parts: Vec<&str> = parts.split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": provider.kid()}).to_string());
    let nameless = encode(&Header::new(Algorithm::EdDSA), &good, &signing(&mine.seed)).unwrap();
    let at = |seconds: i64| json!(now.timestamp() + seconds);
    for (token, code) in [
        (format!("{none}.{}.", parts[1]), "TOKEN_INVALID"),
        (
            encode(&shared, &good, &EncodingKey::from_secret(&public)).unwrap(),
            "TOKEN_INVALID",
        ),
        (by_me(&header), "TOKEN_INVALID"),
        (by_me(&with_jwk), "TOKEN_INVALID"),
        (by_me(&with_jku), "TOKEN_INVALID"),
        (by_me(&injected), "TOKEN_INVALID"),
        (nameless, "TOKEN_INVALID"),
        (changed("aud", json!("https://other.test")), "TOKEN_INVALID"),
        (changed("aud", json!([])), "TOKEN_INVALID"),
        (changed("iss", json!("https://other.test")), "TOKEN_INVALID"),
        (changed("iss", json!(kit::tokens::ISSUER)), "TOKEN_INVALID"),
        (
            changed("iss", json!(format!("{}/", provider.issuer))),
            "TOKEN_INVALID",
        ),
        (changed("sub", json!("")), "TOKEN_INVALID"),
        (without("aud"), "TOKEN_INVALID"),
        (without("sub"), "TOKEN_INVALID"),
        (without("exp"), "TOKEN_INVALID"),
        (changed("exp", at(-30)), "TOKEN_EXPIRED"),
        (changed("iat", at(31)), "TOKEN_NOT_YET_VALID"),
        (changed("nbf", at(31)), "TOKEN_NOT_YET_VALID"),
    ] {
        read(&app, &token).await.refused(401, code);
    }
    for taken in [
        changed("aud", json!(["other", PROVIDER_AUDIENCE])),
        changed("exp", at(-29)),
        changed("nbf", at(30)),
    ] {
        let _ = read(&app, &taken).await.expect(200);
    }
}

#[actix_web::test]
async fn a_provider_changes_its_key_and_invented_names_do_not_reach_it() {
    let provider = FakeProvider::start();
    let app = start(&provider).await;
    let now = TestBank::opening();
    let _ = read(&app, &provider.token("zhao", now)).await.expect(200);
    assert_eq!(provider.asked(), 2, "discovery and keys");
    let old = provider.token("zhao", now - chrono::TimeDelta::seconds(1));
    provider.rotate();
    let _ = read(&app, &provider.token("zhao", now)).await.expect(200);
    assert_eq!(provider.asked(), 4);
    read(&app, &old).await.refused(401, "TOKEN_INVALID");
    let mine = new_signing_key();
    let begun = std::time::Instant::now();
    for number in 0..20 {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(format!("invented-{number}"));
        let token = encode(&header, &provider.claims("zhao", now), &signing(&mine.seed)).unwrap();
        read(&app, &token).await.refused(401, "TOKEN_INVALID");
    }
    let rounds = begun.elapsed().as_millis() / 50 + 2;
    assert!(
        provider.asked() as u128 <= 4 + 2 * rounds,
        "{}",
        provider.asked()
    );
    // An algorithm that is not pinned is refused before anything is fetched for it.
    let asked = provider.asked();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("another".to_owned());
    let token = encode(
        &header,
        &provider.claims("zhao", now),
        &EncodingKey::from_secret(b"x"),
    );
    read(&app, &token.unwrap())
        .await
        .refused(401, "TOKEN_INVALID");
    assert_eq!(provider.asked(), asked);
}

#[actix_web::test]
async fn a_provider_that_lies_or_is_away_signs_nobody_in() {
    let now = TestBank::opening();
    type Lie = fn(&mut kit::Played);
    let lies: [Lie; 5] = [
        |played| played.discovery["issuer"] = json!("http://127.0.0.1:1"),
        |played| played.discovery["jwks_uri"] = json!("http://internal.test/keys"),
        |played| played.discovery["jwks_uri"] = json!("file:///etc/passwd"),
        |played| played.keys = json!("nothing"),
        |played| played.discovery = json!({ "issuer": "x".repeat(300_000) }),
    ];
    for lie in lies {
        let provider = FakeProvider::start();
        let app = start(&provider).await;
        provider.play(lie);
        let answer = read(&app, &provider.token("zhao", now)).await;
        answer.refused(503, "UNAVAILABLE");
    }
    let away = "http://127.0.0.1:1";
    let clock = Clock::fixed(now);
    let app = TestApp::start_with(believing(&[away], &["EdDSA"]), clock).await;
    let provider = FakeProvider::start();
    let mut claims = provider.claims("zhao", now);
    claims["iss"] = json!(away);
    let begun = std::time::Instant::now();
    read(&app, &provider.signed(&claims))
        .await
        .refused(503, "UNAVAILABLE");
    assert!(begun.elapsed() < Duration::from_secs(5));
    // Everybody else goes on.
    let caller = app.caller(&[Role::Registrar], UNIVERSITY);
    let _ = caller.get(PATH).await.expect(200);
}
