//! `POST /v1/work-calendars`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::work_days::{CalendarBody, CalendarView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/work-calendars";

/// Load the holidays of a year.
///
/// Once; the same days again change nothing.
#[utoipa::path(
    operation_id = "postWorkCalendar", tag = "conversions", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = CalendarBody,
    responses(
        (status = 201, description = "The year.", body = CalendarView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/work-calendars")]
pub(crate) async fn post_work_calendar(
    permit: Permit<KeepRegister>,
    key: IdempotencyKey,
    body: JsonBody<CalendarBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::CalendarYearView, CalendarView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| {
            flows::load_calendar_year_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
