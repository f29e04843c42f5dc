//! What is sent in the matrix.

use actix_web::test::TestRequest;
use kit::{UNIVERSITY, outcome};
use serde_json::{Value, json};

pub(super) fn because() -> Value {
    json!({ "reason": "CLERICAL_ERROR", "document_number": "教务更正〔2026〕3号" })
}

pub(super) fn report(key: &str) -> Value {
    outcome("MATH101")
        .student("DX20230002")
        .source(key)
        .owned_by(UNIVERSITY)
        .json()
}

pub(super) fn account(key: &str) -> Value {
    json!({ "identifiers": [{ "kind": "student_number", "value": key }], "name": "测试学员" })
}

pub(super) fn part(path: &str) -> TestRequest {
    TestRequest::patch()
        .uri(path)
        .insert_header(("content-type", "application/offset+octet-stream"))
        .insert_header(("upload-offset", "0"))
        .set_payload("abc")
}

pub(super) fn upload(path: &str) -> TestRequest {
    let body = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
                abc\r\n--b--\r\n";
    TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload(body)
}
