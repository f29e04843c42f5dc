//! `POST /v1/conversion-cohorts/{cohort_id}/cancellation`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::CohortId;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::cohort_file::CohortFileView;
use crate::dto::import_job::CancelBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/conversion-cohorts/{cohort_id}/cancellation";

/// End the work at a file of requests.
///
/// One that waits ends at once; one that is worked at ends after the lines in hand. Requests that
/// were sent stay sent, and are withdrawn each by itself; handing the file in again goes on with the
/// other lines.
#[utoipa::path(
    operation_id = "cancelConversionCohortFile", tag = "conversions", security(("bearer" = [])),
    params(("cohort_id" = uuid::Uuid, Path, description = "The cohort."), IdempotencyHeader),
    request_body = CancelBody,
    responses(
        (status = 200, description = "The file.", body = CohortFileView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-cohorts/{cohort_id}/cancellation")]
pub(crate) async fn cancel_conversion_cohort_file(
    permit: Permit<RequestConversion>,
    id: PathId<CohortId>,
    key: IdempotencyKey,
    body: JsonBody<CancelBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    answer::once::<_, reads::CohortFileView, CohortFileView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        DONE,
        move |ledger, grant, once, now| {
            flows::cancel_cohort_file_once(ledger, grant, id.0, once, now)
        },
    )
    .await
}
