//! `POST /v1/conversion-decisions`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::DecideConversion;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::bulk::{BulkDecisionBody, BulkDecisionView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

/// Decide many conversion requests at once.
///
/// Those that are listed, of whatever cohorts, or all that wait for this institution's reviewers and
/// that the rules are certain of. Each is answered for itself: one that has moved on, that somebody
/// has to look at or that is not this caller's to decide is among the `exceptions` and keeps nothing
/// else from it. Stages, quorums and four eyes hold as for one.
#[utoipa::path(
    operation_id = "decideConversionRequests", tag = "conversions", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = BulkDecisionBody,
    responses(
        (status = 200, description = "What became of each.", body = BulkDecisionView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/conversion-decisions")]
pub(crate) async fn decide_conversion_requests(
    permit: Permit<DecideConversion>,
    key: IdempotencyKey,
    body: JsonBody<BulkDecisionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (chosen, order) = body.body.read().map_err(ApiError::Meaning)?;
    let once = (key, "POST /v1/conversion-decisions", &body.raw);
    answer::once::<_, flows::DecidedMany, BulkDecisionView>(
        &state,
        permit,
        once,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::decide_many_once(ledger, grant, &chosen, &order, once, now)
        },
    )
    .await
}
