//! `POST /v1/clients/{client_id}/secrets`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepClients;
use creditbank_domain::ids::ClientId;
use creditbank_ledger::flows::{self, NewSecret};
use creditbank_ledger::reads::KeptClient;

use super::location;
use crate::answer;
use crate::auth::Permit;
use crate::dto::client::{ClientRotationBody, ClientView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/clients/{client_id}/secrets";

/// Give a program a new secret, the first or the next one.
///
/// The old ones count beside it until the overlap has passed. Only the first answer has the
/// `secret`; the bank keeps a hash of it.
#[utoipa::path(
    operation_id = "rotateClientSecret", tag = "clients", security(("bearer" = [])),
    params(("client_id" = uuid::Uuid, Path, description = "The program."), IdempotencyHeader),
    request_body = ClientRotationBody,
    responses(
        (status = 201, description = "The program with its new secret.", body = ClientView,
            headers(("Location" = String, description = "Where to see the program.")),
            example = json!(crate::dto::examples::client_rotated())),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/clients/{client_id}/secrets")]
pub(crate) async fn rotate_client_secret(
    permit: Permit<KeepClients>,
    id: PathId<ClientId>,
    key: IdempotencyKey,
    body: JsonBody<ClientRotationBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let overlap = body.body.overlap();
    let made = state.authentication.new_secret().await?;
    answer::once_telling::<_, KeptClient, ClientView, _>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::made_at(location),
        move |ledger, grant, once, now| {
            let secret = NewSecret {
                id: made.id,
                hash: &made.hash,
                expires_at: None,
            };
            let new = (id.0, &secret);
            let done = flows::rotate_client_secret_once(ledger, grant, new, overlap, once, now)?;
            Ok((done, Some(made.secret)))
        },
    )
    .await
}
