//! `GET /v1/learner-merges/{merge_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::MergeLearners;
use creditbank_domain::ids::MergeId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::merging::MergeView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See a merge and what it left to settle.
///
/// Also after it was taken back: then with what came about while the accounts were one.
#[utoipa::path(
    operation_id = "getLearnerMerge", tag = "duplicates", security(("bearer" = [])),
    params(("merge_id" = uuid::Uuid, Path, description = "The merge.")),
    responses(
        (status = 200, description = "The merge.", body = MergeView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/learner-merges/{merge_id}")]
pub(crate) async fn get_learner_merge(
    permit: Permit<MergeLearners>,
    id: PathId<MergeId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let grant = permit.grant.clone();
    let work = move |ledger: &_| reads::learner_merge(ledger, &grant, id.0);
    let merge = state.ledger.run(work).await?;
    let shown = [merge.survivor_no, merge.absorbed_no];
    let (readings, now) = (&state.readings, state.now());
    readings
        .note_all(&permit, shown, ReadKind::Duplicates, now)
        .await?;
    Ok(answer::ok(&MergeView::from(&merge)))
}
