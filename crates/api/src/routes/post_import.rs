//! `POST /v1/imports`

use std::sync::Arc;

use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RunImport;

use crate::auth::Permit;
use crate::dto::import::ImportView;
use crate::extract::{ImportForm, ImportUpload};
use crate::problem::{ApiError, CallerProblems, UploadProblems};
use crate::state::ApiState;

/// Hand in a transcript file.
///
/// The file as the institution's own system exports it. The answer comes before the work is done;
/// `Location` tells where to see it. The same file twice is harmless, so no idempotency key is
/// needed; an import that was cut off goes on where it stood.
#[utoipa::path(
    operation_id = "postImport", tag = "imports", security(("bearer" = [])),
    request_body(content = ImportForm, content_type = "multipart/form-data",
        description = "The file, and how to take it."),
    responses(
        (status = 202, description = "Taken.", body = ImportView,
            headers(("Location" = String, description = "Where to see the import."))),
        CallerProblems, UploadProblems,
    ),
)]
#[post("/v1/imports")]
pub(crate) async fn post_import(
    permit: Permit<RunImport>,
    upload: ImportUpload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let desk = Arc::clone(&state.imports);
    let work = move || desk.accept(&permit.grant, upload.0, now);
    let import = ImportView::from(&state.ledger.work_at_file(work).await?);
    let location = format!("/v1/imports/{}", import.import_id);
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, location))
        .json(import))
}
