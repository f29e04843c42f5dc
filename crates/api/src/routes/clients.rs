//! An institution's programs: one file per action, and what they share.

mod add_key;
mod end_client;
mod end_key;
mod end_secret;
mod get_client;
mod get_clients;
mod post_client;
mod rotate_secret;

use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_clients::get_clients)
        .service(post_client::post_client)
        .service(get_client::get_client)
        .service(rotate_secret::rotate_client_secret)
        .service(end_secret::end_client_secret)
        .service(add_key::post_client_key)
        .service(end_key::end_client_key)
        .service(end_client::end_client);
}

fn location(body: &Value) -> Option<String> {
    let id = body.get("client_id").and_then(Value::as_str)?;
    Some(format!("/v1/clients/{id}"))
}
