//! `POST /v1/conversion-requests/{request_id}/resubmission`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{flows, reads};
use serde_json::Value;

use crate::answer::{self, Reply};
use crate::auth::Permit;
use crate::dto::conversion_view::RequestView;
use crate::dto::request_way::SayingBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/resubmission";
const RESUBMITTED: Reply = Reply {
    status: StatusCode::CREATED,
    location,
};

/// Ask again for what was taken back or not answered in time, once.
///
/// The new request names the same outcomes, goes by the rules of today and says in
/// `progress.resubmits` which one it follows. What was decided is not asked again: a refused request
/// stays refused, and against it there is an appeal.
#[utoipa::path(
    operation_id = "resubmitConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader),
    request_body = SayingBody,
    responses(
        (status = 201, description = "The new request.", body = RequestView,
            headers(("Location" = String, description = "Where to see it."))),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/resubmission")]
pub(crate) async fn resubmit_conversion_request(
    permit: Permit<RequestConversion>,
    id: PathId<RequestId>,
    key: IdempotencyKey,
    body: JsonBody<SayingBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let text = body.body.read().map_err(ApiError::Meaning)?;
    let once = (key, ROUTE, &body.raw);
    answer::once::<_, reads::RequestView, RequestView>(
        &state,
        permit,
        once,
        RESUBMITTED,
        move |ledger, grant, once, now| {
            flows::resubmit_request_once(ledger, grant, id.0, &text, once, now)
        },
    )
    .await
}

fn location(body: &Value) -> Option<String> {
    let id = body.get("request_id").and_then(Value::as_str)?;
    Some(format!("/v1/conversion-requests/{id}"))
}
