//! `GET /v1/conversion-drafts/{draft_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::DraftId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::draft::DraftView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See a draft, and what would come of it today.
///
/// By the rules, the lots and the history of the moment, through the function that decides; nothing
/// is held.
#[utoipa::path(
    operation_id = "getConversionDraft", tag = "conversions", security(("bearer" = [])),
    params(("draft_id" = uuid::Uuid, Path, description = "The draft.")),
    responses(
        (status = 200, description = "The draft.", body = DraftView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/conversion-drafts/{draft_id}")]
pub(crate) async fn get_conversion_draft(
    permit: Permit<RequestConversion>,
    id: PathId<DraftId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let today = bank_day(state.now());
    let grant = permit.grant.clone();
    let work = move |ledger: &_| flows::conversion_draft(ledger, &grant, id.0, today);
    let draft = state.ledger.run(work).await?;
    let shown = draft.learners.iter().map(|one| one.learner_no);
    let (readings, now) = (&state.readings, state.now());
    readings
        .note_all(&permit, shown, ReadKind::Draft, now)
        .await?;
    let draft = DraftView::from(&draft);
    Ok(answer::tagged(&draft, draft.version))
}
