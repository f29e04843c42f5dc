//! `POST /v1/meetings/{meeting_id}/resolutions`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::ids::MeetingId;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::governing::ResolutionBody;
use crate::dto::meeting::MeetingView;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, Place,
};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/meetings/{meeting_id}/resolutions";

/// Write down what a meeting resolved.
///
/// A resolution about a version of a rule set shows in `GET /v1/rule-sets/{rule_set_id}`. It approves
/// nothing by itself: votes do.
#[utoipa::path(
    operation_id = "postResolution", tag = "governance", security(("bearer" = [])),
    params(("meeting_id" = uuid::Uuid, Path, description = "The meeting."), IdempotencyHeader),
    request_body = ResolutionBody,
    responses(
        (status = 201, description = "The meeting.", body = MeetingView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/meetings/{meeting_id}/resolutions")]
pub(crate) async fn post_resolution(
    permit: Permit<KeepRegister>,
    id: PathId<MeetingId>,
    key: IdempotencyKey,
    body: JsonBody<ResolutionBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read(&Place::root()).map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::MeetingView, MeetingView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| {
            flows::record_resolution_once(ledger, grant, (id.0.as_uuid(), &order), once, now)
        },
    )
    .await
}
