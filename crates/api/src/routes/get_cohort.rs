//! `GET /v1/conversion-cohorts/{cohort_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadConversion;
use creditbank_domain::ids::CohortId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::flows::Reading;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion_view::CohortView;
use crate::extract::{AnyPage, AnyPageParameters, PathId, cut};
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems};
use crate::state::ApiState;

/// See the requests that were sent together.
///
/// Each with its lines, and how many were granted, granted in part, refused or are still open. All
/// of them at once, or in pages where `limit` says so; the counts are always those of the cohort.
#[utoipa::path(
    operation_id = "getConversionCohort", tag = "conversions", security(("bearer" = [])),
    params(("cohort_id" = uuid::Uuid, Path, description = "The cohort."), AnyPageParameters),
    responses(
        (status = 200, description = "The cohort.", body = CohortView),
        CallerProblems, ReadProblems, RuleProblems,
    ),
)]
#[get("/v1/conversion-cohorts/{cohort_id}")]
pub(crate) async fn get_conversion_cohort(
    permit: Permit<ReadConversion>,
    id: PathId<CohortId>,
    page: AnyPage,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let Permit { grant, purpose } = permit;
    let asked = grant.clone();
    let now = state.now();
    let inquiry = reads::Inquiry { purpose, now };
    let work = move |ledger: &_| match page.0 {
        None => reads::conversion_cohort(ledger, &asked, id.0, inquiry),
        Some(page) => reads::conversion_cohort_page(ledger, &asked, id.0, inquiry, page.window()),
    };
    let mut cohort = state.ledger.run(work).await?;
    let mut next_cursor = None;
    if let Some(page) = page.0 {
        let cut = cut(&cohort.requests, page.limit, |it| it.request_id.as_uuid());
        let shown = cut.0.len();
        next_cursor = cut.1;
        // What tells only that there is more is not shown, and nobody's reading.
        cohort.requests.truncate(shown);
    }
    let what = (ReadKind::ConversionRequest, purpose);
    for request in &cohort.requests {
        let reading = Reading::of_request(&grant, &request.disclosure(), what, now);
        state.readings.note(reading).await?;
    }
    Ok(answer::ok(&CohortView {
        next_cursor,
        ..CohortView::from(&cohort)
    }))
}
