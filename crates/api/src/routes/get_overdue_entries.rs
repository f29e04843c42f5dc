//! `GET /v1/overdue-entries`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::EntryId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::review::OverdueEntriesView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See the catalogue entries that are overdue for review.
///
/// Entries under a review clock whose last review is too long ago today, by the version in force,
/// in pages: send `next_cursor` back as `cursor` until there is none. Within the days of grace their
/// outcomes are posted with a warning; from `block_from` on they earn nothing.
#[utoipa::path(
    operation_id = "getOverdueEntries", tag = "catalogue", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of entries.", body = OverdueEntriesView),
        CallerProblems,
    ),
)]
#[get("/v1/overdue-entries")]
pub(crate) async fn get_overdue_entries(
    permit: Permit<KeepRegister>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let today = bank_day(state.now());
    // One more than asked tells whether another page follows.
    let fetched = usize::try_from(page.limit)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let after = page.after.map(EntryId::from_uuid);
    let work =
        move |ledger: &_| reads::overdue_entries(ledger, &permit.grant, today, after, fetched);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&OverdueEntriesView::page(&rows, page.limit)))
}
