//! `POST /v1/conversion-requests/{request_id}/decision`

use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DecideConversion;
use creditbank_ledger::flows;

use super::request_step::{Step, step_request};
use crate::auth::Permit;
use crate::dto::conversion::DecisionBody;
use crate::dto::conversion_view::RequestView;
use crate::extract::{IdempotencyHeader, IfMatchHeader, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/decision";

/// Decide a conversion request.
///
/// As the rules say, without outcomes that are not accepted where some are named; refuse it with a
/// text for the learner; or ask for what is missing, which stops the clock. Where the institution
/// has several stages or a quorum, the request stays open until the last has spoken. A request that
/// was decided stays decided: a second decision answers 409.
#[utoipa::path(
    operation_id = "decideConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader,
        IfMatchHeader),
    request_body = DecisionBody,
    responses(
        (status = 200, description = "The decided request.", body = RequestView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems, VersionProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/decision")]
pub(crate) async fn decide_conversion_request(
    permit: Permit<DecideConversion>,
    step: Step,
    body: JsonBody<DecisionBody>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    step_request(
        permit,
        step,
        (ROUTE, &body.raw),
        order,
        flows::decide_request_once,
    )
    .await
}
