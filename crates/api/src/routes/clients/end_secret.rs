//! `POST /v1/clients/{client_id}/secrets/{secret_id}/end`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepClients;
use creditbank_domain::ids::{ClientId, ClientSecretId};
use creditbank_ledger::flows;
use creditbank_ledger::reads::KeptClient;

use crate::answer;
use crate::auth::Permit;
use crate::dto::client::ClientView;
use crate::dto::webhook::StepBody;
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/clients/{client_id}/secrets/{secret_id}/end";

/// End a secret at once.
///
/// Tokens that it got live on for their minutes; to stop those too, end the program. Again it
/// changes nothing.
#[utoipa::path(
    operation_id = "endClientSecret", tag = "clients", security(("bearer" = [])),
    params(("client_id" = uuid::Uuid, Path, description = "The program."), 
        ("secret_id" = uuid::Uuid, Path, description = "The secret."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The program as it stands.", body = ClientView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/clients/{client_id}/secrets/{secret_id}/end")]
pub(crate) async fn end_client_secret(
    permit: Permit<KeepClients>,
    id: PathId<ClientId>,
    secret: PathId<ClientSecretId>,
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
            flows::end_client_secret_once(ledger, grant, (id.0, secret.0), once, now)
        },
    )
    .await
}
