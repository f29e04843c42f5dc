//! `POST /v1/clients`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepClients;
use creditbank_ledger::flows;
use creditbank_ledger::reads::KeptClient;

use super::location;
use crate::answer;
use crate::auth::Permit;
use crate::dto::client::{ClientBody, ClientView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/clients";

/// Make a program that acts for your institution.
///
/// It can do nothing before it has a secret or a key. Its roles reach no further than the
/// institution; a program that makes another gives it nothing that it has not itself, and a token
/// that is narrowed to scopes makes what is narrowed to them.
#[utoipa::path(
    operation_id = "postClient", tag = "clients", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = ClientBody,
    responses(
        (status = 201, description = "The program.", body = ClientView,
            headers(("Location" = String, description = "Where to see the program."))),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/clients")]
pub(crate) async fn post_client(
    permit: Permit<KeepClients>,
    key: IdempotencyKey,
    body: JsonBody<ClientBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body.body.read().map_err(ApiError::Meaning)?;
    answer::once::<_, KeptClient, ClientView>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::made_at(location),
        move |ledger, grant, once, now| flows::make_client_once(ledger, grant, &order, once, now),
    )
    .await
}
