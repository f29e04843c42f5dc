//! `POST /v1/memberships`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepMemberships;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, Reply, nowhere};
use crate::auth::Permit;
use crate::dto::appointing::{MembershipBody, MembershipView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/memberships";

/// Appoint somebody.
///
/// An institution's admin appoints people of the institution to its own roles (`registrar`, `checker`,
/// `school_officer`, `reviewer`, `institution_admin`), the secretariat anybody to any. Nobody appoints
/// themselves; registrar and checker are two people.
#[utoipa::path(
    operation_id = "postMembership", tag = "people", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = MembershipBody,
    responses(
        (status = 201, description = "The membership.", body = MembershipView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/memberships")]
pub(crate) async fn post_membership(
    permit: Permit<KeepMemberships>,
    key: IdempotencyKey,
    body: JsonBody<MembershipBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read(state.now()).map_err(ApiError::Meaning)?;
    let reply = Reply {
        status: StatusCode::CREATED,
        location: nowhere,
    };
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::AppointmentView, MembershipView>(
        &state,
        permit,
        asked,
        reply,
        move |ledger, grant, once, now| flows::appoint_once(ledger, grant, &order, once, now),
    )
    .await
}
