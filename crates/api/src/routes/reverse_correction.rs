//! `POST /v1/corrections/{correction_id}/reversal`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ReverseEntries;
use creditbank_domain::ids::CorrectionId;
use creditbank_ledger::{Once, flows};

use crate::answer;
use crate::auth::Permit;
use crate::dto::correction::{CorrectionView, ReversalBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/corrections/{correction_id}/reversal";

/// Undo a correction or a withdrawal.
///
/// What stood before it stands again. Conversions that fell with it do not come back by
/// themselves. Once: a second time answers 409.
#[utoipa::path(
    operation_id = "reverseCorrection", tag = "outcomes", security(("bearer" = [])),
    params(("correction_id" = uuid::Uuid, Path, description = "The correction."), IdempotencyHeader),
    request_body = ReversalBody,
    responses(
        (status = 201, description = "The reversal and what followed from it.", body = CorrectionView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/corrections/{correction_id}/reversal")]
pub(crate) async fn reverse_correction(
    permit: Permit<ReverseEntries>,
    id: PathId<CorrectionId>,
    key: IdempotencyKey,
    body: JsonBody<ReversalBody>,
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
        flows::undo_correction_once(ledger, &permit.grant, id.0, &order, &once, now)
    };
    answer::send(state.ledger.run(work).await?, answer::nowhere)
}
