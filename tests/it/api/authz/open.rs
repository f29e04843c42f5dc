//! What answers without a token.

use actix_web::test::TestRequest;
use creditbank_api::ENDPOINTS;
use kit::TestApp;

#[actix_web::test]
async fn operations_without_an_action_are_few_and_answer_anybody() {
    let open: Vec<&str> = ENDPOINTS
        .iter()
        .filter(|it| it.action.is_none())
        .map(|it| it.path)
        .collect();
    let [demo, token, keys @ ..] = open.as_slice() else {
        panic!("nothing is open")
    };
    // Who asks for a token proves who it is in its own way.
    assert_eq!([*demo, *token], ["/v1/demo-logins", "/oauth/token"]);
    let readable = [
        "/v1/published-figures",
        "/.well-known/jwks.json",
        "/openapi.json",
        "/docs",
        "/docs/{file}",
        "/errors",
        "/errors/{code}",
        "/health/live",
        "/health/ready",
    ];
    assert_eq!(keys, readable);
    let app = TestApp::start().await;
    for path in readable {
        let path = path.replace("{file}", "index.html");
        let path = path.replace(
            "/v1/published-figures",
            "/v1/published-figures?month=2026-10",
        );
        let request = TestRequest::get().uri(&path.replace("{code}", "not-found"));
        let _ = app.send_foreign(request).await.expect(200);
    }
}
