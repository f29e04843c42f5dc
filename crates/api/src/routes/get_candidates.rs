//! `GET /v1/duplicate-candidates`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::MergeLearners;
use creditbank_domain::ids::CandidateId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::merging::CandidatesView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See the accounts that may be one person's.
///
/// Pairs whose name and birth date are the same and that nobody has merged or dismissed, oldest
/// first, in pages: send `next_cursor` back as `cursor` until there is none. Names and numbers are
/// masked, and every look is written down.
#[utoipa::path(
    operation_id = "getDuplicateCandidates", tag = "duplicates", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of pairs.", body = CandidatesView),
        CallerProblems,
    ),
)]
#[get("/v1/duplicate-candidates")]
pub(crate) async fn get_duplicate_candidates(
    permit: Permit<MergeLearners>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let limit = page.fetched();
    let after = page.after.map(CandidateId::from_uuid);
    let grant = permit.grant.clone();
    let work = move |ledger: &_| reads::duplicate_candidates(ledger, &grant, after, limit, now);
    let rows = state.ledger.run(work).await?;
    let shown = rows
        .iter()
        .take(page.shown_max())
        .flat_map(|pair| &pair.accounts);
    let shown = shown.map(|account| account.learner_no);
    let readings = &state.readings;
    readings
        .note_all(&permit, shown, ReadKind::Duplicates, now)
        .await?;
    Ok(answer::ok(&CandidatesView::page(&rows, page.limit)))
}
