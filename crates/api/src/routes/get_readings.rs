//! `GET /v1/learners/{learner_no}/readings`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadReadings;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::access::{ReadingView, ReadingsView};
use crate::extract::{PageParameters, PageQuery, cut};
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See who read a learner's account.
///
/// Every look at balance, movements, statement, outlooks or a conversion request by anybody but the
/// learner, the newest first, in pages: send `next_cursor` back as `cursor` until there is none.
/// Shown within a second or so of the look. For the learner, and for the auditor.
#[utoipa::path(
    operation_id = "getReadings", tag = "learners", security(("bearer" = [])),
    params(
        ("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"),
        PageParameters,
    ),
    responses(
        (status = 200, description = "A page of looks.", body = ReadingsView),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/learners/{learner_no}/readings")]
pub(crate) async fn get_readings(
    permit: Permit<ReadReadings>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let limit = page.fetched();
    let before = page.after;
    let reading = permit.reading(ReadKind::Readings, state.now());
    let work = move |ledger: &_| reads::readings(ledger, &permit.grant, before, limit);
    let rows = state.ledger.run(work).await?;
    state.readings.note(reading).await?;
    let (shown, next_cursor) = cut(&rows, page.limit, |row| row.reading_id);
    let readings = shown.iter().map(ReadingView::from).collect();
    Ok(answer::ok(&ReadingsView {
        readings,
        next_cursor,
    }))
}
