//! `POST /v1/committees/{committee_code}/departures`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::{flows, reads};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::appointing::{CommitteeView, DepartureBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathName};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/committees/{committee_code}/departures";

/// End a member's seat.
///
/// With the end of a day; votes that were cast stay.
#[utoipa::path(
    operation_id = "endSeat", tag = "rules", security(("bearer" = [])),
    params(("committee_code" = String, Path, description = "The committee."), IdempotencyHeader),
    request_body = DepartureBody,
    responses(
        (status = 200, description = "The committee.", body = CommitteeView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/committees/{committee_code}/departures")]
pub(crate) async fn end_seat(
    permit: Permit<KeepRegister>,
    name: PathName,
    key: IdempotencyKey,
    body: JsonBody<DepartureBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let (member, last_day) = body.body.read().map_err(ApiError::Meaning)?;
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, reads::CommitteeView, CommitteeView>(
        &state,
        permit,
        asked,
        DONE,
        move |ledger, grant, once, now| {
            flows::end_seat_once(ledger, grant, (&name.0, &member, last_day), once, now)
        },
    )
    .await
}
