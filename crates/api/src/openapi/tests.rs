use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::ENDPOINTS;

fn document() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| {
                    (method.to_ascii_uppercase(), path.clone(), operation)
                })
        })
        .collect()
}

#[test]
fn the_document_has_exactly_the_endpoints() {
    let document = document();
    let documented: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    let listed: BTreeSet<_> = ENDPOINTS
        .iter()
        .map(|it| (it.method.to_owned(), it.path.to_owned()))
        .collect();
    assert_eq!(documented, listed);
    assert_eq!(listed.len(), ENDPOINTS.len(), "an endpoint is listed twice");
}

#[test]
fn every_operation_says_what_it_is_and_what_can_go_wrong() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let text = |name: &str| operation[name].as_str().unwrap_or_default().to_owned();
        assert!(!text("summary").is_empty(), "{path} has no summary");
        assert!(!text("description").is_empty(), "{path} has no description");
        assert!(
            ids.insert(text("operationId")),
            "{path} has no operation id of its own"
        );
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{path}");
        let endpoint = ENDPOINTS
            .iter()
            .find(|it| it.method == method && it.path == path)
            .unwrap();
        let secured = operation["security"].to_string().contains("bearer");
        assert_eq!(secured, endpoint.action.is_some(), "{path}");
        let responses = operation["responses"].as_object().unwrap();
        assert_eq!(
            secured,
            responses.contains_key("401") && responses.contains_key("403")
        );
        for (status, response) in responses {
            let named = response["$ref"]
                .as_str()
                .and_then(|it| it.strip_prefix('#'));
            let response = named.map_or(response, |place| document.pointer(place).unwrap());
            assert!(
                !response["description"].as_str().unwrap().is_empty(),
                "{path} {status}"
            );
            if status.as_str() >= "400" {
                let content = response["content"].as_object().unwrap();
                // RFC 6749 has a form of its own for errors.
                let form = match path.as_str() {
                    "/oauth/token" => "application/json",
                    _ => "application/problem+json",
                };
                assert!(content.contains_key(form), "{path} {status}");
            }
        }
        if method == "POST" {
            assert!(operation["requestBody"].is_object(), "{path} has no body");
        }
        let queries: BTreeSet<_> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|it| it["in"] == "query")
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        assert_eq!(queries, endpoint.query.iter().copied().collect(), "{path}");
    }
}

#[test]
fn the_document_is_3_1_with_licence_server_and_scheme() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    assert_eq!(document["servers"][0]["url"], "/");
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let text = openapi_json();
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is missing");
    }
    assert!(text.ends_with("}\n"));
    assert_eq!(text, openapi_json());
}
