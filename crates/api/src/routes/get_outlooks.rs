//! `GET /v1/learners/{learner_no}/outlooks`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadLearner;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::Permit;
use crate::dto::outlook::OutlooksView;
use crate::extract::{ProgrammesParameters, ProgrammesQuery};
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See what a learner's outcomes would be granted, and where.
///
/// Decided as a request sent today would be, for one programme or for every one that has rules in
/// force, the best fit first; nothing is held. The learner sees it for all outcomes, an institution
/// for those that it posted.
#[utoipa::path(
    operation_id = "getOutlooks", tag = "conversions", security(("bearer" = [])),
    params(
        ("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"),
        ProgrammesParameters,
    ),
    responses(
        (status = 200, description = "The outlooks.", body = OutlooksView),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/learners/{learner_no}/outlooks")]
pub(crate) async fn get_outlooks(
    permit: Permit<ReadLearner>,
    programmes: ProgrammesQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let today = bank_day(state.now());
    let reading = permit.reading(ReadKind::Outlooks, state.now());
    let work = move |ledger: &_| flows::what_if(ledger, &permit.grant, &programmes.0, today);
    let outlooks = state.ledger.run(work).await?;
    state.readings.note(reading).await?;
    Ok(answer::ok(&OutlooksView::new(&outlooks, today)))
}
