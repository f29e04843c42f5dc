//! `POST /v1/clients/{client_id}/keys`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepClients;
use creditbank_domain::ids::ClientId;
use creditbank_ledger::flows::{self, NewClientKey};
use creditbank_ledger::reads::KeptClient;

use super::location;
use crate::answer;
use crate::auth::Permit;
use crate::dto::client::{ClientKeyBody, ClientView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/clients/{client_id}/keys";

/// Give a program a public key, for `private_key_jwt`.
///
/// Beside those that it has. A `kid` is used once.
#[utoipa::path(
    operation_id = "postClientKey", tag = "clients", security(("bearer" = [])),
    params(("client_id" = uuid::Uuid, Path, description = "The program."), IdempotencyHeader),
    request_body = ClientKeyBody,
    responses(
        (status = 201, description = "The program with its keys.", body = ClientView,
            headers(("Location" = String, description = "Where to see the program."))),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/clients/{client_id}/keys")]
pub(crate) async fn post_client_key(
    permit: Permit<KeepClients>,
    id: PathId<ClientId>,
    key: IdempotencyKey,
    body: JsonBody<ClientKeyBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let read = body.body.read().map_err(ApiError::Meaning)?;
    answer::once::<_, KeptClient, ClientView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::made_at(location),
        move |ledger, grant, once, now| {
            let new = NewClientKey {
                kid: &read.kid,
                algorithm: read.algorithm,
                jwk: &read.jwk,
            };
            flows::add_client_key_once(ledger, grant, (id.0, &new), once, now)
        },
    )
    .await
}
