//! `GET /v1/access-log`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadAccessLog;
use creditbank_domain::ids::TransferId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::access_log::{AccessEntryView, AccessLogView};
use crate::extract::{PageParameters, PageQuery, cursor_after};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See who wrote what, and who was refused.
///
/// Every write, from the transaction that did it, and every access that was refused (401, 403, 404,
/// and 429 at most once a minute of an address), the newest first, in pages: send `next_cursor` back
/// as `cursor` until there is none. Refusals are shown within a second or so. For auditor and
/// regulator; nobody is named but by ids and codes.
#[utoipa::path(
    operation_id = "getAccessLog", tag = "service", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of entries.", body = AccessLogView),
        CallerProblems,
    ),
)]
#[get("/v1/access-log")]
pub(crate) async fn get_access_log(
    permit: Permit<ReadAccessLog>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    // One more than asked tells whether another page follows.
    let limit = page.limit.saturating_add(1);
    let before = page.after.map(TransferId::as_uuid);
    let work = move |ledger: &_| reads::access_log(ledger, &permit.grant, before, limit);
    let rows = state.ledger.run(work).await?;
    let shown = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let entries: Vec<_> = rows.iter().take(shown).map(AccessEntryView::from).collect();
    let last = entries.last().filter(|_| rows.len() > shown);
    let next_cursor = last.map(|last| cursor_after(TransferId::from_uuid(last.entry_id)));
    Ok(answer::ok(&AccessLogView {
        entries,
        next_cursor,
    }))
}
