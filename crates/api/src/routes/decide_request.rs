//! `POST /v1/conversion-requests/{request_id}/decision`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DecideConversion;
use creditbank_domain::ids::RequestId;
use creditbank_ledger::{Once, flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion::DecisionBody;
use crate::dto::conversion_view::RequestView;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/conversion-requests/{request_id}/decision";

/// Decide a conversion request.
///
/// As the rules say, or refuse it with a text for the learner. A request that was decided stays
/// decided: a second decision answers 409.
#[utoipa::path(
    operation_id = "decideConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request."), IdempotencyHeader),
    request_body = DecisionBody,
    responses(
        (status = 200, description = "The decided request.", body = RequestView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-requests/{request_id}/decision")]
pub(crate) async fn decide_conversion_request(
    permit: Permit<DecideConversion>,
    id: PathId<RequestId>,
    key: IdempotencyKey,
    body: JsonBody<DecisionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let claim = key.claim(&permit.grant, ROUTE, &body.raw)?;
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let work = move |ledger: &_| {
        let render = |request: &reads::RequestView| {
            answer::rendered(StatusCode::OK, &RequestView::from(request))
        };
        let once = Once {
            claim,
            render: &render,
        };
        flows::decide_request_once(ledger, &permit.grant, id.0, &order, &once, now)
    };
    answer::send(state.ledger.run(work).await?, answer::nowhere)
}
