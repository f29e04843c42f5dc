//! `GET /v1/learners/{learner_no}/readings`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadReadings;
use creditbank_domain::ids::TransferId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::access::{ReadingView, ReadingsView};
use crate::extract::{PageParameters, PageQuery, cursor_after};
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
    // One more than asked tells whether another page follows.
    let limit = page.limit.saturating_add(1);
    let before = page.after.map(TransferId::as_uuid);
    let work = move |ledger: &_| reads::readings(ledger, &permit.grant, before, limit);
    let rows = state.ledger.run(work).await?;
    let shown = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let readings: Vec<ReadingView> = rows.iter().take(shown).map(ReadingView::from).collect();
    let last = readings.last().filter(|_| rows.len() > shown);
    let next_cursor = last.map(|last| cursor_after(TransferId::from_uuid(last.reading_id)));
    Ok(answer::ok(&ReadingsView {
        readings,
        next_cursor,
    }))
}
