//! `POST /v1/conversion-requests/{request_id}/check`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::CheckConversion;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::request_way::CheckBody;
use crate::extract::{
    IdempotencyHeader, IdempotencyKey, IfMatchHeader, JsonBody, PathId, SeenVersion,
};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};
use crate::state::ApiState;

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
    id: PathId<RequestId>,
    key: IdempotencyKey,
    seen: SeenVersion,
    body: JsonBody<CheckBody>,
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
            flows::check_request_once(ledger, grant, which, &order, once, now)
        },
    )
    .await
}
