//! Evidence: uploads as clients send them.

use actix_web::test::TestRequest;

/// A form with a file that is said to be of this kind.
#[must_use]
pub fn evidence_form(path: &str, kind: &str, file_name: &str, bytes: &[u8]) -> TestRequest {
    let mut body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--b\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         content-type: application/pdf\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b--\r\n");
    TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload(body)
}

/// A PDF that says something.
#[must_use]
pub fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{words}\n%%EOF\n").into_bytes()
}
