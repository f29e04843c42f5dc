//! `POST /v1/corrections/{correction_id}/reversal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ReverseEntries;
use creditbank_domain::ids::CorrectionId;
use creditbank_ledger::flows;

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
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, flows::CorrectionView, CorrectionView>(
        &state,
        permit,
        asked,
        answer::MADE,
        move |ledger, grant, once, now| {
            flows::undo_correction_once(ledger, grant, id.0, &order, once, now)
        },
    )
    .await
}
