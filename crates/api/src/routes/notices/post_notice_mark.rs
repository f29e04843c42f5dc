//! `POST /v1/notice-marks`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::ReadNotices;
use creditbank_ledger::flows;

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::notice::{MarkBody, UnreadView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/notice-marks";

/// Note what you have read.
///
/// One notice, or one and everything that you were told before it; what comes later stays unread. Of
/// the newest 1000. Only for a person who is signed in.
#[utoipa::path(
    operation_id = "postNoticeMark", tag = "notices", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = MarkBody,
    responses(
        (status = 200, description = "What is left.", body = UnreadView),
        CallerProblems, PathProblems, BodyProblems,
    ),
)]
#[post("/v1/notice-marks")]
pub(crate) async fn post_notice_mark(
    permit: Permit<ReadNotices>,
    key: IdempotencyKey,
    body: JsonBody<MarkBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let what = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, u32, UnreadView>(
        &state,
        permit,
        asked,
        DONE,
        move |ledger, grant, once, now| flows::mark_notices_once(ledger, grant, what, once, now),
    )
    .await
}
