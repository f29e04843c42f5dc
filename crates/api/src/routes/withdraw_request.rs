//! `POST /v1/conversion-requests/{request_id}/withdrawal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::request_way::SayingBody;
use crate::extract::{
    IdempotencyHeader, IdempotencyKey, IfMatchHeader, JsonBody, PathId, SeenVersion,
};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};
use crate::state::ApiState;

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
    id: PathId<RequestId>,
    key: IdempotencyKey,
    seen: SeenVersion,
    body: JsonBody<SayingBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let text = body.body.read().map_err(ApiError::Meaning)?;
    let step = flows::ApplicantStep::Withdraw { text };
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
