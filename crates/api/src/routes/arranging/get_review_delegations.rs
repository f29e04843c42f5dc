//! `GET /v1/review-delegations`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::DelegateReviews;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::arranging::DelegationsView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See who stands in for whom.
///
/// In pages, in the order in which they were noted: your institution's, for the secretariat all.
#[utoipa::path(
    operation_id = "getReviewDelegations", tag = "conversions", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of delegations.", body = DelegationsView),
        CallerProblems,
    ),
)]
#[get("/v1/review-delegations")]
pub(crate) async fn get_review_delegations(
    permit: Permit<DelegateReviews>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let cut = page.window();
    let work = move |ledger: &_| reads::review_delegations(ledger, &permit.grant, cut);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&DelegationsView::page(&rows, page.limit)))
}
