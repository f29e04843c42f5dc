//! `POST /v1/webhook-endpoints/{endpoint_id}/pause`, `/resume` and `/end`: one action that differs
//! in a word.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_ledger::flows::{self, EndpointStep};
use creditbank_ledger::reads::WebhookEndpointView;
use serde_json::Value;

use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::{EndpointView, StepBody};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems};
use crate::state::ApiState;

/// Who asks, for what, of whom.
type Asked = (
    Permit<KeepWebhooks>,
    PathId<WebhookEndpointId>,
    Data<ApiState>,
);

/// Send nothing to an endpoint for now. What happens meanwhile waits.
///
/// Again it changes nothing.
#[utoipa::path(
    operation_id = "pauseWebhookEndpoint", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The endpoint as it stands.", body = EndpointView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/webhook-endpoints/{endpoint_id}/pause")]
pub(crate) async fn pause_webhook_endpoint(
    asked: Asked,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
) -> Result<HttpResponse, ApiError> {
    const ROUTE: &str = "POST /v1/webhook-endpoints/{endpoint_id}/pause";
    step(asked, EndpointStep::Pause, (key, ROUTE, &body.raw)).await
}

/// Go on with a paused endpoint, beginning with what waited.
///
/// Again it changes nothing.
#[utoipa::path(
    operation_id = "resumeWebhookEndpoint", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The endpoint as it stands.", body = EndpointView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/webhook-endpoints/{endpoint_id}/resume")]
pub(crate) async fn resume_webhook_endpoint(
    asked: Asked,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
) -> Result<HttpResponse, ApiError> {
    const ROUTE: &str = "POST /v1/webhook-endpoints/{endpoint_id}/resume";
    step(asked, EndpointStep::Resume, (key, ROUTE, &body.raw)).await
}

/// End an endpoint for good. What was not delivered is given up, and its secrets sign no more.
///
/// Again it changes nothing.
#[utoipa::path(
    operation_id = "endWebhookEndpoint", tag = "webhooks", security(("bearer" = [])),
    params(("endpoint_id" = uuid::Uuid, Path, description = "The endpoint."), IdempotencyHeader),
    request_body = StepBody,
    responses(
        (status = 200, description = "The endpoint as it stands.", body = EndpointView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/webhook-endpoints/{endpoint_id}/end")]
pub(crate) async fn end_webhook_endpoint(
    asked: Asked,
    key: IdempotencyKey,
    body: JsonBody<StepBody>,
) -> Result<HttpResponse, ApiError> {
    const ROUTE: &str = "POST /v1/webhook-endpoints/{endpoint_id}/end";
    step(asked, EndpointStep::End, (key, ROUTE, &body.raw)).await
}

async fn step(
    (permit, id, state): Asked,
    step: EndpointStep,
    asked: (IdempotencyKey, &'static str, &Value),
) -> Result<HttpResponse, ApiError> {
    answer::once::<_, WebhookEndpointView, EndpointView>(
        &state,
        permit,
        asked,
        answer::DONE,
        move |ledger, grant, once, now| {
            flows::step_webhook_once(ledger, grant, id.0, step, once, now)
        },
    )
    .await
}
