//! `POST /v1/conversion-requests/{request_id}/withdrawal`

use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_ledger::flows;

use super::request_step::{Step, step_request};
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::request_way::SayingBody;
use crate::extract::{IdempotencyHeader, IfMatchHeader, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/withdrawal";

/// Take a conversion request back.
///
/// Until it is decided. What it holds is released; a request that was taken back stays so, and
/// asking again is a new one.
#[utoipa::path(
    operation_id = "withdrawConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader,
        IfMatchHeader),
    request_body = SayingBody,
    responses(
        (status = 200, description = "The request as it stands.", body = RequestView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems, VersionProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/withdrawal")]
pub(crate) async fn withdraw_conversion_request(
    permit: Permit<RequestConversion>,
    step: Step,
    body: JsonBody<SayingBody>,
) -> Result<HttpResponse, ApiError> {
    let text = body.body.read().map_err(ApiError::Meaning)?;
    let order = flows::ApplicantStep::Withdraw { text };
    step_request(
        permit,
        step,
        (ROUTE, &body.raw),
        order,
        flows::answer_request_once,
    )
    .await
}
