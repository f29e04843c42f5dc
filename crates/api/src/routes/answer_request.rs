//! `POST /v1/conversion-requests/{request_id}/answer`

use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_ledger::flows;

use super::request_step::{Step, step_request};
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::evidence::AnswerBody;
use crate::extract::{IdempotencyHeader, IfMatchHeader, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/answer";

/// Answer what was asked about a conversion request.
///
/// The reviewers have the turn again and their clock goes on. What was approved at the stage before
/// the question is said again. `evidence` names what was attached for it.
#[utoipa::path(
    operation_id = "answerConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader,
        IfMatchHeader),
    request_body = AnswerBody,
    responses(
        (status = 200, description = "The request as it stands.", body = RequestView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems, VersionProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/answer")]
pub(crate) async fn answer_conversion_request(
    permit: Permit<RequestConversion>,
    step: Step,
    body: JsonBody<AnswerBody>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    step_request(
        permit,
        step,
        (ROUTE, &body.raw),
        order,
        flows::answer_request_once,
    )
    .await
}
