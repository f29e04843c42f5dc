//! `GET /v1/webhook-endpoints/{endpoint_id}/deliveries`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadWebhooks;
use creditbank_domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::DeliveriesView;
use crate::extract::{DeliveriesParameters, DeliveriesQuery, PathId};
use crate::problem::{ApiError, CallerProblems, PathProblems};
use crate::state::ApiState;

/// See what was sent to an endpoint and what became of it, newest first.
///
/// Settled deliveries are kept for 30 days.
#[utoipa::path(
    operation_id = "getWebhookDeliveries", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint."),
        DeliveriesParameters),
    responses(
        (status = 200, description = "A page of deliveries.", body = DeliveriesView),
        CallerProblems, PathProblems,
    ),
)]
#[get("/v1/webhook-endpoints/{endpoint_id}/deliveries")]
pub(crate) async fn get_webhook_deliveries(
    permit: Permit<ReadWebhooks>,
    id: PathId<WebhookEndpointId>,
    asked: DeliveriesQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let page = asked.page;
    // One more than asked tells whether another page follows.
    let limit = page.limit.saturating_add(1);
    let before = page.after.map(WebhookDeliveryId::from_uuid);
    let work = move |ledger: &_| {
        reads::webhook_deliveries(ledger, &permit.grant, id.0, asked.state, before, limit)
    };
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&DeliveriesView::page(&rows, page.limit)))
}
