//! `GET /v1/learners/{learner_no}/helpers`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::KeepHelpers;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::helping::HelpersView;
use crate::extract::{PageParameters, PageQuery, PathLearner};
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// List whom you have authorised.
///
/// In pages, in order, those that are over too.
#[utoipa::path(
    operation_id = "getHelpers", tag = "people", security(("bearer" = [])),
    params(("learner_no" = String, Path, description = "The learner's number."), PageParameters),
    responses(
        (status = 200, description = "A page of helpers.", body = HelpersView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/learners/{learner_no}/helpers")]
pub(crate) async fn get_helpers(
    permit: Permit<KeepHelpers>,
    learner: PathLearner,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let cut = page.window();
    let grant = permit.grant.clone();
    let work = move |ledger: &_| reads::helpers(ledger, &grant, cut);
    let rows = state.ledger.run(work).await?;
    let (readings, now) = (&state.readings, state.now());
    readings
        .note_all(&permit, [learner.0], ReadKind::Helpers, now)
        .await?;
    Ok(answer::ok(&HelpersView::page(&rows, page.limit)))
}
