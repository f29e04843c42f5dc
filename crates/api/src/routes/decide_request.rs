//! `POST /v1/conversion-requests/{request_id}/decision`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DecideConversion;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion::DecisionBody;
use crate::dto::conversion_view::RequestView;
use crate::extract::{
    IdempotencyHeader, IdempotencyKey, IfMatchHeader, JsonBody, PathId, SeenVersion,
};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};
use crate::state::ApiState;

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
    id: PathId<RequestId>,
    key: IdempotencyKey,
    seen: SeenVersion,
    body: JsonBody<DecisionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let once = (key, ROUTE, &body.raw);
    let which = (id.0, seen.0);
    answer::once::<_, reads::RequestView, RequestView>(
        &state,
        permit,
        once,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::decide_request_once(ledger, grant, which, &order, once, now)
        },
    )
    .await
}
