//! `POST /v1/learners/{learner_no}/holds/{hold_id}/release`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::HoldLots;
use creditbank_domain::ids::HoldId;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::hold::{HoldView, ReleaseBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId, PathLearner};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/holds/{hold_id}/release";

/// Give back what is left of a hold.
///
/// Again it gives back nothing and answers the same.
#[utoipa::path(
    operation_id = "releaseHold", tag = "learners", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"), 
        ("hold_id" = uuid::Uuid, Path, description = "The hold."), IdempotencyHeader),
    request_body = ReleaseBody,
    responses(
        (status = 200, description = "The hold as it stands.", body = HoldView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/holds/{hold_id}/release")]
pub(crate) async fn release_hold(
    permit: Permit<HoldLots>,
    learner: PathLearner,
    id: PathId<HoldId>,
    key: IdempotencyKey,
    body: JsonBody<ReleaseBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (hold, step) = ((learner.0, id.0), flows::HoldStep::Release);
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
