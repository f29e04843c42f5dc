//! `GET /v1/clients`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::KeepClients;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::client::ClientsView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// List your institution's programs.
///
/// In pages, in the order in which they were made, those switched off too; for the secretariat every
/// member's. With their secrets that count, without those themselves, and when each was last used.
/// Programs that may more than an institution are the operator's and not among them.
#[utoipa::path(
    operation_id = "getClients", tag = "clients", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of programs.", body = ClientsView),
        CallerProblems,
    ),
)]
#[get("/v1/clients")]
pub(crate) async fn get_clients(
    permit: Permit<KeepClients>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (cut, now) = (page.window(), state.now());
    let work = move |ledger: &_| reads::kept_clients(ledger, &permit.grant, cut, now);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&ClientsView::page(&rows, page.limit)))
}
