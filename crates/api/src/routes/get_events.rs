//! `GET /v1/events`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadEvents;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::event::EventsView;
use crate::extract::{FeedParameters, FeedQuery};
use crate::problem::{ApiError, CallerProblems, StateProblems};
use crate::state::ApiState;

/// Follow what happens in the ledger.
///
/// In the order of commits, each event once and none left out: send `resume_cursor` back as
/// `cursor`, at once while there is a `next_cursor`, else whenever you like. An institution sees
/// what it posted, asked for or receives; secretariat and auditor see all, and `seq` without a gap.
#[utoipa::path(
    operation_id = "getEvents", tag = "feed", security(("bearer" = [])),
    params(FeedParameters),
    responses(
        (status = 200, description = "A page of events.", body = EventsView),
        CallerProblems, StateProblems,
    ),
)]
#[get("/v1/events")]
pub(crate) async fn get_events(
    permit: Permit<ReadEvents>,
    page: FeedQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    // One more than asked tells whether another page follows.
    let limit = page.limit.saturating_add(1);
    let work = move |ledger: &_| reads::events(ledger, &permit.grant, page.after, limit);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&EventsView::page(&rows, page.after, page.limit)))
}
