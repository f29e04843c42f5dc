//! The body of a refusal as it is sent.

use std::error::Error;

use actix_cors::CorsError;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::type_of;
use super::{ApiError, Language, PlacedFault, Problem, Words};

/// A refusal, RFC 9457.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem, example = json!(crate::dto::examples::problem()))]
pub(crate) struct ProblemView {
    /// What kind of refusal: where the server that answered explains its code.
    #[serde(rename = "type")]
    #[schema(example = "/errors/not-found")]
    pub(crate) kind: String,
    /// The kind in the language of `Accept-Language` (zh unless en is wished for more).
    #[schema(example = "没有找到")]
    pub(crate) title: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub(crate) status: u16,
    /// What is wrong this time, in the same language; absent in 5xx.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// The stable code, upper snake case.
    #[schema(example = "NOT_FOUND")]
    pub(crate) code: String,
    /// Detail, or title where there is none, in both languages.
    pub(crate) reason: Words,
    /// Every place that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) errors: Vec<PlacedFault>,
    /// Name this when you ask us what happened.
    #[schema(example = "4bf92f3577b34da6a3ce929d0e0e4736")]
    pub(crate) trace_id: String,
}

impl ProblemView {
    fn of(problem: Problem, language: Language, trace_id: &str) -> Self {
        Self {
            kind: type_of(&problem.code),
            title: language.pick(&problem.title).to_owned(),
            status: problem.status,
            detail: problem
                .detail
                .as_ref()
                .map(|words| language.pick(words).to_owned()),
            code: problem.code.into_owned(),
            reason: problem.detail.unwrap_or(problem.title),
            errors: problem.errors,
            trace_id: trace_id.to_owned(),
        }
    }
}

/// Turns whatever a handler, an extractor or actix failed with into the one form of refusal, and
/// logs it where it is a failure of ours.
pub(crate) fn render(error: &actix_web::Error, language: Language, trace_id: &str) -> HttpResponse {
    let problem = match error.as_error::<ApiError>() {
        Some(error) => {
            let problem = error.problem();
            if problem.status >= 500 {
                log(error, problem.status);
            }
            problem
        }
        None if error.as_error::<CorsError>().is_some() => ApiError::ForeignOrigin.problem(),
        None => {
            let status = error.as_response_error().status_code();
            if status.is_server_error() {
                tracing::error!(status = status.as_u16(), "the framework failed: {error}");
            }
            ApiError::Framework(status).problem()
        }
    };
    respond(problem, language, trace_id)
}

fn respond(problem: Problem, language: Language, trace_id: &str) -> HttpResponse {
    let mut response = HttpResponse::build(problem.status_code());
    for (name, value) in &problem.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            response.insert_header((name, value));
        }
    }
    response.insert_header((CONTENT_LANGUAGE, language.tag()));
    response.insert_header((VARY, "accept-language"));
    let view = ProblemView::of(problem, language, trace_id);
    response
        .insert_header((CONTENT_TYPE, "application/problem+json"))
        .body(serde_json::to_string(&view).unwrap_or_default())
}

/// Once, with the whole chain; a busy bank is a warning, everything else a bug or a broken part.
fn log(error: &ApiError, status: u16) {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    if status == 503 {
        tracing::warn!(status, chain, "request put off");
    } else {
        tracing::error!(status, chain, "request failed");
    }
}
