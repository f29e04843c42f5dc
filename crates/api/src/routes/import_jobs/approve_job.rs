//! `POST /v1/import-jobs/{job_id}/approval`

use actix_web::HttpResponse;
use actix_web::post;
use actix_web::web::Data;
use creditbank_domain::authz::ApproveImport;
use creditbank_domain::ids::ImportJobId;
use creditbank_ledger::flows;
use creditbank_ledger::reads::ImportJobView;

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::import_job::{ApprovalBody, JobView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/import-jobs/{job_id}/approval";

/// Approve or decline an import job that somebody else handed in.
///
/// Where the institution wants a second person, a job is tried first and waits; `approval` names
/// the dry run with what every line would come to. Approved it posts. Whoever handed it in is 422
/// `OWN_IMPORT`; a job that waits for nobody is 409 `IMPORT_NOT_AWAITING`.
#[utoipa::path(
    operation_id = "approveImportJob", tag = "imports", security(("bearer" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job."), IdempotencyHeader),
    request_body = ApprovalBody,
    responses(
        (status = 200, description = "The job.", body = JobView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/import-jobs/{job_id}/approval")]
pub(crate) async fn approve_import_job(
    permit: Permit<ApproveImport>,
    id: PathId<ImportJobId>,
    key: IdempotencyKey,
    body: JsonBody<ApprovalBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let request = (key, ROUTE, &body.raw);
    answer::once::<_, ImportJobView, JobView>(
        &state,
        permit,
        request,
        DONE,
        move |ledger, grant, once, now| {
            flows::approve_import_once(ledger, grant, id.0, &order, once, now)
        },
    )
    .await
}
