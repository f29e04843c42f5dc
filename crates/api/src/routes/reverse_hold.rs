//! `POST /v1/learners/{learner_no}/holds/{hold_id}/reversal`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ReverseEntries;
use creditbank_domain::ids::HoldId;
use creditbank_ledger::{Once, flows};

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
    let now = state.now();
    let claim = key.claim(&permit.grant, ROUTE, &body.raw)?;
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let hold = (learner.0, id.0);
    let work = move |ledger: &_| {
        let render = |done: &flows::HoldReversed| {
            answer::rendered(StatusCode::CREATED, &HoldReversedView::from(done))
        };
        let once = Once {
            claim,
            render: &render,
        };
        flows::reverse_hold_once(ledger, &permit.grant, hold, &order, &once, now)
    };
    answer::send(state.ledger.run(work).await?, answer::nowhere)
}
