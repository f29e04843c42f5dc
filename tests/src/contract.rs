//! The contract as a client reads it: what each operation answers, by the document alone.
//!
//! Every answer of every test is held against it, so that no status, no code and no member goes
//! undocumented.

use std::sync::LazyLock;

use creditbank_api::{is_listed, openapi_json};
use serde_json::Value;

use crate::answer::Answer;

mod breaks;
mod postman;
mod shape;

pub use breaks::breaks;
pub use postman::postman;

/// The writes that only a server with a desk for files gets done.
pub const WRITES_WITH_FILES: [&str; 5] = [
    "/v1/conversion-cohorts",
    "/v1/import-jobs/{job_id}/answers",
    "/v1/import-jobs/{job_id}/approval",
    "/v1/import-jobs/{job_id}/upload",
    "/v1/imports",
];

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&openapi_json()).expect("the document is JSON"));

/// The document.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// What a reference leads to, or the value itself.
///
/// # Panics
/// Where it leads nowhere.
#[must_use]
pub fn followed<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(place) => document
            .pointer(place.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{place} leads nowhere")),
        None => value,
    }
}

/// Holds an answer against what the document says of its operation.
///
/// # Panics
/// Where the status or a code of it is not documented.
pub(crate) fn hold(method: &str, path: &str, answer: &Answer) {
    // What a browser asks before a page's request is no operation.
    if method == "OPTIONS" {
        return;
    }
    for error in answer.body["errors"].as_array().into_iter().flatten() {
        let code = error["code"].as_str().unwrap_or_default();
        assert!(is_listed(code), "{}", unlisted(code));
    }
    let Some((pattern, operation)) = operation(method, path) else {
        let codes = ["ROUTE_UNKNOWN", "METHOD_NOT_ALLOWED"];
        assert!(
            codes.contains(&answer.code()),
            "{method} {path}: {}",
            answer.text
        );
        return;
    };
    let responses = &operation["responses"];
    let response = responses.get(answer.status.to_string());
    let status = answer.status;
    let response = response.unwrap_or_else(|| {
        panic!(
            "{method} {pattern}: {status} is not documented: {}",
            answer.text
        )
    });
    let media = answer.header("content-type").split(';').next();
    let media = media.unwrap_or_default();
    let content = &followed(document(), response)["content"];
    assert!(
        answer.text.is_empty() || content.get(media).is_some(),
        "{method} {pattern}: {status} is not documented as {media}"
    );
    if !answer.body.is_null() && media.ends_with("json") {
        let answers = match response["$ref"].as_str() {
            Some(shared) => shared.trim_start_matches('#').to_owned(),
            None => {
                let (pattern, method) = (escaped(pattern), method_of(method));
                format!("/paths/{pattern}/{method}/responses/{status}")
            }
        };
        let schema = format!("{answers}/content/{}/schema", escaped(media));
        shape::hold(&asked_for(schema, path), &answer.body);
    }
    if media != "application/problem+json" {
        return;
    }
    let code = answer.code();
    assert!(is_listed(code), "{}", unlisted(code));
    assert!(
        content[media]["examples"].get(code).is_some(),
        "{method} {pattern}: {status} is not documented with {code}; give its line under \
         crates/api/src/problem/codes this status, and the operation's tag or what its request has"
    );
}

fn unlisted(code: &str) -> String {
    format!("{code} is explained nowhere: give it a line under crates/api/src/problem/codes")
}

/// The operation that a path means; the one with more fixed parts where two do.
fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let path = path.split('?').next().unwrap_or_default();
    let method = method_of(method);
    let paths = document()["paths"].as_object()?;
    let fits = paths.iter().filter(|(pattern, _)| fits(pattern, path));
    let found = fits.min_by_key(|(pattern, _)| pattern.matches('{').count());
    let (pattern, item) = found?;
    Some((pattern, item.get(&method)?))
}

/// Of a thing or a part of it, the one that was asked for.
fn asked_for(schema: String, path: &str) -> String {
    let part = &document().pointer(&schema).unwrap_or(&Value::Null)["anyOf"][1];
    match part["x-asked-by"].as_str() {
        Some(parameter) if path.contains(&format!("{parameter}=")) => schema + "/anyOf/1",
        Some(_) => schema + "/anyOf/0",
        None => schema,
    }
}

/// As the document has it.
fn method_of(method: &str) -> String {
    match method {
        "HEAD" => "get".to_owned(),
        method => method.to_ascii_lowercase(),
    }
}

/// As it stands in a JSON Pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern
            .zip(path)
            .all(|(wanted, part)| wanted == part || (wanted.starts_with('{') && !part.is_empty()))
}
