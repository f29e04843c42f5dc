//! `POST /v1/clients/{client_id}/end`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepClients;
use creditbank_domain::ids::ClientId;
use creditbank_ledger::flows;
use creditbank_ledger::reads::KeptClient;

use crate::answer;
use crate::auth::Permit;
use crate::dto::client::ClientView;
use crate::dto::webhook::StepBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/clients/{client_id}/end";

/// Switch a program off for good.
///
/// It gets no more tokens, and those that it has are refused within seconds. Again it changes
/// nothing.
#[utoipa::path(
    operation_id = "endClient", tag = "clients", security(("bearer" = [])),
    params(("client_id" = uuid::Uuid, Path, description = "The program."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The program as it stands.", body = ClientView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/clients/{client_id}/end")]
pub(crate) async fn end_client(
    permit: Permit<KeepClients>,
    id: PathId<ClientId>,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    answer::once::<_, KeptClient, ClientView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::DONE,
        move |ledger, grant, once, now| flows::end_client_once(ledger, grant, id.0, once, now),
    )
    .await
}
