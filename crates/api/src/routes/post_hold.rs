//! `POST /v1/learners/{learner_no}/holds`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::HoldLots;
use creditbank_ledger::{Once, flows};

use crate::answer;
use crate::auth::Permit;
use crate::dto::hold::{HoldBody, HoldView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathLearner};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/holds";

/// Hold a part of a lot of an outcome that your institution posted.
///
/// For a use other than a conversion. Settle it in parts, or release it; what is left when its time
/// has passed goes back by itself.
#[utoipa::path(
    operation_id = "postHold", tag = "learners", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"), IdempotencyHeader),
    request_body = HoldBody,
    responses(
        (status = 201, description = "The hold.", body = HoldView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/holds")]
pub(crate) async fn post_hold(
    permit: Permit<HoldLots>,
    learner: PathLearner,
    key: IdempotencyKey,
    body: JsonBody<HoldBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let claim = key.claim(&permit.grant, ROUTE, &body.raw)?;
    let order = body.body.read(learner.0).map_err(ApiError::Meaning)?;
    let work = move |ledger: &_| {
        let render =
            |done: &flows::HoldView| answer::rendered(StatusCode::CREATED, &HoldView::from(done));
        let once = Once {
            claim,
            render: &render,
        };
        flows::hold_lot_once(ledger, &permit.grant, &order, &once, now)
    };
    answer::send(state.ledger.run(work).await?, answer::nowhere)
}
