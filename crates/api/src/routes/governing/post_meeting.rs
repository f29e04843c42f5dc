//! `POST /v1/meetings`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::meeting::{MeetingBody, MeetingView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/meetings";

/// Write a meeting down with what it resolved.
///
/// What it names has to be registered. Never edited: what is resolved later, or was forgotten, is a
/// further resolution.
#[utoipa::path(
    operation_id = "postMeeting", tag = "governance", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = MeetingBody,
    responses(
        (status = 201, description = "The meeting.", body = MeetingView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/meetings")]
pub(crate) async fn post_meeting(
    permit: Permit<KeepRegister>,
    key: IdempotencyKey,
    body: JsonBody<MeetingBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
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
            flows::record_meeting_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
