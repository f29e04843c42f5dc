//! `GET /v1/import-jobs`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadImport;
use creditbank_domain::ids::ImportJobId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::import_job::JobsView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See your institution's import jobs.
///
/// Newest first, in pages, those that ended too.
#[utoipa::path(
    operation_id = "getImportJobs", tag = "imports", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of jobs.", body = JobsView),
        CallerProblems,
    ),
)]
#[get("/v1/import-jobs")]
pub(crate) async fn get_import_jobs(
    permit: Permit<ReadImport>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let limit = page.fetched();
    let before = page.after.map(ImportJobId::from_uuid);
    let work = move |ledger: &_| reads::import_jobs(ledger, &permit.grant, before, limit);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&JobsView::page(&rows, page.limit)))
}
