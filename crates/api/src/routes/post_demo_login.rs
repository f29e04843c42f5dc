//! `POST /v1/demo-logins`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::TimeDelta;
use creditbank_domain::authz::Denied;
use creditbank_domain::person::Login;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::DEMO_ISSUER;
use crate::dto::access::DemoLoginBody;
use crate::dto::token::TokenView;
use crate::extract::JsonBody;
use crate::problem::{ApiError, BodyProblems, BusyProblems, PathProblems};
use crate::state::ApiState;

const LIFE: TimeDelta = TimeDelta::hours(1);

/// Sign in as one of the demo's made-up people.
///
/// Only where the demo serves; everywhere else, and for anybody else, 404.
#[utoipa::path(
    operation_id = "postDemoLogin", tag = "service", security(()),
    request_body = DemoLoginBody,
    responses(
        (status = 200, description = "A token.", body = TokenView),
        BusyProblems, BodyProblems, PathProblems,
    ),
)]
#[post("/v1/demo-logins")]
pub(crate) async fn post_demo_login(
    body: JsonBody<DemoLoginBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let hidden = || ApiError::Denied(Denied::Hidden);
    let subject = body.body.login;
    let login = Login::new(DEMO_ISSUER, &subject).map_err(|_| hidden())?;
    if !state.authentication.is_demo() {
        return Err(hidden());
    }
    let known = state
        .ledger
        .run(move |ledger| reads::person_by_login(ledger, &login));
    known.await?.ok_or_else(hidden)?;
    let now = state.now();
    let signed = state
        .authentication
        .sign_demo(&subject, now + LIFE, &state.ledger, now);
    Ok(answer::ok(&TokenView {
        access_token: signed.await?,
        token_type: "Bearer".to_owned(),
        expires_in: LIFE.num_seconds(),
        scope: None,
    }))
}
