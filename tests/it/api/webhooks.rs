//! Webhook endpoints over HTTP: what is told, what is kept, what is refused.

use creditbank_domain::authz::Role;
use kit::{SCHOOL, TestApp, UNIVERSITY};
use serde_json::{Value, json};

const HERE: &str = "/v1/webhook-endpoints";

fn endpoint() -> Value {
    json!({ "url": "https://hooks.example.edu.cn/events", "kinds": ["lot.issued"] })
}

#[actix_web::test]
async fn a_secret_is_told_once_and_kept_nowhere_in_clear() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let opened = registrar.post(HERE, "open", &endpoint()).await.expect(201);
    let secret = opened.body["secret"].as_str().unwrap().to_owned();
    assert!(
        secret.starts_with("whsec_") && secret.len() == 50,
        "{secret}"
    );
    let path = opened.header("location").to_owned();
    let again = registrar.post(HERE, "open", &endpoint()).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let mut without = opened.body.clone();
    without.as_object_mut().unwrap().remove("secret");
    assert_eq!(again.body, without, "the same answer without the secret");
    assert_eq!(registrar.get(&path).await.expect(200).body, without);
    let rotation = format!("{path}/secrets");
    let rotated = registrar
        .post(&rotation, "new", &json!({}))
        .await
        .expect(201);
    let second = rotated.body["secret"].as_str().unwrap().to_owned();
    assert_ne!(second, secret);
    let again = registrar
        .post(&rotation, "new", &json!({}))
        .await
        .expect(201);
    assert_eq!(again.body.get("secret"), None);
    assert_eq!(again.body["secrets"].as_array().unwrap().len(), 2);
    let kept = "select (select string_agg(body::text, ' ') from idempotency_keys) \
                || (select string_agg(figures::text, ' ') from audit_events)";
    let kept = app.bank().database().sql(kept).unwrap();
    assert!(kept.contains("hooks.example.edu.cn"), "{kept}");
    assert!(
        !kept.contains("whsec_") && !kept.contains(&secret[6..]),
        "{kept}"
    );
}

#[actix_web::test]
async fn an_address_that_may_not_be_reached_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    for (url, code) in [
        ("https://169.254.169.254/latest", "WEBHOOK_URL_PRIVATE"),
        ("https://0x7f.1/", "WEBHOOK_URL_PRIVATE"),
        ("https://[::ffff:10.0.0.1]/", "WEBHOOK_URL_PRIVATE"),
        ("http://hooks.example.edu.cn/", "WEBHOOK_URL_NOT_HTTPS"),
        ("https://a:b@hooks.example.edu.cn/", "WEBHOOK_URL_USERINFO"),
        ("https://hooks.example.edu.cn:22/", "WEBHOOK_URL_PORT"),
        ("nowhere", "WEBHOOK_URL_MALFORMED"),
    ] {
        let body = json!({ "url": url, "kinds": ["LOT"] });
        let refused = registrar.post(HERE, "open", &body).await;
        assert!(
            (400..500).contains(&refused.status),
            "{url}: {}",
            refused.text
        );
        let errors = refused.body["errors"].as_array().unwrap();
        let found: Vec<_> = errors
            .iter()
            .map(|it| {
                (
                    it["pointer"].as_str().unwrap(),
                    it["code"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [("/url", code), ("/kinds", "WEBHOOK_KIND_MALFORMED")]
        );
    }
    assert_eq!(app.rows("webhook_endpoints"), 0);
    for number in 0..10 {
        let _ = registrar
            .post(HERE, &format!("k{number}"), &endpoint())
            .await
            .expect(201);
    }
    let refused = registrar.post(HERE, "k10", &endpoint()).await.expect(409);
    assert_eq!(refused.body["code"], "WEBHOOK_ENDPOINTS_TOO_MANY");
    let page = registrar
        .get(&format!("{HERE}?limit=7"))
        .await
        .expect(200)
        .body;
    assert_eq!(page["endpoints"].as_array().unwrap().len(), 7);
    let next = page["next_cursor"].as_str().unwrap();
    let rest = registrar
        .get(&format!("{HERE}?limit=7&cursor={next}"))
        .await
        .expect(200)
        .body;
    assert_eq!(rest["endpoints"].as_array().unwrap().len(), 3);
    assert_eq!(rest.get("next_cursor"), None);
}

#[actix_web::test]
async fn a_test_waits_in_the_list_of_its_own_endpoint_only() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let school = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let opened = registrar.post(HERE, "open", &endpoint()).await.expect(201);
    let path = opened.header("location").to_owned();
    let ping = registrar
        .post(&format!("{path}/test"), "t", &json!({}))
        .await
        .expect(201)
        .body;
    let list = registrar
        .get(&format!("{path}/deliveries?state=pending"))
        .await
        .expect(200)
        .body;
    assert_eq!(list["deliveries"], json!([ping]));
    let none = registrar
        .get(&format!("{path}/deliveries?state=given_up"))
        .await
        .expect(200);
    assert_eq!(none.body["deliveries"], json!([]));
    let unknown = registrar
        .get(&format!("{path}/deliveries?state=lost"))
        .await;
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    let _ = school.get(&format!("{path}/deliveries")).await.expect(404);
    assert_eq!(
        school.get(HERE).await.expect(200).body["endpoints"],
        json!([])
    );
    let secretariat = app.caller(&[Role::Secretariat], SCHOOL);
    let all = secretariat.get(HERE).await.expect(200).body;
    assert_eq!(all["endpoints"].as_array().unwrap().len(), 1);
    let _ = registrar
        .post(&format!("{path}/pause"), "p", &json!({}))
        .await
        .expect(200);
    let refused = registrar
        .post(&format!("{path}/test"), "t2", &json!({}))
        .await
        .expect(409);
    assert_eq!(refused.body["code"], "WEBHOOK_ENDPOINT_PAUSED");
}
