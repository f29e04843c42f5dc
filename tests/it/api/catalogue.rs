//! What can be recognised, as everybody who is signed in sees it.

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL, TestApp, UNIVERSITY};
use serde_json::Value;

fn codes(page: &Value) -> Vec<&str> {
    let entries = page["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn the_catalogue_is_read_whole_in_pages_of_any_size() {
    let app = TestApp::start().await;
    let reviewer = app.caller(&[Role::Reviewer], RECEIVING);
    let whole = reviewer.get("/v1/catalogue-entries").await.expect(200).body;
    let all = codes(&whole);
    assert_eq!(all.len(), 11);
    assert!(whole.get("next_cursor").is_none());
    for limit in [1, 2, 3, 10, 11] {
        let (mut read, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/catalogue-entries?limit={limit}{after}");
            let page = reviewer.get(&path).await.expect(200).body;
            read.extend(page["entries"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            after = format!("&cursor={cursor}");
        }
        assert_eq!(Value::Array(read), whole["entries"], "{limit}");
    }
}

#[actix_web::test]
async fn an_entry_says_what_it_gives_who_may_post_it_and_all_its_versions() {
    let app = TestApp::start().await;
    let registrar = app.caller(&[Role::Registrar], SCHOOL);
    let path = format!("/v1/catalogue-entries?owner={UNIVERSITY}&code=MATH101&category=course");
    let found = registrar.get(&path).await.expect(200).body;
    let entry = &found["entries"][0];
    assert_eq!(codes(&found), ["MATH101"]);
    let version = &entry["version"];
    assert_eq!(version["posted_by"], serde_json::json!([UNIVERSITY]));
    assert_eq!(version["gives"][0]["amount"], "4.00");
    assert_eq!(version["gives"][0]["unit"], "credit");
    let path = format!(
        "/v1/catalogue-entries/{}",
        entry["entry_id"].as_str().unwrap()
    );
    let whole = registrar.get(&path).await.expect(200).body;
    assert_eq!(whole["versions"], serde_json::json!([version]));
}

#[actix_web::test]
async fn a_filter_leaves_out_what_it_says_and_a_day_before_all_versions_everything() {
    let app = TestApp::start().await;
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    let get = async |query: &str| {
        let path = format!("/v1/catalogue-entries?{query}");
        auditor.get(&path).await.expect(200).body
    };
    let of_the_school = get(&format!("owner={SCHOOL}")).await;
    let expected = ["CERT-A", "CERT-B", "CERT-C", "CERT-D", "CERT-LOW"];
    let mut found = codes(&of_the_school);
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(codes(&get("on=1990-01-01").await), [""; 0]);
    assert_eq!(codes(&get("category=activity").await), [""; 0]);
    assert_eq!(codes(&get("owner=99999").await), [""; 0]);
    for (query, name) in [("category=x", "category"), ("on=x", "on"), ("of=x", "of")] {
        let answer = auditor.get(&format!("/v1/catalogue-entries?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.first_error().0, name, "{query}");
    }
}

#[actix_web::test]
async fn what_was_seen_of_catalogue_and_rules_is_not_sent_again() {
    let app = TestApp::start().await;
    let auditor = app.caller(&[Role::Auditor], UNIVERSITY);
    for path in ["/v1/catalogue-entries", "/v1/rule-sets"] {
        let first = auditor.get(path).await.expect(200);
        let tag = first.header("etag").to_owned();
        assert!(
            first.header("cache-control").starts_with("private"),
            "{path}"
        );
        let again = TestRequest::get()
            .uri(path)
            .insert_header(("if-none-match", tag));
        let again = auditor.send(again).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
    }
}
