//! `POST /v1/learners`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::OpenAccounts;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows::AccountAnswer;
use creditbank_ledger::{StoredAnswer, flows};
use serde_json::Value;

use super::post_outcome::contradicts;
use crate::answer;
use crate::auth::Permit;
use crate::dto::account::{AccountBody, AccountView, account_view};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, Place, Problem, Words,
};
use crate::state::ApiState;

/// Open a learner's account.
///
/// A new account answers 201, one that is open 200 with the same number; numbers that the bank
/// did not know of that person yet are added. Identifiers of different accounts answer 409
/// `IDENTITY_MISMATCH`, another name than the one known 409 `NAME_MISMATCH`. A warning
/// `DUPLICATE_POSSIBLE` says that the secretariat will look whether the person has two accounts.
#[utoipa::path(
    operation_id = "postLearner", tag = "learners", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = AccountBody,
    responses(
        (status = 201, description = "Opened.", body = AccountView,
            headers(("Location" = String, description = "Where to see the balance."))),
        (status = 200, description = "Open before.", body = AccountView,
            headers(("Location" = String, description = "Where to see the balance."))),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learners")]
pub(crate) async fn post_learner(
    permit: Permit<OpenAccounts>,
    key: IdempotencyKey,
    body: JsonBody<AccountBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let person = body.body.read(&Place::root(), bank_day(state.now()));
    let person = person.map_err(ApiError::Meaning)?;
    answer::once_rendered(
        &state,
        permit,
        (key, "POST /v1/learners", &body.raw),
        (|answers: &Vec<AccountAnswer>| render(answers), location),
        move |ledger, grant, once, now| {
            flows::open_accounts_once(ledger, grant, &[person], once, now)
        },
    )
    .await
}

fn location(body: &Value) -> Option<String> {
    let number = body.get("learner_no").and_then(Value::as_str)?;
    Some(format!("/v1/learners/{number}/balance"))
}

fn render(answers: &[AccountAnswer]) -> StoredAnswer {
    let [answer] = answers else {
        return answer::refused(&Problem::internal());
    };
    let status = match answer {
        AccountAnswer::Opened { .. } => StatusCode::CREATED,
        AccountAnswer::AlreadyOpen(_) => StatusCode::OK,
        AccountAnswer::Rejected(fault) => {
            let title = Words::fixed("与已有记录冲突", "it contradicts what is there");
            let status = if contradicts(fault.code) { 409 } else { 422 };
            return answer::refused(&Problem::of_fault(status, title, fault));
        }
    };
    answer::rendered(status, &account_view(answer))
}
