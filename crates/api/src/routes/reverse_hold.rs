//! `POST /v1/learners/{learner_no}/holds/{hold_id}/reversal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ReverseEntries;
use creditbank_domain::ids::HoldId;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::correction::ReversalBody;
use crate::dto::hold::HoldReversedView;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId, PathLearner};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/holds/{hold_id}/reversal";

/// Give back what a hold used.
///
/// Once: a second time answers 409.
#[utoipa::path(
    operation_id = "reverseHold", tag = "learners", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"), 
        ("hold_id" = uuid::Uuid, Path, description = "The hold."), IdempotencyHeader),
    request_body = ReversalBody,
    responses(
        (status = 201, description = "What can be used again.", body = HoldReversedView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/holds/{hold_id}/reversal")]
pub(crate) async fn reverse_hold(
    permit: Permit<ReverseEntries>,
    learner: PathLearner,
    id: PathId<HoldId>,
    key: IdempotencyKey,
    body: JsonBody<ReversalBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let hold = (learner.0, id.0);
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, flows::HoldReversed, HoldReversedView>(
        &state,
        permit,
        asked,
        answer::MADE,
        move |ledger, grant, once, now| {
            flows::reverse_hold_once(ledger, grant, hold, &order, once, now)
        },
    )
    .await
}
