//! `POST /v1/conversion-requests/{request_id}/appeal`

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

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/appeal";
const APPEALED: Reply = Reply {
    status: StatusCode::CREATED,
    location,
};

/// Appeal against a decision, once.
///
/// Within ten working days, against what was refused or cut. The appeal is a request of its own, by
/// the same rules and for the same day; whoever had a part in the decision has none in the appeal's.
#[utoipa::path(
    operation_id = "appealConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader),
    request_body = SayingBody,
    responses(
        (status = 201, description = "The appeal.", body = RequestView,
            headers(("Location" = String, description = "Where to see the appeal."))),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/appeal")]
pub(crate) async fn appeal_conversion_request(
    permit: Permit<RequestConversion>,
    id: PathId<RequestId>,
    key: IdempotencyKey,
    body: JsonBody<SayingBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let text = body.body.read().map_err(ApiError::Meaning)?;
    let order = flows::AppealOrder { text };
    let once = (key, ROUTE, &body.raw);
    answer::once::<_, reads::RequestView, RequestView>(
        &state,
        permit,
        once,
        APPEALED,
        move |ledger, grant, once, now| {
            flows::appeal_request_once(ledger, grant, id.0, &order, once, now)
        },
    )
    .await
}

fn location(body: &Value) -> Option<String> {
    let id = body.get("request_id").and_then(Value::as_str)?;
    Some(format!("/v1/conversion-requests/{id}"))
}
