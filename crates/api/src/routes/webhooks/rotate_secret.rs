//! `POST /v1/webhook-endpoints/{endpoint_id}/secrets`

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_ledger::flows;
use creditbank_ledger::reads::WebhookEndpointView;

use super::location;
use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::{EndpointView, RotationBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

const ROUTE: &str = "POST /v1/webhook-endpoints/{endpoint_id}/secrets";

/// Replace an endpoint's secret.
///
/// Deliveries are signed with the old one and the new one until the old one ends; a receiver takes
/// a delivery if one of the signatures is right.
#[utoipa::path(
    operation_id = "rotateWebhookSecret", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint."), IdempotencyHeader),
    request_body = RotationBody,
    responses(
        (status = 201, description = "The endpoint with its new secret.", body = EndpointView,
            headers(("Location" = String, description = "Where to see the endpoint.")),
            example = json!(crate::dto::examples::webhook_endpoint_opened())),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/webhook-endpoints/{endpoint_id}/secrets")]
pub(crate) async fn rotate_webhook_secret(
    permit: Permit<KeepWebhooks>,
    id: PathId<WebhookEndpointId>,
    key: IdempotencyKey,
    body: JsonBody<RotationBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let overlap = body.body.overlap();
    answer::once_telling::<_, WebhookEndpointView, EndpointView, _>(
        &state,
        permit,
        (key, ROUTE, &body.raw),
        answer::made_at(location),
        move |ledger, grant, once, now| {
            flows::rotate_webhook_secret_once(ledger, grant, id.0, overlap, once, now)
        },
    )
    .await
}
