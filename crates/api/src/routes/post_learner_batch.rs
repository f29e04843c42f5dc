//! `POST /v1/learner-batches`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use creditbank_domain::authz::OpenAccounts;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows;
use creditbank_ledger::flows::{AccountAnswer, NewAccount};

use crate::answer;
use crate::auth::Permit;
use crate::dto::account::{AccountBatchBody, AccountBatchView, AccountBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, Place, PlacedFault,
};
use crate::state::ApiState;

/// Open up to 1,000 accounts.
///
/// Every person is answered on its own: `opened`, `already_open` with the same number as before,
/// or `rejected` with its reason. Only a body of another shape is refused whole.
#[utoipa::path(
    operation_id = "postLearnerBatch", tag = "learners", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = AccountBatchBody,
    responses(
        (status = 200, description = "An answer for each person.", body = AccountBatchView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/learner-batches")]
pub(crate) async fn post_learner_batch(
    permit: Permit<OpenAccounts>,
    key: IdempotencyKey,
    body: JsonBody<AccountBatchBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (people, unreadable) = read_people(&body.body.accounts, bank_day(state.now()));
    let render = move |answers: &Vec<AccountAnswer>| {
        let view = AccountBatchView::merge(&unreadable, answers);
        answer::rendered(StatusCode::OK, &view)
    };
    answer::once_rendered(
        &state,
        permit,
        (key, "POST /v1/learner-batches", &body.raw),
        (render, answer::nowhere),
        move |ledger, grant, once, now| {
            flows::open_accounts_once(ledger, grant, &people, once, now)
        },
    )
    .await
}

type Unreadable = Vec<Option<Vec<PlacedFault>>>;

/// The people that could be read, and for every one what is wrong with it.
fn read_people(bodies: &[AccountBody], today: NaiveDate) -> (Vec<NewAccount>, Unreadable) {
    let at = Place::root().child("accounts");
    let mut people = Vec::with_capacity(bodies.len());
    let mut unreadable = Vec::with_capacity(bodies.len());
    for (index, body) in bodies.iter().enumerate() {
        match body.read(&at.child(index), today) {
            Ok(person) => {
                people.push(person);
                unreadable.push(None);
            }
            Err(faults) => unreadable.push(Some(faults)),
        }
    }
    (people, unreadable)
}
