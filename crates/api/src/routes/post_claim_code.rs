//! `POST /v1/learners/{learner_no}/claim-codes`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::IssueClaimCodes;
use creditbank_domain::person::ClaimCode;
use creditbank_ledger::flows;

use crate::auth::Permit;
use crate::dto::access::{ClaimCodeBody, ClaimCodeView};
use crate::extract::{JsonBody, PathLearner};
use crate::problem::{ApiError, BodyProblems, CallerProblems, PathProblems, StateProblems};
use crate::state::ApiState;

/// Make a code by which a learner claims the own account.
///
/// For a learner whose account your institution opened, or for whom it posted an outcome. The code
/// is told this once: hand it to the learner after you saw who it is. It counts once, for two
/// weeks; at most three of an account are out at a time.
#[utoipa::path(
    operation_id = "postClaimCode", tag = "learners", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ")),
    request_body = ClaimCodeBody,
    responses(
        (status = 201, description = "The code.", body = ClaimCodeView),
        CallerProblems, PathProblems, BodyProblems, StateProblems,
    ),
)]
#[post("/v1/learners/{learner_no}/claim-codes")]
pub(crate) async fn post_claim_code(
    permit: Permit<IssueClaimCodes>,
    learner: PathLearner,
    _body: JsonBody<ClaimCodeBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (now, code) = (state.now(), ClaimCode::from_random(rand::random()));
    let printed = code.printed();
    let work =
        move |ledger: &_| flows::issue_claim_code(ledger, &permit.grant, learner.0, &code, now);
    let expires_at = state.ledger.run(work).await?;
    Ok(HttpResponse::Created().json(ClaimCodeView {
        code: printed,
        expires_at,
    }))
}
