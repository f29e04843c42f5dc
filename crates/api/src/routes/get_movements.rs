//! `GET /v1/learners/{learner_no}/movements`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadLearner;
use creditbank_domain::ids::TransferId;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::learner::MovementsView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems, ReadProblems, RuleProblems};
use crate::state::ApiState;

/// See every movement of a learner's account and its reason.
///
/// Oldest first by the moment recorded, each with what there is of its unit after it, in pages:
/// send `next_cursor` back as `cursor` until there is none.
#[utoipa::path(
    operation_id = "getMovements", tag = "learners", security(("bearer" = [])),
    params(
        ("learner_no" = String, Path, description = "The learner's number.",
            example = "7KQ4-M2XW-9PDJ"),
        PageParameters,
    ),
    responses(
        (status = 200, description = "A page of movements.", body = MovementsView),
        CallerProblems, ReadProblems, RuleProblems,
    ),
)]
#[get("/v1/learners/{learner_no}/movements")]
pub(crate) async fn get_movements(
    permit: Permit<ReadLearner>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let limit = page.fetched();
    let reading = permit.reading(ReadKind::Movements, state.now());
    let work = move |ledger: &_| {
        reads::movements(
            ledger,
            &permit.grant,
            page.after.map(TransferId::from_uuid),
            limit,
        )
    };
    let rows = state.ledger.run(work).await?;
    state.readings.note(reading).await?;
    Ok(answer::ok(&MovementsView::page(&rows, page.limit)))
}
