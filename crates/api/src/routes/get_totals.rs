//! `GET /v1/totals`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadTotals;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::totals::TotalsView;
use crate::extract::{DaysParameters, DaysQuery};
use crate::problem::{ApiError, CallerProblems, RuleProblems};
use crate::state::ApiState;

/// See sums by institution, unit, category and day.
///
/// By the day in China on which it was recorded. They are counted a moment behind the ledger;
/// `up_to_seq` says how far. An institution sees its own, secretariat and auditor all.
#[utoipa::path(
    operation_id = "getTotals", tag = "feed", security(("bearer" = [])),
    params(DaysParameters),
    responses(
        (status = 200, description = "The totals.", body = TotalsView),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/totals")]
pub(crate) async fn get_totals(
    permit: Permit<ReadTotals>,
    days: DaysQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (from, to) = days.days(bank_day(state.now()))?;
    let work = move |ledger: &_| reads::totals(ledger, &permit.grant, from, to);
    let totals = state.ledger.run(work).await?;
    Ok(answer::ok(&TotalsView::of(&totals, from, to)))
}
