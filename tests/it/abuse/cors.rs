//! Pages in browsers: only of origins that the settings name.

use actix_web::test::TestRequest;
use creditbank_api::ApiLimits;
use creditbank_domain::authz::Role;
use kit::{TestApp, TestServer, UNIVERSITY};

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
