//! `POST /v1/merge-collisions/{collision_id}/settlement`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::MergeLearners;
use creditbank_domain::ids::CollisionId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::merging::{MergeView, SettlementBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/merge-collisions/{collision_id}/settlement";

/// Say that a collision was seen to.
///
/// What has to change in the books is done by corrections and reversals; this only closes the
/// case. A collision that was settled answers 409 `ALREADY_SETTLED`.
#[utoipa::path(
    operation_id = "settleMergeCollision", tag = "duplicates", security(("bearer" = [])),
    params(("collision_id" = uuid::Uuid, Path, description = "The collision."), IdempotencyHeader),
    request_body = SettlementBody,
    responses(
        (status = 200, description = "The merge it belongs to.", body = MergeView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/merge-collisions/{collision_id}/settlement")]
pub(crate) async fn settle_merge_collision(
    permit: Permit<MergeLearners>,
    id: PathId<CollisionId>,
    key: IdempotencyKey,
    body: JsonBody<SettlementBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let document = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::MergeView, MergeView>(
        &state,
        permit,
        asked,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::settle_collision_once(ledger, grant, id.0, &document, once, now)
        },
    )
    .await
}
