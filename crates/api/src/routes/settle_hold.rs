//! `POST /v1/learners/{learner_no}/holds/{hold_id}/settlement`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::HoldLots;
use creditbank_domain::ids::HoldId;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::hold::{HoldView, SettlementBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId, PathLearner};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/holds/{hold_id}/settlement";

/// Use a part of a hold, or all of it.
///
/// As often as something is left of it; what was used is given back by a reversal only.
#[utoipa::path(
    operation_id = "settleHold", tag = "learners", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"), 
        ("hold_id" = uuid::Uuid, Path, description = "The hold."), IdempotencyHeader),
    request_body = SettlementBody,
    responses(
        (status = 200, description = "The hold as it stands.", body = HoldView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/holds/{hold_id}/settlement")]
pub(crate) async fn settle_hold(
    permit: Permit<HoldLots>,
    learner: PathLearner,
    id: PathId<HoldId>,
    key: IdempotencyKey,
    body: JsonBody<SettlementBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let amount = body.body.read().map_err(ApiError::Meaning)?;
    let (hold, step) = ((learner.0, id.0), flows::HoldStep::Settle(amount));
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, flows::HoldView, HoldView>(
        &state,
        permit,
        asked,
        answer::DONE,
        move |ledger, grant, once, now| flows::step_hold_once(ledger, grant, hold, step, once, now),
    )
    .await
}
