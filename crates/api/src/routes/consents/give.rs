//! `POST /v1/learners/{learner_no}/consents`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepConsents;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply};
use crate::auth::Permit;
use crate::dto::consent::{ConsentBody, ConsentView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/learners/{learner_no}/consents";

const GIVEN: Reply = Reply {
    status: StatusCode::CREATED,
    location: answer::nowhere,
};

/// Agree that an institution sees the outcomes of an account, for one purpose.
///
/// By the learner, or by an institution that knows the learner and keeps the paper; it then names
/// the number under which the paper is kept. It can be withdrawn at any time.
#[utoipa::path(
    operation_id = "giveConsent", tag = "learners", security(("bearer" = [])),
    params(
        ("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"),
        IdempotencyHeader,
    ),
    request_body = ConsentBody,
    responses(
        (status = 201, description = "Written down.", body = ConsentView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/consents")]
pub(crate) async fn give_consent(
    permit: Permit<KeepConsents>,
    key: IdempotencyKey,
    body: JsonBody<ConsentBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    answer::once::<_, reads::ConsentView, ConsentView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        GIVEN,
        move |ledger, grant, once, now| flows::give_consent_once(ledger, grant, &order, once, now),
    )
    .await
}
