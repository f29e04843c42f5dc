//! `GET /v1/published-figures`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads;

use crate::conditional::{IfNoneMatchHeader, json_unless_seen};
use crate::dto::figures::FiguresView;
use crate::extract::{MonthParameters, MonthQuery};
use crate::problem::{ApiError, BusyProblems, RuleProblems};
use crate::state::ApiState;

/// Whoever stands between may keep it for an hour: decisions still change a month that is over.
const KEPT: &str = "public, max-age=3600";

/// See a month's conversion figures, as they are published.
///
/// Without a token, for anybody: of each receiving institution, and nothing that is of fewer than
/// five. Ask with `If-None-Match` for what you have; it may be kept for an hour.
#[utoipa::path(
    operation_id = "getPublishedFigures", tag = "conversions", security(()),
    params(MonthParameters, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The figures.", body = FiguresView),
        (status = 304, description = "They are what you have."),
        BusyProblems, RuleProblems,
    ),
)]
#[get("/v1/published-figures")]
pub(crate) async fn get_published_figures(
    request: HttpRequest,
    month: MonthQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let period = month.days(bank_day(state.now()))?;
    let work = move |ledger: &_| reads::published_figures(ledger, period);
    let view = FiguresView::from(&state.ledger.run(work).await?);
    json_unless_seen(&request, KEPT, &view)
}
