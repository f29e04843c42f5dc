//! `POST /v1/learners/{learner_no}/consents/{consent_id}/withdrawal`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepConsents;
use creditbank_domain::ids::ConsentId;
use creditbank_ledger::{flows, reads};

use crate::answer;
use crate::auth::Permit;
use crate::dto::consent::{ConsentView, ConsentWithdrawalBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/consents/{consent_id}/withdrawal";

/// Withdraw a consent.
///
/// By the learner, or by the institution that recorded it. The other institution sees nothing by it
/// from then on, and open requests that rest on it are taken back in the same moment. What was
/// decided before stands.
#[utoipa::path(
    operation_id = "withdrawConsent", tag = "learners", security(("bearer" = [])),
    params(
        ("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"),
        ("consent_id" = uuid::Uuid, Path, description = "The consent."),
        IdempotencyHeader,
    ),
    request_body = ConsentWithdrawalBody,
    responses(
        (status = 200, description = "Withdrawn.", body = ConsentView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/consents/{consent_id}/withdrawal")]
pub(crate) async fn withdraw_consent(
    permit: Permit<KeepConsents>,
    consent: PathId<ConsentId>,
    key: IdempotencyKey,
    body: JsonBody<ConsentWithdrawalBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    answer::once::<_, reads::ConsentView, ConsentView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::withdraw_consent_once(ledger, grant, consent.0, once, now)
        },
    )
    .await
}
