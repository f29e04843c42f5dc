//! `GET /v1/meetings`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::meeting::MeetingsView;
use crate::extract::{MeetingParameters, PageParameters, PageQuery, RegisterQuery};
use crate::problem::{ApiError, CallerProblems, RuleProblems};
use crate::state::ApiState;

/// List meetings with what they resolved.
///
/// In pages, the last day first.
#[utoipa::path(
    operation_id = "getMeetings", tag = "governance", security(("bearer" = [])),
    params(MeetingParameters, PageParameters),
    responses(
        (status = 200, description = "A page of meetings.", body = MeetingsView),
        CallerProblems, RuleProblems,
    ),
)]
#[get("/v1/meetings")]
pub(crate) async fn get_meetings(
    permit: Permit<ReadRegister>,
    asked: RegisterQuery,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let cut = page.window();
    let work = move |ledger: &_| reads::meetings(ledger, &permit.grant, asked.year, cut);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&MeetingsView::page(&rows, page.limit)))
}
