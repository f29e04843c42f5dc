//! `GET /v1/access-log`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadAccessLog;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::access_log::{AccessEntryView, AccessLogView};
use crate::extract::{PageParameters, PageQuery, cut};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See who wrote what, and who was refused.
///
/// Every write, from the transaction that did it, and every access that was refused (401, 403, 404,
/// and 429 at most once a minute of an address), the newest first, in pages: send `next_cursor` back
/// as `cursor` until there is none. Refusals are shown within a second or so. For auditor and
/// regulator, who sees the institutions that it supervises; nobody is named but by ids and codes.
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
    let (window, today) = (page.window(), bank_day(state.now()));
    let work = move |ledger: &_| reads::access_log(ledger, &permit.grant, window, today);
    let rows = state.ledger.run(work).await?;
    let (page, next_cursor) = cut(&rows, page.limit, |row| row.entry_id);
    let entries = page.iter().map(AccessEntryView::from).collect();
    Ok(answer::ok(&AccessLogView {
        entries,
        next_cursor,
    }))
}
