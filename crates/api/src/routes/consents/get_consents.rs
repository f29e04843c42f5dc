//! `GET /v1/learners/{learner_no}/consents`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadConsents;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::consent::{ConsentView, ConsentsView};
use crate::problem::{ApiError, CallerProblems, ReadProblems};
use crate::state::ApiState;

/// See what a learner agreed to.
///
/// All of it for the learner, the secretariat and the auditor; for an institution what is about it
/// and what it recorded. Also what has ended.
#[utoipa::path(
    operation_id = "getConsents", tag = "learners", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number.",
        example = "7KQ4-M2XW-9PDJ")),
    responses(
        (status = 200, description = "The consents.", body = ConsentsView),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/learners/{learner_no}/consents")]
pub(crate) async fn get_consents(
    permit: Permit<ReadConsents>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let reading = permit.reading(ReadKind::Consents, now);
    let work = move |ledger: &_| reads::consents(ledger, &permit.grant, now);
    let consents = state.ledger.run(work).await?;
    state.readings.note(reading).await?;
    let consents = consents.iter().map(ConsentView::from).collect();
    Ok(answer::ok(&ConsentsView { consents }))
}
