//! `GET /v1/work-calendars`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::work_days::{CalendarView, CalendarsView};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See which days are worked.
///
/// The years whose holidays are loaded. Others have their weekends only.
#[utoipa::path(
    operation_id = "getWorkCalendars", tag = "conversions", security(("bearer" = [])),
    responses(
        (status = 200, description = "The years.", body = CalendarsView),
        CallerProblems,
    ),
)]
#[get("/v1/work-calendars")]
pub(crate) async fn get_work_calendars(
    permit: Permit<ReadRegister>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::work_calendars(ledger, &permit.grant);
    let rows = state.ledger.run(work).await?;
    let years = rows.iter().map(CalendarView::from).collect();
    Ok(answer::ok(&CalendarsView { years }))
}
