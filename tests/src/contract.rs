//! The contract as a client reads it: what each operation answers, by the document alone.
//!
//! Every answer of every test is held against it, so that no status and no code goes undocumented.

use std::sync::LazyLock;

use creditbank_api::{is_listed, openapi_json};
use serde_json::Value;

use crate::answer::Answer;

mod breaks;
mod postman;

pub use breaks::breaks;
pub use postman::postman;

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
    if answer.header("content-type") != "application/problem+json" {
        return;
    }
    let code = answer.code();
    assert!(is_listed(code), "{}", unlisted(code));
    let content = &followed(document(), response)["content"]["application/problem+json"];
    assert!(
        content["examples"].get(code).is_some(),
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
    let method = match method {
        "HEAD" => "get".to_owned(),
        method => method.to_ascii_lowercase(),
    };
    let paths = document()["paths"].as_object()?;
    let fits = paths.iter().filter(|(pattern, _)| fits(pattern, path));
    let found = fits.min_by_key(|(pattern, _)| pattern.matches('{').count());
    let (pattern, item) = found?;
    Some((pattern, item.get(&method)?))
}

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern
            .zip(path)
            .all(|(wanted, part)| wanted == part || (wanted.starts_with('{') && !part.is_empty()))
}
