//! What the operations of the matrix are asked with.

use actix_web::test::TestRequest;
use creditbank_domain::learner_no::LearnerNo;
use kit::{RECEIVING, UNIVERSITY, outcome};
use serde_json::{Value, json};

pub(super) fn asking(learner: LearnerNo) -> Value {
    json!({
        "receiving_institution": RECEIVING,
        "programme": kit::PROGRAMME,
        "learners": [{ "learner_no": learner.as_str() }],
    })
}

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

/// For the operations on jobs with files, on settings and on mappings.
pub(super) fn about_imports(path: &str, key: &str) -> Value {
    match path {
        "/v1/import-jobs" => json!({ "file_name": "b.csv", "byte_count": 3 }),
        "/v1/import-mappings" => json!({ "name": key, "mapping": {} }),
        "/v1/import-settings" => json!({ "approval_required": false }),
        _ if path.ends_with("/answers") => json!({ "mapping": {} }),
        _ if path.ends_with("/approval") => json!({ "verdict": "approve" }),
        _ => json!({}),
    }
}
