//! `GET /v1/meetings/{meeting_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadRegister;
use creditbank_domain::ids::MeetingId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::meeting::MeetingView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See a meeting with what it resolved.
///
/// Who attended is told by part, person id and institution, without names.
#[utoipa::path(
    operation_id = "getMeeting", tag = "governance", security(("bearer" = [])),
    params(("meeting_id" = uuid::Uuid, Path, description = "The meeting.")),
    responses(
        (status = 200, description = "The meeting.", body = MeetingView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/meetings/{meeting_id}")]
pub(crate) async fn get_meeting(
    permit: Permit<ReadRegister>,
    id: PathId<MeetingId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::meeting(ledger, &permit.grant, id.0.as_uuid());
    let row = state.ledger.run(work).await?;
    Ok(answer::ok(&MeetingView::from(&row)))
}
