//! `POST /v1/webhook-endpoints/{endpoint_id}/secrets`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_ledger::reads::WebhookEndpointView;
use creditbank_ledger::{Once, flows};

use super::send_with;
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
    let now = state.now();
    let claim = key.claim(&permit.grant, ROUTE, &body.raw)?;
    let overlap = body.body.overlap();
    let work = move |ledger: &_| {
        let render = |made: &WebhookEndpointView| {
            answer::rendered(StatusCode::CREATED, &EndpointView::from(made))
        };
        let once = Once {
            claim,
            render: &render,
        };
        flows::rotate_webhook_secret_once(ledger, &permit.grant, id.0, overlap, &once, now)
    };
    send_with(state.ledger.run(work).await?)
}
