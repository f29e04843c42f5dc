//! What the operations of the matrix are asked with.

use actix_web::test::TestRequest;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{
    CohortOrder, FileKey, ImportMode, KeptFile, NewImport, submit_cohort_file,
};
use kit::{RECEIVING, TestBank, UNIVERSITY, outcome};
use serde_json::{Value, json};

use super::Things;

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

/// A file of requests that names nobody the school knows.
pub(super) fn cohort(path: &str) -> TestRequest {
    let order = json!({
        "receiving_institution": RECEIVING,
        "programme": kit::PROGRAMME,
        "reference": "2026夏",
    });
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"order\"\r\n\
         content-type: application/json\r\n\r\n{order}\r\n\
         --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
         abc\r\n--b--\r\n"
    );
    TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload(body)
}

/// A cohort that a file of the school's asks for, and that nobody works at yet.
pub(super) fn cohort_file(bank: &TestBank) -> String {
    let new = NewImport {
        file_name: "a.csv".to_owned(),
        file_sha256: [8; 32],
        reading_sha256: [8; 32],
        byte_count: 3,
        mode: ImportMode::Post,
        approved_in: None,
    };
    let kept = KeptFile {
        file_id: KeptFile::new_id(),
        key: FileKey::generate(),
        blob: "kept".to_owned(),
        sha256: new.file_sha256,
        byte_count: new.byte_count,
    };
    let order = CohortOrder {
        receiving: InstitutionCode::new(RECEIVING).unwrap(),
        programme: kit::PROGRAMME.to_owned(),
        rule_set: None,
        reference: "2026夏".to_owned(),
        basis: None,
    };
    let (grant, about) = (bank.school_asks(), (&new, None));
    let submitted = submit_cohort_file(bank.ledger(), &grant, &order, about, &kept, bank.now());
    submitted.unwrap().0.to_string()
}

impl Things {
    /// The cohort of which an operation has something to show.
    pub(super) fn cohort_of(&self, pattern: &str) -> &str {
        match pattern.rsplit('/').next() {
            Some("file" | "result" | "cancellation") => &self.cohort_file,
            _ => &self.cohort,
        }
    }
}
