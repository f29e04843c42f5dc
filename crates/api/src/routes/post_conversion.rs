//! `POST /v1/conversion-requests`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::{StoredAnswer, flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::conversion::{ConversionBody, ReadOrder};
use crate::dto::conversion_view::{CohortView, cohort_location};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, Place, PlacedFault, Problem,
    ReadProblems, Words,
};
use crate::state::ApiState;

/// Ask for conversions, for one learner or a cohort of up to 1,000; a learner asks for the own
/// account, by its number.
///
/// Each learner gets a request with a proposal line by line, and its lots are held until it is
/// decided. A learner for whom no request can be made is listed in `rejected`; where that is every
/// learner, nothing is made and the answer is 422.
#[utoipa::path(
    operation_id = "postConversionRequest", tag = "conversions", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = ConversionBody,
    responses(
        (status = 201, description = "The requests.", body = CohortView,
            headers(("Location" = String, description = "Where to see the cohort."))),
        CallerProblems, BodyProblems, IdempotencyProblems, ReadProblems,
    ),
)]
#[post("/v1/conversion-requests")]
pub(crate) async fn post_conversion_request(
    permit: Permit<RequestConversion>,
    key: IdempotencyKey,
    body: JsonBody<ConversionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let ReadOrder { order, unreadable } = body
        .body
        .read(bank_day(state.now()))
        .map_err(ApiError::Meaning)?;
    answer::once_rendered(
        &state,
        permit,
        (key, "POST /v1/conversion-requests", &body.raw),
        (
            move |cohort: &reads::CohortView| render(cohort, &unreadable),
            cohort_location,
        ),
        move |ledger, grant, once, now| {
            flows::request_conversion_once(ledger, grant, &order, once, now)
        },
    )
    .await
}

fn render(cohort: &reads::CohortView, unreadable: &[Option<Vec<PlacedFault>>]) -> StoredAnswer {
    let view = CohortView::from(cohort).with_unreadable(unreadable);
    if view.requests.is_empty() {
        return answer::refused(&nobody(&view));
    }
    answer::rendered(StatusCode::CREATED, &view)
}

/// No request could be made: every learner's reason, at its place.
fn nobody(view: &CohortView) -> Problem {
    let at = Place::root().child("learners");
    let mut errors = Vec::new();
    for rejected in &view.rejected {
        if rejected.errors.is_empty() {
            let pointer = Some(at.child(rejected.index).as_str().to_owned());
            errors.push(PlacedFault {
                pointer,
                parameter: None,
                line: None,
                column: None,
                fault: rejected.fault.clone(),
            });
        }
        errors.extend(rejected.errors.iter().cloned());
    }
    let title = Words::fixed("没有可受理的申请", "no request could be made");
    let problem = Problem::new(422, "NO_REQUEST_MADE", title);
    let detail = errors.first().map(|first| first.fault.words());
    let problem = detail.into_iter().fold(problem, Problem::detail);
    problem.errors(&errors)
}
