//! `POST /v1/learners/{learner_no}/holds`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::HoldLots;
use creditbank_ledger::flows;

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
    let order = body.body.read(learner.0).map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, flows::HoldView, HoldView>(
        &state,
        permit,
        asked,
        answer::MADE,
        move |ledger, grant, once, now| flows::hold_lot_once(ledger, grant, &order, once, now),
    )
    .await
}
