use actix_web::test::TestRequest;
use serde_json::json;

use super::{ask, check, get, post};
use crate::auth::fixture::bearer;

fn form(parts: &[(&str, &str)]) -> TestRequest {
    let mut body = String::new();
    for (disposition, content) in parts {
        body.push_str(&format!(
            "--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--b--\r\n");
    TestRequest::post()
        .uri("/v1/imports")
        .insert_header(("authorization", bearer(&["registrar"])))
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload(body)
}

#[actix_web::test]
async fn a_file_is_taken_with_its_name_and_wishes() {
    let file = (
        "name=\"file\"; filename=\"C:\\\\a\\\\grades.csv\"",
        "a,b\n1,2\n",
    );
    let dry = ("name=\"dry_run\"", "true");
    let answer = ask(form(&[file, dry, ("name=\"mapping\"", "{\"成绩\": 3}")])).await;
    assert_eq!(answer.status, 202);
    let id = "00000000-0000-0000-0000-000000000003";
    assert_eq!(answer.header("location"), format!("/v1/imports/{id}"));
    assert_eq!(answer.body["file_name"], "grades.csv");
    assert_eq!(answer.body["dry_run"], true);
    assert_eq!(ask(form(&[file])).await.body["dry_run"], false);
}

#[actix_web::test]
async fn a_form_that_is_no_upload_is_refused_with_its_field() {
    let file = ("name=\"file\"; filename=\"a.csv\"", "x");
    let refused = async |parts: &[(&str, &str)]| {
        let answer = check(form(parts), 400, "INVALID_BODY").await;
        let (place, code) = answer.first_error();
        (place.to_owned(), code.to_owned())
    };
    let expect = |place: &str, code: &str| (place.to_owned(), code.to_owned());
    let dry = ("name=\"dry_run\"", "true");
    assert_eq!(refused(&[dry]).await, expect("file", "FIELD_MISSING"));
    assert_eq!(
        refused(&[file, file]).await,
        expect("file", "FIELD_REPEATED")
    );
    let other = ("name=\"other\"", "x");
    assert_eq!(
        refused(&[file, other]).await,
        expect("other", "FIELD_UNKNOWN")
    );
    let maybe = ("name=\"dry_run\"", "maybe");
    assert_eq!(
        refused(&[file, maybe]).await,
        expect("dry_run", "VALUE_UNREADABLE")
    );
    let mapping = ("name=\"mapping\"", "{");
    assert_eq!(
        refused(&[file, mapping]).await,
        expect("mapping", "VALUE_UNREADABLE")
    );
    let empty = ("name=\"file\"; filename=\"a.csv\"", "");
    assert_eq!(refused(&[empty]).await, expect("file", "FILE_EMPTY"));
    let nameless = ("name=\"file\"", "x");
    assert_eq!(refused(&[nameless]).await, expect("file", "TEXT_MISSING"));
    let json = post("/v1/imports", &["registrar"]).set_json(json!({}));
    check(json, 415, "MEDIA_TYPE_UNSUPPORTED").await;
    let large = "x".repeat(3_000_000);
    let file = ("name=\"file\"; filename=\"a.csv\"", large.as_str());
    check(form(&[file]), 413, "BODY_TOO_LARGE").await;
}

#[actix_web::test]
async fn a_result_is_there_when_the_import_has_ended() {
    let result = |id: u32| {
        get(&format!(
            "/v1/imports/00000000-0000-0000-0000-00000000000{id}/result"
        ))
        .insert_header(("authorization", bearer(&["registrar"])))
    };
    check(result(3), 409, "IMPORT_STILL_RUNNING").await;
    check(result(4), 404, "NOT_FOUND").await;
}
