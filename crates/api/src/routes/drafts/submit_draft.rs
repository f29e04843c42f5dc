//! `POST /v1/conversion-drafts/{draft_id}/submission`

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use creditbank_ledger::{flows, reads};

use super::Change;
use crate::answer::{self, Reply};
use crate::dto::conversion_view::{CohortView, cohort_location};
use crate::dto::draft::DraftStepBody;
use crate::extract::{IdempotencyHeader, IfMatchHeader, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, VersionProblems,
};

const ROUTE: &str = "POST /v1/conversion-drafts/{draft_id}/submission";
const SUBMITTED: Reply = Reply {
    status: StatusCode::CREATED,
    location: cohort_location,
};

/// Submit an open draft: its requests are sent, and hold what they ask for.
///
/// They are made out by the rules and with the lots of that moment; what a look at the draft says
/// then is what they propose.
#[utoipa::path(
    operation_id = "submitConversionDraft", tag = "conversions", security(("bearer" = [])),
    params(("draft_id" = uuid::Uuid, Path, description = "The draft."), IdempotencyHeader,
        IfMatchHeader),
    request_body = DraftStepBody,
    responses(
        (status = 201, description = "The requests.", body = CohortView,
            headers(("Location" = String, description = "Where to see the cohort."))),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems, VersionProblems,
    ),
)]
#[post("/v1/conversion-drafts/{draft_id}/submission")]
pub(crate) async fn submit_conversion_draft(
    (permit, id, key, seen, state): Change,
    body: JsonBody<DraftStepBody>,
) -> Result<HttpResponse, ApiError> {
    let which = (id.0, seen.0);
    answer::once::<_, reads::CohortView, CohortView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        SUBMITTED,
        move |ledger, grant, once, now| flows::submit_draft_once(ledger, grant, which, once, now),
    )
    .await
}
