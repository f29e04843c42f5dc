//! `POST /v1/learner-merges/{merge_id}/reversal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::MergeLearners;
use creditbank_domain::ids::MergeId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::merging::{MergeView, UnmergeBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learner-merges/{merge_id}/reversal";

/// Separate two accounts again, once.
///
/// Each has what was recorded under it. What was posted to the survivor meanwhile may be the other
/// one's, and a request may have used lots of both: both are listed in `collisions`.
#[utoipa::path(
    operation_id = "reverseLearnerMerge", tag = "duplicates", security(("bearer" = [])),
    params(("merge_id" = uuid::Uuid, Path, description = "The merge."), IdempotencyHeader),
    request_body = UnmergeBody,
    responses(
        (status = 200, description = "Separated.", body = MergeView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learner-merges/{merge_id}/reversal")]
pub(crate) async fn reverse_learner_merge(
    permit: Permit<MergeLearners>,
    id: PathId<MergeId>,
    key: IdempotencyKey,
    body: JsonBody<UnmergeBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::MergeView, MergeView>(
        &state,
        permit,
        asked,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::unmerge_learners_once(ledger, grant, id.0, &order, once, now)
        },
    )
    .await
}
