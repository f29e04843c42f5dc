//! `GET /v1/webhook-endpoints/{endpoint_id}`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::EndpointView;
use crate::extract::PathId;
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See an endpoint.
///
/// With its state, why it is paused if it is, and since when its secrets sign; not the secrets.
#[utoipa::path(
    operation_id = "getWebhookEndpoint", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint.")),
    responses(
        (status = 200, description = "The endpoint.", body = EndpointView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/webhook-endpoints/{endpoint_id}")]
pub(crate) async fn get_webhook_endpoint(
    permit: Permit<ReadWebhooks>,
    id: PathId<WebhookEndpointId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let work = move |ledger: &_| reads::webhook_endpoint(ledger, &permit.grant, id.0, now);
    let row = state.ledger.run(work).await?;
    Ok(answer::ok(&EndpointView::from(&row)))
}
