//! `POST /v1/import-jobs/{job_id}/cancellation`

use actix_web::HttpResponse;
use actix_web::post;
use actix_web::web::Data;
use creditbank_domain::authz::RunImport;
use creditbank_domain::ids::ImportJobId;
use creditbank_ledger::flows;
use creditbank_ledger::reads::ImportJobView;

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::import_job::{CancelBody, JobView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/import-jobs/{job_id}/cancellation";

/// End an import job.
///
/// One that waits ends at once; one that is worked at ends after the lines in hand, and says
/// `cancel_asked` until then. Lines that were posted stay posted; handing the file in again goes on
/// with the others. Again it changes nothing; a job that ended otherwise is 409 `IMPORT_JOB_OVER`.
#[utoipa::path(
    operation_id = "cancelImportJob", tag = "imports", security(("bearer" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job."), IdempotencyHeader),
    request_body = CancelBody,
    responses(
        (status = 200, description = "The job.", body = JobView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/import-jobs/{job_id}/cancellation")]
pub(crate) async fn cancel_import_job(
    permit: Permit<RunImport>,
    id: PathId<ImportJobId>,
    key: IdempotencyKey,
    body: JsonBody<CancelBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let request = (key, ROUTE, &body.raw);
    answer::once::<_, ImportJobView, JobView>(
        &state,
        permit,
        request,
        DONE,
        move |ledger, grant, once, now| {
            flows::cancel_import_job_once(ledger, grant, id.0, once, now)
        },
    )
    .await
}
