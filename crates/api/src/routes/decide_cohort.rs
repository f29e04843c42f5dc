//! `POST /v1/conversion-cohorts/{cohort_id}/decision`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DecideConversion;
use creditbank_domain::ids::CohortId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion::DecisionBody;
use crate::dto::conversion_view::CohortView;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/conversion-cohorts/{cohort_id}/decision";

/// Decide every open request of a cohort.
///
/// All as the rules say, or all refused with one text. What was decided before stays as it is.
#[utoipa::path(
    operation_id = "decideConversionCohort", tag = "conversions", security(("bearer" = [])),
    params(("cohort_id" = uuid::Uuid, Path, description = "The cohort."), IdempotencyHeader),
    request_body = DecisionBody,
    responses(
        (status = 200, description = "The decided cohort.", body = CohortView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-cohorts/{cohort_id}/decision")]
pub(crate) async fn decide_conversion_cohort(
    permit: Permit<DecideConversion>,
    id: PathId<CohortId>,
    key: IdempotencyKey,
    body: JsonBody<DecisionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let once = (key, ROUTE, &body.raw);
    answer::once::<_, reads::CohortView, CohortView>(
        &state,
        permit,
        once,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::decide_cohort_once(ledger, grant, id.0, &order, once, now)
        },
    )
    .await
}
