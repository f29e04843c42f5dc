//! `POST /v1/committees`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::appointing::{CommitteeBody, CommitteeView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/committees";

/// Register a committee, or seat further members.
///
/// Who sits there already stays. A member votes once they are appointed `committee_member` too.
#[utoipa::path(
    operation_id = "postCommittee", tag = "rules", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = CommitteeBody,
    responses(
        (status = 201, description = "The committee.", body = CommitteeView),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/committees")]
pub(crate) async fn post_committee(
    permit: Permit<KeepRegister>,
    key: IdempotencyKey,
    body: JsonBody<CommitteeBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::CommitteeView, CommitteeView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| {
            flows::register_committee_once(ledger, grant, &order, once, now)
        },
    )
    .await
}
