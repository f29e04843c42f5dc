//! `POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/redelivery`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepWebhooks;
use creditbank_domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use creditbank_ledger::flows;
use creditbank_ledger::reads::WebhookDeliveryView;

use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::{DeliveryView, StepBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/redelivery";

/// Have a delivery sent again.
///
/// One that was delivered or given up, under the same `webhook-id`; at a paused endpoint once it is
/// resumed. One that is still being tried is 409 `WEBHOOK_DELIVERY_OPEN`.
#[utoipa::path(
    operation_id = "redeliverWebhook", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint."),
        ("delivery_id" = uuid::Uuid, Path, description = "The delivery."),
        IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The delivery.", body = DeliveryView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/redelivery")]
pub(crate) async fn redeliver_webhook(
    permit: Permit<KeepWebhooks>,
    id: PathId<WebhookEndpointId>,
    delivery: PathId<WebhookDeliveryId>,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let asked = (key, ROUTE, &body.raw);
    answer::once::<_, WebhookDeliveryView, DeliveryView>(
        &state,
        permit,
        asked,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::redeliver_once(ledger, grant, (id.0, delivery.0), once, now)
        },
    )
    .await
}
