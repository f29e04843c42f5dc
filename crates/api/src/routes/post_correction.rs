//! `POST /v1/corrections`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::CorrectOutcomes;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::{Once, flows};

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
    let now = state.now();
    let claim = key.claim(&permit.grant, ROUTE, &body.raw)?;
    let order = body.body.read(bank_day(now)).map_err(ApiError::Meaning)?;
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
