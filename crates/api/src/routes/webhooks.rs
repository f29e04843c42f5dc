//! Webhook endpoints: one file per action, and what they share.

mod get_deliveries;
mod get_endpoint;
mod get_endpoints;
mod post_endpoint;
mod redeliver;
mod rotate_secret;
mod step_endpoint;
mod test_endpoint;

use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(post_endpoint::post_webhook_endpoint)
        .service(get_endpoints::get_webhook_endpoints)
        .service(get_endpoint::get_webhook_endpoint)
        .service(test_endpoint::test_webhook_endpoint)
        .service(rotate_secret::rotate_webhook_secret)
        .service(step_endpoint::pause_webhook_endpoint)
        .service(step_endpoint::resume_webhook_endpoint)
        .service(step_endpoint::end_webhook_endpoint)
        .service(get_deliveries::get_webhook_deliveries)
        .service(redeliver::redeliver_webhook);
}

fn location(body: &Value) -> Option<String> {
    let id = body.get("endpoint_id").and_then(Value::as_str)?;
    Some(format!("/v1/webhook-endpoints/{id}"))
}
