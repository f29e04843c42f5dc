//! The application: operations, what is answered outside them, and the middleware around both.

use std::sync::LazyLock;

use actix_cors::Cors;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_actix_web::service_config::ServiceConfig as DocumentedConfig;

use crate::endpoints::{allowed, paths};
use crate::extract::configure_forms;
use crate::gatekeeper::gatekeeper;
use crate::observe::observe;
use crate::openapi::openapi_json;
use crate::problem::ApiError;
use crate::routes;
use crate::state::ApiState;

/// The same text for every worker thread.
static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_json);

/// Configures an actix application, for the server and for tests alike.
pub fn app(state: ApiState) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let origins = state.limits.cors_origins.clone();
        let scope = web::scope("")
            .configure(|config| {
                configure_forms(config, &state.limits);
                config.app_data(Data::new(routes::Document(DOCUMENT.clone())));
                config.app_data(Data::new(state));
                routes::configure(&mut DocumentedConfig::new(config));
                // After the operations of a path comes a service for its other methods: actix
                // itself would answer 404.
                for path in paths() {
                    config.service(web::resource(path).default_service(web::to(other_method)));
                }
            })
            .default_service(web::to(unknown_route))
            .wrap(from_fn(gatekeeper))
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
            .wrap(from_fn(observe))
            .wrap(Compress::default());
        config.service(scope);
    }
}

/// What a browser lets pages of these origins do. Nothing is sent by itself: there are no cookies.
fn cors(origins: &[String]) -> Cors {
    const TOLD: [&str; 12] = [
        "etag",
        "idempotency-replayed",
        "link",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "tus-resumable",
        "upload-length",
        "upload-offset",
        "upload-part-max",
        "www-authenticate",
    ];
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "PATCH", "POST"])
        .allowed_headers([
            "accept-language",
            "authorization",
            "content-type",
            "creditbank-acting-for",
            "creditbank-purpose",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "traceparent",
            "tus-resumable",
            "upload-checksum",
            "upload-offset",
        ])
        .expose_headers(TOLD)
        .block_on_origin_mismatch(true)
        .max_age(600);
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

async fn unknown_route() -> Result<HttpResponse, ApiError> {
    Err(ApiError::UnknownRoute)
}

async fn other_method(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let pattern = request.match_pattern().unwrap_or_default();
    Err(ApiError::MethodNotAllowed {
        allow: allowed(&pattern),
    })
}

#[cfg(test)]
mod tests;
