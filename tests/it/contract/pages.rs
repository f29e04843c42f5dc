//! What is made from the contract and committed, and the pages that the server shows.

use std::path::Path;

use creditbank_api::errors_page;
use kit::TestApp;
use kit::contract::{document, postman};

/// Holds a committed text against what the program says, or writes it where that is asked for.
fn committed(path: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == made,
        "{} is not what the program says; run this test with UPDATE_CONTRACT=1, look at the \
         difference and commit it if it is meant",
        path.display()
    );
}

#[test]
fn the_committed_page_of_error_codes_is_that_of_the_program() {
    committed("docs/ERRORS.md", &errors_page());
}

#[test]
fn the_committed_postman_collection_is_made_from_the_document() {
    committed("openapi/postman.json", &postman(document()));
}

#[actix_web::test]
async fn the_type_of_a_refusal_leads_to_its_explanation() {
    let app = TestApp::start().await;
    let refused = app
        .nobody()
        .get("/v1/events")
        .await
        .refused(401, "TOKEN_MISSING");
    let page = app
        .nobody()
        .get(refused.body["type"].as_str().unwrap())
        .await
        .expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("TOKEN_MISSING") && page.text.contains("POST /oauth/token"));
    let all = app.nobody().get("/errors").await.expect(200);
    assert!(all.text.contains("id=\"token-missing\"") && all.text.contains("id=\"not-found\""));
    app.nobody()
        .get("/errors/no-such-code")
        .await
        .refused(404, "ROUTE_UNKNOWN");
    app.nobody()
        .get("/errors/%3Cscript%3E")
        .await
        .refused(404, "ROUTE_UNKNOWN");
}

#[actix_web::test]
async fn the_page_of_the_document_loads_nothing_from_elsewhere() {
    use actix_web::test::TestRequest;

    let app = TestApp::start().await;
    let get = async |path: &str| app.send_foreign(TestRequest::get().uri(path)).await;
    let page = get("/docs").await.expect(200);
    assert!(
        page.header("content-security-policy")
            .contains("script-src 'self'")
    );
    let quoted = |text: &str| -> Vec<String> {
        let parts = text.split('"');
        parts
            .map(|part| part.trim_start_matches("./").to_owned())
            .collect()
    };
    let loads: Vec<_> = quoted(&page.text)
        .into_iter()
        .filter(|it| [".js", ".css"].iter().any(|end| it.ends_with(end)))
        .collect();
    assert!(loads.len() >= 3, "{}", page.text);
    for file in loads {
        assert!(
            file.starts_with("/docs/"),
            "{file} is loaded from elsewhere"
        );
        let _ = get(&file).await.expect(200);
    }
    let start = get("/docs/swagger-initializer.js").await.expect(200);
    assert!(start.text.contains("/openapi.json") && !start.text.contains("https://"));
    app.nobody()
        .get("/docs/nothing.js")
        .await
        .refused(404, "ROUTE_UNKNOWN");
}
