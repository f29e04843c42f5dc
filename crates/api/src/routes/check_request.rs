//! `POST /v1/conversion-requests/{request_id}/check`

use actix_web::{HttpResponse, post};
use creditbank_domain::authz::CheckConversion;
use creditbank_ledger::flows;

use super::request_step::{Step, step_request};
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::request_way::CheckBody;
use crate::extract::{IdempotencyHeader, IfMatchHeader, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/check";

/// Check a conversion request for the bank.
///
/// Pass it on to the receiving institution, or ask for what is missing. Requests that the first
/// check is certain of pass this stage by themselves; what it is not certain of stands in `marks`.
#[utoipa::path(
    operation_id = "checkConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader,
        IfMatchHeader),
    request_body = CheckBody,
    responses(
        (status = 200, description = "The request as it stands.", body = RequestView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems, VersionProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/check")]
pub(crate) async fn check_conversion_request(
    permit: Permit<CheckConversion>,
    step: Step,
    body: JsonBody<CheckBody>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    step_request(
        permit,
        step,
        (ROUTE, &body.raw),
        order,
        flows::check_request_once,
    )
    .await
}
