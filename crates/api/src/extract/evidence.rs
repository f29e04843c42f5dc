//! The upload of evidence: `multipart/form-data`, the file streamed to disk.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::form::MultipartForm;
use actix_multipart::form::tempfile::TempFile;
use actix_multipart::form::text::Text;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::evidence::{BYTES_MAX, EvidenceKind};
use creditbank_domain::fault::Fault;
use creditbank_domain::words::UnknownWord;
use serde::Deserialize;
use tempfile::TempPath;
use utoipa::ToSchema;

use super::form::{arriving, field, file_name, filled};
use crate::problem::ApiError;

/// A file that shows something, and what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "file": "%PDF-1.7", "kind": "certificate" }))]
#[expect(dead_code, reason = "describes the form that EvidenceUpload reads")]
pub(crate) struct EvidenceForm {
    /// PDF, JPEG, PNG or OFD, 10 MiB at most; its bytes say which.
    #[schema(
        value_type = String, format = Binary, min_length = 1,
        content_media_type = "application/octet-stream",
    )]
    file: Vec<u8>,
    /// What it is to show.
    #[schema(example = "certificate", extensions(("x-words" = json!(EvidenceKind::WORDS))))]
    kind: String,
}

/// The file's limit is repeated from [`BYTES_MAX`], since an attribute takes no constant; a test
/// holds them together.
#[derive(MultipartForm)]
#[multipart(deny_unknown_fields, duplicate_field = "deny")]
struct Form {
    #[multipart(limit = "10 MiB")]
    file: TempFile,
    kind: Text<String>,
}

/// A file that has arrived on this machine's disk.
pub(crate) struct EvidenceUpload {
    /// Where it is; removed when dropped.
    pub(crate) path: TempPath,
    /// One path component without control characters.
    pub(crate) file_name: String,
    pub(crate) byte_count: u64,
    pub(crate) kind: EvidenceKind,
}

impl FromRequest for EvidenceUpload {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = arriving::<Form>(request, payload, |_| BYTES_MAX);
        Box::pin(async move { upload(form.await?) })
    }
}

fn upload(form: Form) -> Result<EvidenceUpload, ApiError> {
    let byte_count = filled(&form.file)?;
    let kind = form.kind.parse().map_err(|UnknownWord { allowed, .. }| {
        let zh = format!("材料类型应为以下之一:{allowed}");
        let en = format!("the kind of evidence is one of {allowed}");
        field("kind", Fault::new("EVIDENCE_KIND_UNKNOWN", zh, en))
    })?;
    Ok(EvidenceUpload {
        file_name: file_name(form.file.file_name.as_deref().unwrap_or_default())?,
        path: form.file.file.into_temp_path(),
        byte_count,
        kind,
    })
}
