//! `POST /v1/withdrawals`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::CorrectOutcomes;
use creditbank_ledger::{Once, flows};

use crate::answer;
use crate::auth::Permit;
use crate::dto::correction::{CorrectionView, WithdrawalBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/withdrawals";

/// Withdraw an outcome that your institution posted.
///
/// As a correction, with nothing in the outcome's place.
#[utoipa::path(
    operation_id = "postWithdrawal", tag = "outcomes", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = WithdrawalBody,
    responses(
        (status = 201, description = "The withdrawal and what followed from it.", body = CorrectionView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/withdrawals")]
pub(crate) async fn post_withdrawal(
    permit: Permit<CorrectOutcomes>,
    key: IdempotencyKey,
    body: JsonBody<WithdrawalBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let claim = key.claim(&permit.grant, ROUTE, &body.raw)?;
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let work = move |ledger: &_| {
        let render = |done: &flows::CorrectionView| {
            answer::rendered(StatusCode::CREATED, &CorrectionView::from(done))
        };
        let once = Once {
            claim,
            render: &render,
        };
        flows::correct_outcome_once(ledger, &permit.grant, &order, &once, now)
    };
    answer::send(state.ledger.run(work).await?, answer::nowhere)
}
