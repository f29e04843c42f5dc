//! The OpenAPI document as committed and served, and the health of the server.

use std::path::Path;
use std::time::Duration;

use creditbank_api::{ENDPOINTS, openapi_json};
use creditbank_domain::authz::Role;
use futures_util::future::{join, join_all};
use kit::{TestApp, UNIVERSITY, outcome};
use serde_json::{Value, json};

#[test]
fn the_committed_document_is_that_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == openapi_json(),
        "openapi/openapi.json is not what the program says; look at the difference after\n    \
         cargo run -p creditbank -- openapi > openapi/openapi.json\nand commit it if it is meant"
    );
}

#[actix_web::test]
async fn the_served_document_is_the_committed_one_and_has_every_operation() {
    let app = TestApp::start().await;
    let answer = app.nobody().get("/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.text, openapi_json());
    let mut operations = 0;
    for endpoint in ENDPOINTS {
        let operation = &answer.body["paths"][endpoint.path][endpoint.method.to_ascii_lowercase()];
        assert!(
            operation["responses"].is_object(),
            "{} {}",
            endpoint.method,
            endpoint.path
        );
    }
    for path in answer.body["paths"].as_object().unwrap().values() {
        operations += path.as_object().map_or(0, serde_json::Map::len);
    }
    assert_eq!(operations, ENDPOINTS.len());
}

#[actix_web::test]
async fn a_server_with_every_migration_is_live_and_ready() {
    let app = TestApp::start().await;
    let check = async |path: &str, status: &str| {
        let answer = app.nobody().get(path).await.expect(200);
        assert_eq!(answer.body, json!({ "status": status }));
    };
    check("/health/live", "live").await;
    check("/health/ready", "ready").await;
}

#[actix_web::test]
async fn a_server_behind_its_migrations_is_live_and_not_ready() {
    let app = TestApp::start().await;
    let database = app.bank().database();
    let last = "(select max(version) from __diesel_schema_migrations)";
    let taken = database
        .sql(&format!(
            "delete from __diesel_schema_migrations where version = {last} returning version"
        ))
        .unwrap();
    app.nobody()
        .get("/health/ready")
        .await
        .refused(503, "UNAVAILABLE");
    let live: Value = app.nobody().get("/health/live").await.expect(200).body;
    assert_eq!(live["status"], "live");
    let version = taken.split_whitespace().next().unwrap();
    database
        .sql(&format!(
            "insert into __diesel_schema_migrations (version) values ('{version}')"
        ))
        .unwrap();
    // What was found holds for a moment.
    let asked = async || app.nobody().get("/health/ready").await.status;
    for _ in 0..100 {
        if asked().await == 200 {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it is ready again");
}

/// A busy bank is not one that cannot work: a balancer would take every server out at once.
#[actix_web::test]
async fn a_server_whose_connections_are_all_at_work_is_ready() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], UNIVERSITY);
    let lock = app.bank().database().hold_lock("lots");
    let busy = join_all((0..12).map(async |n| {
        let body = outcome("MATH101").student(&format!("S{n}")).json();
        let (key, batch) = (format!("key-{n}"), json!({ "outcomes": [body] }));
        registrar.post("/v1/outcome-batches", &key, &batch).await
    }));
    let ready = async {
        // By now all turns are taken, and some wait.
        actix_web::rt::time::sleep(Duration::from_secs(1)).await;
        let _ = app.nobody().get("/health/ready").await.expect(200);
        lock.release();
    };
    let (busy, ()) = join(busy, ready).await;
    assert!(busy.iter().all(|it| it.status == 200), "none was lost");
}

/// Every text under a member of this name, in an example or a default.
fn texts(value: &Value, member: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|one| texts(one, member, found)),
        Value::Object(members) => {
            for (name, one) in members {
                match one {
                    Value::String(text) if name == member => found.push(text.clone()),
                    other => texts(other, member, found),
                }
            }
        }
        _ => {}
    }
}

/// What stands behind a member of this name in the prose.
fn written(text: &str, member: &str) -> Vec<String> {
    let marker = format!("\"{member}\": \"");
    let behind = text.split(&marker).skip(1);
    behind
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect()
}

#[test]
fn no_source_reference_that_we_show_holds_a_number_or_a_name_of_anybody() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let document: Value = serde_json::from_str(&read("openapi/openapi.json")).unwrap();
    let prose = [
        "docs/API.md",
        "docs/CLIENT.md",
        "docs/IMPORT.md",
        "README.md",
    ]
    .map(read);
    let all = |member: &str| {
        let mut found = Vec::new();
        texts(&document, member, &mut found);
        found.extend(prose.iter().flat_map(|text| written(text, member)));
        found
    };
    let references = all("source_ref");
    assert!(references.len() > 8, "{references:?}");
    let people: Vec<_> = ["value", "learner_no", "name"]
        .into_iter()
        .flat_map(all)
        .filter(|text| text.chars().count() > 4)
        .collect();
    assert!(people.iter().any(|text| text == "2023010101"), "{people:?}");
    for reference in references {
        let told = people.iter().find(|somebody| reference.contains(*somebody));
        assert_eq!(told, None, "{reference}");
    }
}
