//! `GET /v1/committees`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::appointing::{CommitteeView, CommitteesView};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// List the committees and their seats.
///
/// Seats by person id and college, without names, the past ones too.
#[utoipa::path(
    operation_id = "getCommittees", tag = "rules", security(("bearer" = [])),
    responses(
        (status = 200, description = "All committees.", body = CommitteesView),
        CallerProblems,
    ),
)]
#[get("/v1/committees")]
pub(crate) async fn get_committees(
    permit: Permit<ReadRegister>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::list_committees(ledger, &permit.grant);
    let rows = state.ledger.run(work).await?;
    let committees = rows.iter().map(CommitteeView::from).collect();
    Ok(answer::ok(&CommitteesView { committees }))
}
