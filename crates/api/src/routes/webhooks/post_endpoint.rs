//! `POST /v1/webhook-endpoints`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepWebhooks;
use creditbank_ledger::flows;
use creditbank_ledger::reads::WebhookEndpointView;

use super::location;
use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::{EndpointBody, EndpointView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

/// Have your institution's events sent to an address.
///
/// From now on; what was before is in `GET /v1/events`. Deliveries follow Standard Webhooks: verify
/// the signature with the `secret`, which only the first answer has. An event may come twice, under
/// the same `webhook-id`, and events may overtake each other: `seq` has their order.
#[utoipa::path(
    operation_id = "postWebhookEndpoint", tag = "webhooks", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = EndpointBody,
    responses(
        (status = 201, description = "The endpoint with its secret.", body = EndpointView,
            headers(("Location" = String, description = "Where to see the endpoint.")),
            example = json!(crate::dto::examples::webhook_endpoint_opened())),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/webhook-endpoints")]
pub(crate) async fn post_webhook_endpoint(
    permit: Permit<KeepWebhooks>,
    key: IdempotencyKey,
    body: JsonBody<EndpointBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let order = body
        .body
        .read(state.limits.webhook_network)
        .map_err(ApiError::Meaning)?;
    answer::once_telling::<_, WebhookEndpointView, EndpointView, _>(
        &state,
        permit,
        (key, "POST /v1/webhook-endpoints", &body.raw),
        answer::made_at(location),
        move |ledger, grant, once, now| flows::open_webhook_once(ledger, grant, &order, once, now),
    )
    .await
}
