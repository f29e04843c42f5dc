//! `GET /v1/conversion-cohorts/{cohort_id}/result`

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::CohortId;

use crate::auth::Permit;
use crate::extract::PathId;
use crate::file_body::download;
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems, StateProblems};
use crate::routes::get_import_result::FileContent;
use crate::state::ApiState;

/// Get the file of requests back, with what became of each line.
///
/// The school's own file with three more columns: 行状态, 错误代码, 说明. 409 while it is still worked
/// at. What was decided of the requests since is in `GET /v1/conversion-cohorts/{cohort_id}`.
#[utoipa::path(
    operation_id = "getConversionCohortResult", tag = "conversions", security(("bearer" = [])),
    params(("cohort_id" = uuid::Uuid, Path, description = "The cohort.")),
    responses(
        (status = 200, description = "The file.", content_type = "application/octet-stream",
            body = inline(FileContent)),
        CallerProblems, ReadProblems, StateProblems, RuleProblems,
    ),
)]
#[get("/v1/conversion-cohorts/{cohort_id}/result")]
pub(crate) async fn get_conversion_cohort_result(
    permit: Permit<RequestConversion>,
    id: PathId<CohortId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let desk = Arc::clone(&state.imports);
    download(&state, move || desk.cohort_result(&permit.grant, id.0)).await
}
