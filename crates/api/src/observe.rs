//! The outer middleware: a span for each request, refusals in the client's language, and the
//! headers that every answer has.
//!
//! The span names the path's pattern, never the path: learner numbers are personal data. Bodies
//! and tokens are never recorded.

use std::sync::Arc;
use std::time::Instant;

use actix_web::Error;
use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use creditbank_domain::authz::Occasion;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

use crate::abuse::{ClientAddress, Standing};
use crate::problem::{Language, render};
use crate::state::ApiState;
use crate::trace::{self, Parent};

/// Follows one request from its first header to its answer.
pub(crate) async fn observe(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let language = Language::preferred(request.headers());
    let address = client_address(&request);
    request.extensions_mut().insert(address);
    let method = request.method().clone();
    let route = request.match_pattern().unwrap_or_default();
    let metrics = request
        .app_data::<Data<ApiState>>()
        .map(|state| state.metrics.clone());
    let span = info_span!(
        "request",
        trace_id = Empty,
        otel.kind = "server",
        method = method.as_str(),
        route,
        status = Empty,
    );
    let trace_id = trace::join(&span, Parent::of(request.headers()));
    span.record("trace_id", trace_id.as_str());
    request.extensions_mut().insert(Arc::new(Occasion {
        trace_id: trace_id.to_string(),
        network: address.network(),
    }));
    if request.method() == Method::HEAD {
        // Answered as GET; actix leaves the body out, since it knows what came over the wire.
        request.head_mut().method = Method::GET;
    }
    let work = async move {
        let answered = next.call(request).await;
        let answered = finish(answered, language, &trace_id, address.tls);
        let status = status(&answered);
        Span::current().record("status", status.as_u16());
        if let Some(metrics) = metrics {
            metrics.answered(&method, route, status, begun.elapsed());
        }
        tracing::info!("answered");
        answered
    };
    work.instrument(span).await
}

fn client_address(request: &ServiceRequest) -> ClientAddress {
    let state = request.app_data::<Data<ApiState>>();
    state.map_or_else(ClientAddress::default, |state| {
        ClientAddress::of(request, state.throttle.trusted_proxies())
    })
}

/// By which request somebody acts, once [`observe`] has begun with it.
pub(crate) fn occasion(extensions: &Extensions) -> Arc<Occasion> {
    let known = extensions.get::<Arc<Occasion>>().cloned();
    known.unwrap_or_else(|| {
        Arc::new(Occasion {
            trace_id: "0".repeat(32),
            network: None,
        })
    })
}

fn status(answered: &Result<ServiceResponse<BoxBody>, Error>) -> StatusCode {
    match answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    }
}

fn finish(
    answered: Result<ServiceResponse<impl MessageBody + 'static>, Error>,
    language: Language,
    trace_id: &str,
    tls: bool,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = match answered {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            let mut refusal = render(&error, language, trace_id);
            add_headers(refusal.headers_mut(), tls);
            return Err(InternalError::from_response(error, refusal).into());
        }
    };
    if let Some(refusal) = response
        .response()
        .error()
        .map(|error| render(error, language, trace_id))
    {
        response = response.into_response(refusal);
    }
    let standing = response.request().extensions().get::<Standing>().copied();
    if let Some(standing) = standing {
        standing.add_headers(response.headers_mut());
    }
    add_headers(response.headers_mut(), tls);
    Ok(response)
}

/// What an answer does not say itself: that it is no page, and nothing to be kept. Whoever came by
/// TLS is told to go on so.
fn add_headers(headers: &mut HeaderMap, tls: bool) {
    const CONSTANT: [(HeaderName, &str); 3] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in CONSTANT {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    // What is published says itself for how long it may be kept.
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if tls {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, value);
    }
}
