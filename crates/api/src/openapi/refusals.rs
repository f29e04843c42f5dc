//! Which codes each operation can be refused with, written into the document.
//!
//! Every refusal of an operation becomes a reference to a shared response, which lists its codes as
//! named examples; the examples are made of the catalogue of codes.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::problem::{CodeEntry, Language, codes, type_of};

const FORM: &str = "application/problem+json";

/// Rewrites the refusals of every operation.
pub(super) fn list_codes(document: &mut Value) {
    let (mut responses, mut examples) = (Map::new(), Map::new());
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let features = features(path, operation);
            let refusals = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut);
            for (status, response) in refusals.into_iter().flatten() {
                let Some((name, codes)) = shared(status, response, &features) else {
                    continue;
                };
                let whole = std::mem::take(response);
                *response = json!({ "$ref": format!("#/components/responses/{name}") });
                responses
                    .entry(name)
                    .or_insert_with(|| with_codes(whole, status, &codes));
                for entry in codes {
                    let key = format!("{}-{status}", entry.code);
                    examples.insert(key, example(entry, status));
                }
            }
        }
    }
    if let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        components.insert("responses".to_owned(), Value::Object(responses));
        components.insert("examples".to_owned(), Value::Object(examples));
    }
}

/// What of a request decides which codes it can be answered with.
fn features(path: &str, operation: &Value) -> BTreeSet<String> {
    let mut features = BTreeSet::from(["any".to_owned()]);
    let texts = |list: &Value, member: &str| -> Vec<String> {
        let elements = list.as_array().into_iter().flatten();
        let text = |it: &Value| it.get(member).unwrap_or(it).as_str().map(str::to_owned);
        elements.filter_map(text).collect()
    };
    features.extend(texts(&operation["tags"], ""));
    let secured = operation["security"].to_string().contains("bearer");
    features.insert(if secured { "token" } else { "open" }.to_owned());
    if path.contains('{') {
        features.insert("path".to_owned());
    }
    let parameters = &operation["parameters"];
    features.extend(
        texts(parameters, "in")
            .into_iter()
            .filter(|it| it == "query"),
    );
    for name in texts(parameters, "name") {
        match name.to_ascii_lowercase().as_str() {
            "idempotency-key" => features.insert("key".to_owned()),
            "if-match" => features.insert("version".to_owned()),
            _ => false,
        };
    }
    let content = operation.pointer("/requestBody/content");
    let content = content.and_then(Value::as_object);
    for media in content.into_iter().flatten().map(|(media, _)| media) {
        let kinds: &[&str] = match media.as_str() {
            "application/json" => &["body", "values"],
            "multipart/form-data" => &["upload", "values"],
            "application/offset+octet-stream" => &["upload"],
            _ => &["form"],
        };
        features.extend(kinds.iter().map(|it| (*it).to_owned()));
    }
    features
}

/// The name that all refusals with the same codes share, and the codes; nothing for what is no
/// problem document.
fn shared(
    status: &str,
    response: &Value,
    features: &BTreeSet<String>,
) -> Option<(String, Vec<&'static CodeEntry>)> {
    response["content"].get(FORM)?;
    let number: u16 = status.parse().ok()?;
    let codes: Vec<_> = codes()
        .iter()
        .filter(|entry| entry.statuses.contains(&number))
        .filter(|entry| entry.when.iter().any(|it| features.contains(*it)))
        .collect();
    // Only what makes a difference is part of the name.
    let telling: BTreeSet<_> = codes
        .iter()
        .flat_map(|entry| entry.when.iter().copied())
        .filter(|it| features.contains(*it))
        .collect();
    let parts: Vec<_> = std::iter::once(status).chain(telling).collect();
    Some((parts.join("-"), codes))
}

fn with_codes(mut response: Value, status: &str, codes: &[&CodeEntry]) -> Value {
    let example = |entry: &&CodeEntry| {
        let place = format!("#/components/examples/{}-{status}", entry.code);
        (entry.code.to_owned(), json!({ "$ref": place }))
    };
    let named: Map<String, Value> = codes.iter().map(example).collect();
    let content = response.get_mut("content").and_then(|it| it.get_mut(FORM));
    if let Some(content) = content.and_then(Value::as_object_mut) {
        content.insert("examples".to_owned(), Value::Object(named));
    }
    response
}

fn example(entry: &CodeEntry, status: &str) -> Value {
    json!({
        "summary": entry.cause.en,
        "description": entry.cure.en,
        "value": {
            "type": type_of(entry.code),
            "title": Language::Chinese.pick(&entry.cause),
            "status": status.parse::<u16>().unwrap_or_default(),
            "code": entry.code,
            "reason": entry.cause,
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        },
    })
}
