//! `GET /v1/webhook-endpoints`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use creditbank_domain::authz::ReadWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_ledger::reads;

use crate::answer;
use crate::auth::Permit;
use crate::dto::webhook::EndpointsView;
use crate::extract::{PageParameters, PageQuery};
use crate::problem::{ApiError, CallerProblems};
use crate::state::ApiState;

/// See where your institution is told of its events.
///
/// Oldest first, in pages, those that ended too. The secretariat sees everybody's. No secret is in it.
#[utoipa::path(
    operation_id = "getWebhookEndpoints", tag = "webhooks", security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of endpoints.", body = EndpointsView),
        CallerProblems,
    ),
)]
#[get("/v1/webhook-endpoints")]
pub(crate) async fn get_webhook_endpoints(
    permit: Permit<ReadWebhooks>,
    page: PageQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let limit = page.fetched();
    let after = page.after.map(WebhookEndpointId::from_uuid);
    let work = move |ledger: &_| reads::webhook_endpoints(ledger, &permit.grant, after, limit, now);
    let rows = state.ledger.run(work).await?;
    Ok(answer::ok(&EndpointsView::page(&rows, page.limit)))
}
