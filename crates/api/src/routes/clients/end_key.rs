//! `POST /v1/clients/{client_id}/keys/{kid}/end`

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
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId, PathName};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/clients/{client_id}/keys/{kid}/end";

/// Take a public key away at once.
///
/// Again it changes nothing.
#[utoipa::path(
    operation_id = "endClientKey", tag = "clients", security(("bearer" = [])),
    params(("client_id" = uuid::Uuid, Path, description = "The program."), 
        ("kid" = String, Path, description = "The key's name."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The program as it stands.", body = ClientView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/clients/{client_id}/keys/{kid}/end")]
pub(crate) async fn end_client_key(
    permit: Permit<KeepClients>,
    id: PathId<ClientId>,
    kid: PathName,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    answer::once::<_, KeptClient, ClientView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::end_client_key_once(ledger, grant, (id.0, &kid.0), once, now)
        },
    )
    .await
}
