//! `POST /v1/corrections`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::CorrectOutcomes;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::correction::{CorrectionBody, CorrectionView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/corrections";

/// Correct an outcome that your institution posted.
///
/// The outcome's lots are withdrawn and what takes its place is recognised anew. Conversions that
/// rested on it are judged again: what falls is withdrawn too, and everyone concerned is told.
#[utoipa::path(
    operation_id = "postCorrection", tag = "outcomes", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = CorrectionBody,
    responses(
        (status = 201, description = "The correction and what followed from it.", body = CorrectionView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/corrections")]
pub(crate) async fn post_correction(
    permit: Permit<CorrectOutcomes>,
    key: IdempotencyKey,
    body: JsonBody<CorrectionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body
        .body
        .read(bank_day(state.now()))
        .map_err(ApiError::Meaning)?;
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
