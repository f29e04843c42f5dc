//! `GET /v1/conversion-requests`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadConversion;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::RequestId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads::{self, QueueFilter};

use crate::answer;
use crate::auth::Permit;
use crate::dto::request_way::QueueView;
use crate::extract::{PageParameters, PageQuery, QueueParameters, QueueQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See what is open: the work list.
///
/// Requests that are not decided, of the caller's institution or account or, for the secretariat,
/// of all, in the order in which they were sent: send `next_cursor` back as `cursor` until there is
/// none. `marked=true` lists the exceptions, `overdue=true` what is late.
#[utoipa::path(
    operation_id = "getConversionRequests", tag = "conversions", security(("bearer" = [])),
    params(QueueParameters, PageParameters),
    responses(
        (status = 200, description = "A page of open requests.", body = QueueView),
        CallerProblems,
    ),
)]
#[get("/v1/conversion-requests")]
pub(crate) async fn get_conversion_requests(
    permit: Permit<ReadConversion>,
    query: QueueQuery,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let filter = QueueFilter {
        party: query.party,
        awaiting_answer: query.awaiting_answer,
        marked: query.marked,
        due_before: query.overdue.then(|| bank_day(state.now())),
    };
    let after = page.after.map(RequestId::from_uuid);
    let fetched = page.fetched();
    let grant = permit.grant.clone();
    let work = move |ledger: &_| reads::request_queue(ledger, &grant, &filter, after, fetched);
    let rows = state.ledger.run(work).await?;
    let shown = rows.iter().take(page.shown_max()).map(|row| row.learner_no);
    let (readings, now) = (&state.readings, state.now());
    readings
        .note_all(&permit, shown, ReadKind::RequestList, now)
        .await?;
    Ok(answer::ok(&QueueView::page(&rows, page.limit)))
}
