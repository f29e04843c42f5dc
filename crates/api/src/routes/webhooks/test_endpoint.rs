//! `POST /v1/webhook-endpoints/{endpoint_id}/test`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_ledger::flows;
use creditbank_ledger::reads::WebhookDeliveryView;

use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::{DeliveryView, StepBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/webhook-endpoints/{endpoint_id}/test";

/// Have a test sent to an endpoint: an event `cn.creditbank.ping`, signed like any other.
///
/// The answer is the delivery before it was sent; see it in the list of deliveries.
#[utoipa::path(
    operation_id = "testWebhookEndpoint", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint."),
        IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 201, description = "The delivery.", body = DeliveryView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/webhook-endpoints/{endpoint_id}/test")]
pub(crate) async fn test_webhook_endpoint(
    permit: Permit<KeepWebhooks>,
    id: PathId<WebhookEndpointId>,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, WebhookDeliveryView, DeliveryView>(
        &state,
        permit,
        asked,
        answer::MADE,
        move |ledger, grant, once, now| flows::ping_webhook_once(ledger, grant, id.0, once, now),
    )
    .await
}
