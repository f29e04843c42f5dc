//! `GET /v1/conversion-figures`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadTotals;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::figures::FiguresView;
use crate::extract::{DaysParameters, DaysQuery};
use crate::problem::{ApiError, CallerProblems, RuleProblems};
use crate::state::ApiState;

/// See how conversion goes, by receiving institution and month.
///
/// Requests sent in the period: how many and how many credits were asked for, granted, cut and
/// refused and for which reasons, and how many working days the decisions took. Open to every
/// member: an institution sees its own whole, and of others nothing that is of fewer than five.
#[utoipa::path(
    operation_id = "getConversionFigures", tag = "conversions", security(("bearer" = [])),
    params(DaysParameters),
    responses(
        (status = 200, description = "The figures.", body = FiguresView),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/conversion-figures")]
pub(crate) async fn get_conversion_figures(
    permit: Permit<ReadTotals>,
    days: DaysQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let period = days.days(bank_day(state.now()))?;
    let work = move |ledger: &_| reads::conversion_figures(ledger, &permit.grant, period);
    let figures = state.ledger.run(work).await?;
    Ok(answer::ok(&FiguresView::from(&figures)))
}
