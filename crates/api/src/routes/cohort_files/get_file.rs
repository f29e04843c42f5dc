//! `GET /v1/conversion-cohorts/{cohort_id}/file`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::CohortId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::cohort_file::CohortFileView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See how far a file of requests has come.
///
/// The counts always add up: every line that was read was requested, was requested before or was
/// rejected.
#[utoipa::path(
    operation_id = "getConversionCohortFile", tag = "conversions", security(("bearer" = [])),
    params(("cohort_id" = uuid::Uuid, Path, description = "The cohort.")),
    responses(
        (status = 200, description = "The file.", body = CohortFileView),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/conversion-cohorts/{cohort_id}/file")]
pub(crate) async fn get_conversion_cohort_file(
    permit: Permit<RequestConversion>,
    id: PathId<CohortId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::cohort_file(ledger, &permit.grant, id.0);
    let file = state.ledger.run(work).await?;
    Ok(answer::ok(&CohortFileView::from(&file)))
}
