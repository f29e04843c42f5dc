//! `GET`, `HEAD` and `PATCH /v1/import-jobs/{job_id}/upload`: a file that comes in parts, as tus
//! 1.0.0 has it with its extension for checksums, so that its clients can be used.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, get, patch};
use creditbank_domain::authz::{ReadImport, RunImport};
use creditbank_domain::ids::ImportJobId;
use creditbank_ledger::reads::{self, ImportJobView};

use crate::auth::Permit;
use crate::desk::Part;
use crate::dto::import_job::UploadView;
use crate::extract::{PART_BYTES_MAX, PartContent, PartHeaders, PathId, UploadPart};
use crate::problem::{
    ApiError, CallerProblems, PathProblems, ReadProblems, StateProblems, UploadProblems,
};
use crate::state::ApiState;

/// See how much of a job's file has arrived.
///
/// `HEAD` answers the same in headers alone: `Upload-Offset` is where to go on, `Upload-Length` the
/// size that was announced.
#[utoipa::path(
    operation_id = "getImportUpload", tag = "imports", security(("bearer" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job.")),
    responses(
        (status = 200, description = "How much is here.", body = UploadView, headers(
            ("Upload-Offset" = u64, description = "How many bytes are here."),
            ("Upload-Length" = u64, description = "How many there will be."),
            ("Tus-Resumable" = String, description = "`1.0.0`"),
        )),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/import-jobs/{job_id}/upload")]
pub(crate) async fn get_import_upload(
    permit: Permit<RunImport>,
    id: PathId<ImportJobId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| {
        let reading = permit.grant.narrowed::<ReadImport>()?;
        reads::import_job(ledger, &reading, id.0)
    };
    let job = state.ledger.run(work).await?;
    Ok(standing(HttpResponse::Ok(), &job).json(UploadView::of(&job)))
}

/// Send the next part of a job's file.
///
/// At most 8 MiB, beginning at `Upload-Offset`, which is what `HEAD` answers: anything else is 409
/// `UPLOAD_OFFSET` and changes nothing. A part counts when it has arrived whole and its
/// `Upload-Checksum`, where there is one, is right; one that was cut off is sent again.
#[utoipa::path(
    operation_id = "patchImportUpload", tag = "imports", security(("bearer" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job."), PartHeaders),
    request_body(content = inline(PartContent), content_type = "application/offset+octet-stream",
        description = "The bytes of this part."),
    responses(
        (status = 204, description = "The part is here.", headers(
            ("Upload-Offset" = u64, description = "Where to go on."),
            ("Upload-Length" = u64, description = "How many bytes there will be."),
            ("Tus-Resumable" = String, description = "`1.0.0`"),
        )),
        CallerProblems, PathProblems, StateProblems, UploadProblems,
    ),
)]
#[patch("/v1/import-jobs/{job_id}/upload")]
pub(crate) async fn patch_import_upload(
    permit: Permit<RunImport>,
    id: PathId<ImportJobId>,
    part: UploadPart,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let desk = Arc::clone(&state.imports);
    let part = Part {
        starts_at: part.starts_at,
        bytes: part.bytes,
    };
    let work = move || desk.receive(&permit.grant, id.0, part, now);
    let job = state.ledger.take_turn(work).await?;
    Ok(standing(HttpResponse::NoContent(), &job).finish())
}

fn standing(mut response: HttpResponseBuilder, job: &ImportJobView) -> HttpResponseBuilder {
    response
        .insert_header(("tus-resumable", "1.0.0"))
        .insert_header(("upload-offset", job.received.to_string()))
        .insert_header(("upload-length", job.byte_count.to_string()))
        .insert_header(("upload-part-max", PART_BYTES_MAX.to_string()));
    response
}
