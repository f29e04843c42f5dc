//! `GET /v1/import-jobs/{job_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadImport;
use creditbank_domain::ids::ImportJobId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::import_job::JobView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See an import job.
///
/// Where it stands, how far it has come, how fast, and how long it still takes. What became of the
/// lines is in `GET /v1/imports/{import_id}`.
#[utoipa::path(
    operation_id = "getImportJob", tag = "imports", security(("bearer" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job.")),
    responses(
        (status = 200, description = "The job.", body = JobView),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/import-jobs/{job_id}")]
pub(crate) async fn get_import_job(
    permit: Permit<ReadImport>,
    id: PathId<ImportJobId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::import_job(ledger, &permit.grant, id.0);
    let job = state.ledger.run(work).await?;
    Ok(answer::ok(&JobView::from(&job)))
}
