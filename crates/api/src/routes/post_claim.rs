//! `POST /v1/account-claims`

use actix_web::web::{Data, ReqData};
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::{ClaimAccount, Denied};
use creditbank_ledger::flows;

use crate::answer;
use crate::auth::{CallerLogin, Permit};
use crate::dto::access::{ClaimBody, ClaimView};
use crate::extract::JsonBody;
use crate::problem::{ApiError, BodyProblems, CallerProblems, StateProblems};
use crate::state::ApiState;

/// Claim your own account by a code.
///
/// For a person who signed in at an identity provider; from then on they see the account. A code
/// counts once; whoever redeemed it is told the same again. Five wrong codes within an hour, and
/// the login has to wait (422 `CLAIM_ATTEMPTS_SPENT`).
#[utoipa::path(
    operation_id = "postAccountClaim", tag = "learners", security(("bearer" = [])),
    request_body = ClaimBody,
    responses(
        (status = 200, description = "The account is yours.", body = ClaimView),
        CallerProblems, BodyProblems, StateProblems,
    ),
)]
#[post("/v1/account-claims")]
pub(crate) async fn post_account_claim(
    permit: Permit<ClaimAccount>,
    body: JsonBody<ClaimBody>,
    login: Option<ReqData<CallerLogin>>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    // A program signs nobody in.
    let login = login
        .ok_or(ApiError::Denied(Denied::NoRight))?
        .into_inner()
        .0;
    let (now, code, claiming) = (state.now(), body.body.read(), login.clone());
    let work = move |ledger: &_| {
        flows::redeem_claim_code(ledger, &permit.grant, &claiming, code.as_ref(), now)
    };
    let number = state.ledger.run(work).await?;
    state.authentication.forget(&login);
    Ok(answer::ok(&ClaimView {
        learner_no: number.as_str().to_owned(),
    }))
}
