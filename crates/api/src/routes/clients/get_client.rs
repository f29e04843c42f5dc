//! `GET /v1/clients/{client_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::KeepClients;
use creditbank_domain::ids::ClientId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::client::ClientView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See a program of your institution.
///
/// With its secrets and keys that count, without those themselves, and when each was last used.
#[utoipa::path(
    operation_id = "getClient", tag = "clients", security(("bearer" = [])),
    params(("client_id" = uuid::Uuid, Path, description = "The program.")),
    responses(
        (status = 200, description = "The program.", body = ClientView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/clients/{client_id}")]
pub(crate) async fn get_client(
    permit: Permit<KeepClients>,
    id: PathId<ClientId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let work = move |ledger: &_| reads::kept_client(ledger, &permit.grant, id.0, now);
    let row = state.ledger.run(work).await?;
    Ok(answer::ok(&ClientView::from(&row)))
}
