//! Files of requests over HTTP: what is said beside a file, and how far it has come. The kit's desk
//! is busy, so a file that nothing is wrong with ends there.

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use kit::{Answer, Caller, RECEIVING, SCHOOL, TestApp};
use serde_json::{Value, json};

const PATH: &str = "/v1/conversion-cohorts";

fn order() -> Value {
    json!({
        "receiving_institution": RECEIVING, "programme": kit::PROGRAMME, "reference": "2026夏",
        "basis": { "kind": "consent" },
    })
}

/// A form of these fields; the one without a name of its own is the file.
async fn send(caller: &Caller, fields: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, content) in fields {
        let file = if *name == "file" {
            "; filename=\"a.csv\""
        } else {
            ""
        };
        body += &format!(
            "--b\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        );
    }
    let request = TestRequest::post()
        .uri(PATH)
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload(format!("{body}--b--\r\n"));
    caller.send(request).await
}

#[actix_web::test]
async fn what_is_said_beside_a_file_of_requests_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let school = app.caller(&[Role::SchoolOfficer], SCHOOL);
    let whole = order().to_string();
    let taken = send(&school, &[("order", &whole), ("file", "学号\nS1\n")]).await;
    assert_eq!((taken.status, taken.header("retry-after")), (503, "7"));
    let with = |name: &str, value: Value| {
        let mut body = order();
        body[name] = value;
        body.to_string()
    };
    for (order, place, code) in [
        (
            with("reference", json!(" ")),
            "/order/reference",
            "TEXT_EMPTY",
        ),
        (
            with("receiving_institution", json!("")),
            "/order/receiving_institution",
            "INSTITUTION_CODE",
        ),
        (
            with("basis", json!({ "kind": "because" })),
            "/order/basis",
            "BASIS_UNKNOWN",
        ),
        (
            with("basis", json!({ "kind": "other_law" })),
            "/order/basis",
            "BASIS_DOCUMENT",
        ),
    ] {
        let refused = send(&school, &[("order", &order), ("file", "学号\nS1\n")]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let (at, found) = refused.first_error();
        assert_eq!(at, place, "{}", refused.text);
        if !matches!(code, "TEXT_EMPTY" | "INSTITUTION_CODE") {
            assert_eq!(found, code);
        }
    }
    for (fields, place) in [
        (vec![("file", "学号\n")], "order"),
        (vec![("order", whole.as_str())], "file"),
        (vec![("order", "{"), ("file", "x")], "order"),
        (vec![("order", whole.as_str()), ("file", "")], "file"),
    ] {
        let refused = send(&school, &fields).await;
        assert_eq!(
            (refused.status, refused.first_error().0),
            (400, place),
            "{}",
            refused.text
        );
    }
    assert_eq!(app.rows("imports"), 0);
}
