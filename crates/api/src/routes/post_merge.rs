//! `POST /v1/learner-merges`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::MergeLearners;
use creditbank_ledger::{flows, reads};
use serde_json::Value;

use crate::answer;
use crate::auth::Permit;
use crate::dto::merging::{MergeBody, MergeView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

/// Merge two accounts of one person.
///
/// Nothing that was posted moves: both numbers and all identifiers lead to the survivor from then
/// on, which has what both have. What both have that one learner may have once is listed in
/// `collisions`; the merge goes through all the same. Accounts that are merged already answer 409
/// `ALREADY_MERGED`; an account that is merged into a third one, or has others merged into it, is
/// refused by its own code.
#[utoipa::path(
    operation_id = "postLearnerMerge", tag = "duplicates", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = MergeBody,
    responses(
        (status = 201, description = "Merged.", body = MergeView,
            headers(("Location" = String, description = "Where to see the merge."))),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learner-merges")]
pub(crate) async fn post_learner_merge(
    permit: Permit<MergeLearners>,
    key: IdempotencyKey,
    body: JsonBody<MergeBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, "POST /v1/learner-merges", &body.raw);
    answer::once::<_, reads::MergeView, MergeView>(
        &state,
        permit,
        asked,
        answer::made_at(location),
        move |ledger, grant, once, now| {
            flows::merge_learners_once(ledger, grant, &order, once, now)
        },
    )
    .await
}

fn location(body: &Value) -> Option<String> {
    let id = body.get("merge_id").and_then(Value::as_str)?;
    Some(format!("/v1/learner-merges/{id}"))
}
