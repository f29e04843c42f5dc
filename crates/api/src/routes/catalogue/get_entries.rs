//! `GET /v1/catalogue-entries`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use creditbank_domain::authz::ReadCatalogue;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads;

use crate::auth::Permit;
use crate::conditional::{IfNoneMatchHeader, OWN_ASK_AGAIN, json_unless_seen};
use crate::dto::catalogue::CatalogueView;
use crate::extract::{CatalogueParameters, CatalogueQuery, PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems, RuleProblems};
use crate::state::ApiState;

/// List what can be recognised.
///
/// In pages, in the order in which the entries were registered, each in the version in force on a
/// day. Open to everybody who is signed in. Ask with `If-None-Match` for what you have.
#[utoipa::path(
    operation_id = "getCatalogueEntries", tag = "catalogue", security(("bearer" = [])),
    params(CatalogueParameters, PageParameters, IfNoneMatchHeader),
    responses(
        (status = 200, description = "A page of the catalogue.", body = CatalogueView),
        (status = 304, description = "It is what `If-None-Match` names."),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/catalogue-entries")]
pub(crate) async fn get_entries(
    permit: Permit<ReadCatalogue>,
    asked: CatalogueQuery,
    page: PageQuery,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let cut = page.window();
    let filter = asked.filter(bank_day(state.now()));
    let work = move |ledger: &_| reads::catalogue_entries(ledger, &permit.grant, &filter, cut);
    let rows = state.ledger.run(work).await?;
    let page = CatalogueView::page(&rows, page.limit);
    json_unless_seen(&request, OWN_ASK_AGAIN, &page)
}
