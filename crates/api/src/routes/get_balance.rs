//! `GET /v1/learners/{learner_no}/balance`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadLearner;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::learner::BalanceView;
use crate::extract::{AsOfParameters, AsOfQuery};
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems};
use crate::state::ApiState;

/// See what a learner has, or had.
///
/// The learner sees the whole account, an institution what it recorded. With `as_of` as it was: by
/// the moment recorded, what the books said then, or by the day learned, what counted then
/// whenever it was recorded.
#[utoipa::path(
    operation_id = "getBalance", tag = "learners", security(("bearer" = [])),
    params(
        ("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"),
        AsOfParameters,
    ),
    responses(
        (status = 200, description = "The balance.", body = BalanceView),
        CallerProblems, ReadProblems, RuleProblems,
    ),
)]
#[get("/v1/learners/{learner_no}/balance")]
pub(crate) async fn get_balance(
    permit: Permit<ReadLearner>,
    AsOfQuery(as_of): AsOfQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let today = bank_day(state.now());
    let reading = permit.reading(ReadKind::Balance, state.now());
    let work = move |ledger: &_| match as_of {
        None => reads::balance(ledger, &permit.grant, today),
        Some(as_of) => reads::balance_as_of(ledger, &permit.grant, as_of),
    };
    let balance = state.ledger.run(work).await?;
    state.readings.note(reading).await?;
    Ok(answer::ok(&BalanceView::new(&balance, as_of)))
}
