//! `GET /v1/notices`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use creditbank_domain::authz::ReadNotices;
use creditbank_ledger::reads;

use crate::auth::Permit;
use crate::conditional::{IfNoneMatchHeader, json_unless_seen};
use crate::dto::notice::NoticesView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See what you are told, and what you have to do soon.
///
/// By what you are: for a learner what happens to the own account, for staff what concerns their
/// institution in their roles, for the secretariat what is overdue. The newest first, of half a year,
/// in pages. `due` is what awaits you now, and goes away when it is done. Ask with `If-None-Match`
/// for what you have.
#[utoipa::path(
    operation_id = "getNotices", tag = "notices", security(("bearer" = [])),
    params(PageParameters, IfNoneMatchHeader),
    responses(
        (status = 200, description = "A page of notices.", body = NoticesView),
        (status = 304, description = "It is what you have."),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/notices")]
pub(crate) async fn get_notices(
    permit: Permit<ReadNotices>,
    page: PageQuery,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let cut = page.window();
    let work = move |ledger: &_| reads::notices(ledger, &permit.grant, cut, now);
    let view = state.ledger.run(work).await?;
    let page = NoticesView::page(&view, page.limit);
    json_unless_seen(&request, "no-store", &page)
}
