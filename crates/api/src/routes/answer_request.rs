//! `POST /v1/conversion-requests/{request_id}/answer`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::evidence::AnswerBody;
use crate::extract::{
    IdempotencyHeader, IdempotencyKey, IfMatchHeader, JsonBody, PathId, SeenVersion,
};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};
use crate::state::ApiState;

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
    id: PathId<RequestId>,
    key: IdempotencyKey,
    seen: SeenVersion,
    body: JsonBody<AnswerBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let step = body.body.read().map_err(ApiError::Meaning)?;
    let once = (key, ROUTE, &body.raw);
    let which = (id.0, seen.0);
    answer::once::<_, reads::RequestView, RequestView>(
        &state,
        permit,
        once,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::answer_request_once(ledger, grant, which, &step, once, now)
        },
    )
    .await
}
