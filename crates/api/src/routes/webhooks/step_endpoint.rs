//! `POST /v1/webhook-endpoints/{endpoint_id}/pause`, `/resume` and `/end`: one action that differs
//! in a word.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::KeepWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_ledger::flows::EndpointStep;
use creditbank_ledger::reads::WebhookEndpointView;
use creditbank_ledger::{IdempotencyClaim, Once, flows};

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
    let claim = key.claim(&asked.0.grant, ROUTE, &body.raw)?;
    step(asked, EndpointStep::Pause, claim).await
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
    let claim = key.claim(&asked.0.grant, ROUTE, &body.raw)?;
    step(asked, EndpointStep::Resume, claim).await
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
    let claim = key.claim(&asked.0.grant, ROUTE, &body.raw)?;
    step(asked, EndpointStep::End, claim).await
}

async fn step(
    (permit, id, state): Asked,
    step: EndpointStep,
    claim: IdempotencyClaim,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let work = move |ledger: &_| {
        let render = |done: &WebhookEndpointView| {
            answer::rendered(StatusCode::OK, &EndpointView::from(done))
        };
        let once = Once {
            claim,
            render: &render,
        };
        flows::step_webhook_once(ledger, &permit.grant, id.0, step, &once, now)
    };
    answer::send(state.ledger.run(work).await?, answer::nowhere)
}
