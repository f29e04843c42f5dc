//! `GET /v1/memberships`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::KeepMemberships;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::appointing::MembershipsView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// List who is what.
///
/// In pages, in the order in which they were given, the ended ones too: an admin's own institution's, for
/// the secretariat everybody's.
#[utoipa::path(
    operation_id = "getMemberships", tag = "people", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of memberships.", body = MembershipsView),
        CallerProblems,
    ),
)]
#[get("/v1/memberships")]
pub(crate) async fn get_memberships(
    permit: Permit<KeepMemberships>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let cut = page.window();
    let work = move |ledger: &_| reads::list_appointments(ledger, &permit.grant, cut);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&MembershipsView::page(&rows, page.limit)))
}
