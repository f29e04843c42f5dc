//! `POST /v1/memberships/{membership_id}/end`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepMemberships;
use creditbank_domain::ids::MembershipId;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::appointing::MembershipView;
use crate::dto::webhook::StepBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/memberships/{membership_id}/end";

/// End a membership from now on.
///
/// It stays in the list and says when. Servers that know the person look again within seconds.
#[utoipa::path(
    operation_id = "endMembership", tag = "people", security(("bearer" = [])),
    params(("membership_id" = uuid::Uuid, Path, description = "The membership."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The membership.", body = MembershipView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/memberships/{membership_id}/end")]
pub(crate) async fn end_membership(
    permit: Permit<KeepMemberships>,
    id: PathId<MembershipId>,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::AppointmentView, MembershipView>(
        &state,
        permit,
        asked,
        DONE,
        move |ledger, grant, once, now| flows::end_appointment_once(ledger, grant, id.0, once, now),
    )
    .await
}
