//! `POST /v1/outcome-batches`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use creditbank_domain::authz::PostOutcomes;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::outcome::ReportedOutcome;
use creditbank_ledger::flows;
use creditbank_ledger::flows::PostAnswer;

use crate::answer;
use crate::auth::Permit;
use crate::dto::outcome::{BatchBody, OutcomeBody};
use crate::dto::outcome_view::BatchView;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, Place, PlacedFault,
};
use crate::state::ApiState;

/// Post up to 1,000 outcomes.
///
/// Every outcome is answered on its own: `posted`, `already_posted` or `rejected` with its reason;
/// a rejected one does not keep the others out. Only a body of another shape is refused whole.
#[utoipa::path(
    operation_id = "postOutcomeBatch", tag = "outcomes", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = BatchBody,
    responses(
        (status = 200, description = "An answer for each outcome.", body = BatchView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/outcome-batches")]
pub(crate) async fn post_outcome_batch(
    permit: Permit<PostOutcomes>,
    key: IdempotencyKey,
    body: JsonBody<BatchBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (outcomes, unreadable) = read_lines(&body.body.outcomes, bank_day(state.now()));
    let render = move |answers: &Vec<PostAnswer>| {
        answer::rendered(StatusCode::OK, &BatchView::merge(&unreadable, answers))
    };
    answer::once_rendered(
        &state,
        permit,
        (key, "POST /v1/outcome-batches", &body.raw),
        (render, answer::nowhere),
        move |ledger, grant, once, now| {
            flows::post_outcomes_once(ledger, grant, &outcomes, once, now)
        },
    )
    .await
}

type Unreadable = Vec<Option<Vec<PlacedFault>>>;

/// The lines that mean something, and for every line what is wrong with it.
fn read_lines(lines: &[OutcomeBody], today: NaiveDate) -> (Vec<ReportedOutcome>, Unreadable) {
    let at = Place::root().child("outcomes");
    let mut outcomes = Vec::with_capacity(lines.len());
    let mut unreadable = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        match line.read(&at.child(index), today) {
            Ok(outcome) => {
                outcomes.push(outcome);
                unreadable.push(None);
            }
            Err(faults) => unreadable.push(Some(faults)),
        }
    }
    (outcomes, unreadable)
}
