//! `GET /v1/learners/{learner_no}/statement`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadLearner;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::statement::StatementView;
use crate::extract::{PeriodParameters, PeriodQuery};
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems};
use crate::state::ApiState;

/// See a learner's statement for a period.
///
/// What there was when the first day began, every movement recorded in the period, and what there
/// was when the last day was over, which is where the next period begins. At most 2,000 movements.
#[utoipa::path(
    operation_id = "getStatement", tag = "learners", security(("bearer" = [])),
    params(
        ("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"),
        PeriodParameters,
    ),
    responses(
        (status = 200, description = "The statement.", body = StatementView),
        CallerProblems, ReadProblems, RuleProblems,
    ),
)]
#[get("/v1/learners/{learner_no}/statement")]
pub(crate) async fn get_statement(
    permit: Permit<ReadLearner>,
    period: PeriodQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let PeriodQuery { from, to } = period;
    let reading = permit.reading(ReadKind::Statement, state.now());
    let work = move |ledger: &_| reads::statement(ledger, &permit.grant, from, to);
    let statement = state.ledger.run(work).await?;
    state.readings.note(reading).await?;
    Ok(answer::ok(&StatementView::from(&statement)))
}
