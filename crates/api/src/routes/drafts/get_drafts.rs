//! `GET /v1/conversion-drafts`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::DraftId;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::draft::DraftsView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See the caller's open drafts.
///
/// In the order in which they were made: send `next_cursor` back as `cursor` until there is none.
#[utoipa::path(
    operation_id = "getConversionDrafts", tag = "conversions", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of open drafts.", body = DraftsView),
        CallerProblems,
    ),
)]
#[get("/v1/conversion-drafts")]
pub(crate) async fn get_conversion_drafts(
    permit: Permit<RequestConversion>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let after = page.after.map(DraftId::from_uuid);
    let fetched = page.fetched();
    let work = move |ledger: &_| flows::conversion_drafts(ledger, &permit.grant, after, fetched);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&DraftsView::page(&rows, page.limit)))
}
