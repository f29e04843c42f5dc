//! `POST /v1/duplicate-candidates/{candidate_id}/dismissal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::MergeLearners;
use creditbank_domain::ids::CandidateId;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::merging::{DismissalView, SettlementBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/duplicate-candidates/{candidate_id}/dismissal";

/// Say that two accounts are two people's.
///
/// The pair is not listed again. One that was merged or dismissed answers 409 `ALREADY_SETTLED`.
#[utoipa::path(
    operation_id = "dismissDuplicateCandidate", tag = "duplicates", security(("bearer" = [])),
    params(("candidate_id" = uuid::Uuid, Path, description = "The pair."), IdempotencyHeader),
    request_body = SettlementBody,
    responses(
        (status = 200, description = "Dismissed.", body = DismissalView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/duplicate-candidates/{candidate_id}/dismissal")]
pub(crate) async fn dismiss_duplicate_candidate(
    permit: Permit<MergeLearners>,
    id: PathId<CandidateId>,
    key: IdempotencyKey,
    body: JsonBody<SettlementBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let document = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, CandidateId, DismissalView>(
        &state,
        permit,
        asked,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::dismiss_candidate_once(ledger, grant, id.0, &document, once, now)
        },
    )
    .await
}
