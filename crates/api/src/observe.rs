//! The outer middleware: a span for each request, refusals in the client's language, and the
//! headers that every answer has.
//!
//! The span names the path's pattern, never the path: learner numbers are personal data. Bodies
//! and tokens are never recorded.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

use crate::problem::{Language, render};

/// Follows one request from its first header to its answer.
pub(crate) async fn observe(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let trace_id = trace_id(request.headers());
    let language = Language::preferred(request.headers());
    let span = info_span!(
        "request",
        trace_id,
        method = request.method().as_str(),
        route = request.match_pattern().unwrap_or_default(),
        status = Empty,
    );
    if request.method() == Method::HEAD {
        // Answered as GET; actix leaves the body out, since it knows what came over the wire.
        request.head_mut().method = Method::GET;
    }
    let work = async move {
        let answered = next.call(request).await;
        let answered = finish(answered, language, &trace_id);
        Span::current().record("status", status(&answered).as_u16());
        tracing::info!("answered");
        answered
    };
    work.instrument(span).await
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
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = match answered {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            let mut refusal = render(&error, language, trace_id);
            add_headers(refusal.headers_mut());
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
    add_headers(response.headers_mut());
    Ok(response)
}

/// Nothing that the bank answers is a page, and almost all of it is personal.
fn add_headers(headers: &mut HeaderMap) {
    const CONSTANT: [(HeaderName, &str); 3] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in CONSTANT {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is published says itself for how long it may be kept.
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The caller's own trace where it names one (W3C Trace Context), else a fresh id.
fn trace_id(headers: &HeaderMap) -> String {
    let header = headers
        .get("traceparent")
        .and_then(|value| value.to_str().ok());
    match header.and_then(parent_trace_id) {
        Some(trace_id) => trace_id.to_owned(),
        None => hex::encode(rand::random::<[u8; 16]>()),
    }
}

fn parent_trace_id(header: &str) -> Option<&str> {
    let mut parts = header.split('-');
    let version = parts.next()?;
    let trace_id = parts.next()?;
    let lower_hex = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let whole = version.len() == 2 && trace_id.len() == 32 && parts.next()?.len() == 16;
    let real = lower_hex(version) && lower_hex(trace_id) && trace_id.bytes().any(|b| b != b'0');
    (whole && real).then_some(trace_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_is_kept_only_when_it_is_one() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let header = format!("00-{id}-00f067aa0ba902b7-01");
        assert_eq!(parent_trace_id(&header), Some(id));
        for header in ["", "00", "00-x-00f067aa0ba902b7-01", "\"><script>"] {
            assert_eq!(parent_trace_id(header), None, "{header}");
        }
        let zero = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        assert_eq!(parent_trace_id(&zero), None);
    }
}
