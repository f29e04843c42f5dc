//! `POST /v1/withdrawals`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::CorrectOutcomes;
use creditbank_ledger::flows;

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
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, flows::CorrectionView, CorrectionView>(
        &state,
        permit,
        asked,
        answer::MADE,
        move |ledger, grant, once, now| {
            flows::correct_outcome_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
