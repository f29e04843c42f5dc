//! Pages in browsers: only of origins that the settings name.

use actix_web::test::TestRequest;
use creditbank_api::{ApiLimits, ENDPOINTS, openapi_json};
use creditbank_domain::authz::Role;
use kit::{TestApp, TestServer, UNIVERSITY};
use serde_json::Value;

const PORTAL: &str = "https://portal.example.cn";
const FOREIGN: &str = "https://evil.example";

async fn open_to(origins: &[&str]) -> TestApp {
    let cors_origins = origins.iter().map(|&it| it.to_owned()).collect();
    let limits = ApiLimits {
        cors_origins,
        ..ApiLimits::default()
    };
    TestApp::start_as(TestServer {
        limits,
        ..TestServer::default()
    })
    .await
}

fn preflight(origin: &str) -> TestRequest {
    TestRequest::default()
        .method("OPTIONS".parse().unwrap())
        .uri("/v1/outcomes")
        .insert_header(("origin", origin))
        .insert_header(("access-control-request-method", "POST"))
        .insert_header((
            "access-control-request-headers",
            "authorization,content-type",
        ))
}

#[actix_web::test]
async fn without_a_setting_no_page_of_any_origin_is_let_in() {
    let app = open_to(&[]).await;
    for origin in [PORTAL, "null", FOREIGN] {
        let answer = app.send(preflight(origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        answer.refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[actix_web::test]
async fn a_named_origin_is_let_in_and_every_other_is_refused_before_anything_is_done() {
    let app = open_to(&[PORTAL]).await;
    let answer = app.send(preflight(PORTAL)).await;
    assert!([200, 204].contains(&answer.status), "{}", answer.text);
    assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("access-control-max-age"), "600");
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let of = |origin: &'static str| {
        let request = TestRequest::get().uri("/v1/events");
        registrar.send(request.insert_header(("origin", origin)))
    };
    let answer = of(PORTAL).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
    assert!(
        answer
            .header("vary")
            .to_ascii_lowercase()
            .contains("origin")
    );
    for origin in [FOREIGN, "null", "https://portal.example.cn.evil.example"] {
        app.send(preflight(origin))
            .await
            .refused(403, "ORIGIN_FOREIGN");
        let answer = of(origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        answer.refused(403, "ORIGIN_FOREIGN");
    }
    // Programs say no origin.
    let _ = registrar.get("/v1/events").await.expect(200);
}

/// The names under which a member of the document is found, in lower case.
fn names_at(document: &Value, of: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let mut names: Vec<String> = operations.flat_map(of).collect();
    names.sort();
    names.dedup();
    names
}

/// A page can do all that the document says: every method, with every header, and reads every one.
#[actix_web::test]
async fn a_page_of_a_named_origin_may_use_every_method_and_header_that_is_documented() {
    let app = open_to(&[PORTAL]).await;
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let mut sent = names_at(&document, |operation| {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let headers = parameters.filter(|it| it["in"] == "header");
        headers
            .map(|it| it["name"].as_str().unwrap().to_ascii_lowercase())
            .collect()
    });
    assert!(sent.contains(&"upload-offset".to_owned()), "{sent:?}");
    sent.extend(["authorization", "content-type", "accept-language"].map(str::to_owned));
    let told = names_at(&document, |operation| {
        let answers = operation["responses"].as_object().into_iter().flatten();
        let headers = answers.filter_map(|(_, answer)| answer["headers"].as_object());
        headers
            .flat_map(|it| it.keys().map(|name| name.to_ascii_lowercase()))
            .collect()
    });
    for endpoint in ENDPOINTS {
        let path = endpoint.path.replace(['{', '}'], "");
        let asked = TestRequest::default()
            .method("OPTIONS".parse().unwrap())
            .uri(&path)
            .insert_header(("origin", PORTAL))
            .insert_header(("access-control-request-method", endpoint.method))
            .insert_header(("access-control-request-headers", sent.join(",")));
        let answer = app.send(asked).await;
        assert!([200, 204].contains(&answer.status), "{path}");
    }
    let health = TestRequest::get().uri("/health/live");
    let answer = app.send(health.insert_header(("origin", PORTAL))).await;
    let shown = answer.header("access-control-expose-headers");
    let shown: Vec<String> = shown
        .split(',')
        .map(|it| it.trim().to_ascii_lowercase())
        .collect();
    for name in told {
        assert!(shown.contains(&name), "{name} is not among {shown:?}");
    }
}
