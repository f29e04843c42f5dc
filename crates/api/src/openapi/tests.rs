use std::collections::BTreeSet;

use creditbank_domain::amount::Unit;
use creditbank_domain::reading::ReadKind;
use serde_json::{Value, json};

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

#[test]
fn every_list_and_every_thing_lets_its_members_be_chosen() {
    let document = document();
    // Too little to choose from, or no member of its own at all.
    let without = [
        "/.well-known/jwks.json",
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/v1/conversion-cohorts/{cohort_id}/file",
        "/v1/import-jobs/{job_id}/questions",
        "/v1/import-jobs/{job_id}/upload",
        "/v1/import-settings",
    ];
    let mut missing = Vec::new();
    for (method, path, operation) in operations(&document) {
        let content = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let query = ENDPOINTS
            .iter()
            .find(|it| it.path == path && it.method == method);
        let takes = query.unwrap().query.contains(&FIELDS);
        if method == "GET" && !content.is_null() && !takes {
            missing.push(path);
            continue;
        }
        if !takes {
            continue;
        }
        let parameters = operation["parameters"].as_array().unwrap();
        let fields = parameters.iter().find(|it| it["name"] == FIELDS).unwrap();
        let names = fields["schema"]["items"]["enum"].as_array().unwrap();
        assert!(names.len() > 1, "{path}");
        let forms = content["anyOf"].as_array().unwrap();
        assert_eq!(forms.len(), 2, "{path}");
        assert_eq!(forms[1]["x-asked-by"], FIELDS);
        assert!(
            forms[1]["$ref"].as_str().unwrap().ends_with("Part"),
            "{path}"
        );
    }
    assert_eq!(missing, without);
}

#[test]
fn what_can_be_chosen_are_the_members_of_the_elements_and_never_those_of_a_page() {
    let all = selectable();
    let of = |path: &str| {
        let found = all.get(path).unwrap();
        (found.list.as_deref(), found.names.join(" "))
    };
    let (list, names) = of("/v1/notices");
    assert_eq!(list, Some("notices"), "there are two lists");
    assert!(names.contains("notice_id") && !names.contains("unread"));
    let (list, names) = of("/v1/learners/{learner_no}/balance");
    assert_eq!(
        (list, names.as_str()),
        (None, "as_of by_unit learner_no rows")
    );
    for (path, chosen) in &all {
        let pages = ["next_cursor", "resume_cursor"];
        let paged = chosen.names.iter().any(|it| pages.contains(&it.as_str()));
        assert!(!paged, "{path}: {:?}", chosen.names);
    }
    // What is served takes what the document says: the rewritten one gives the same.
    let mut again = selectable::of(&document());
    again.retain(|path, _| takes_fields(path));
    assert_eq!(again, all);
}

#[test]
fn every_link_leads_to_an_operation_with_all_that_its_address_takes() {
    let document = document();
    let operations = operations(&document);
    let mut links = BTreeSet::new();
    for (_, path, operation) in &operations {
        let responses = operation["responses"].as_object().unwrap().values();
        for (name, link) in responses.filter_map(|it| it["links"].as_object()).flatten() {
            let (_, target, to) = operations
                .iter()
                .find(|(_, _, it)| it["operationId"] == link["operationId"])
                .unwrap();
            assert_eq!(name, &link["operationId"]);
            let given: BTreeSet<&str> = link["parameters"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            let taken = to["parameters"].as_array().unwrap().iter();
            let taken = taken.filter(|it| it["in"] == "path");
            let taken: BTreeSet<&str> = taken.map(|it| it["name"].as_str().unwrap()).collect();
            assert_eq!(given, taken, "{path} to {target}");
            links.insert((path.as_str(), target.as_str()));
        }
    }
    for led in [
        ("/v1/outcomes", "/v1/learners/{learner_no}/balance"),
        ("/v1/learners", "/v1/learners/{learner_no}/holds"),
        (
            "/v1/learners/{learner_no}/holds",
            "/v1/learners/{learner_no}/holds/{hold_id}/release",
        ),
        ("/v1/import-jobs", "/v1/import-jobs/{job_id}/upload"),
        ("/v1/rule-sets", "/v1/rule-sets/{rule_set_id}/proposal"),
    ] {
        assert!(links.contains(&led), "{led:?}");
    }
    // What another collection only changes is nothing that an answer leads to.
    assert!(!links.contains(&(
        "/v1/outcomes",
        "/v1/learners/{learner_no}/holds/{hold_id}/release"
    )));
}

#[test]
fn a_closed_list_is_an_enum_of_the_text_or_of_each_element() {
    assert!(!openapi_json().contains("x-words"));
    let document = document();
    for (place, words) in [
        (
            "StatedBody/properties/unit",
            json!(Unit::ALL.map(Unit::as_str)),
        ),
        (
            "ApprovalView/properties/verdict",
            json!(["approve", "decline", null]),
        ),
        (
            "HelperBody/properties/scopes/items",
            json!(["learners:read", "conversions:read"]),
        ),
        (
            "ReadingsViewPart/properties/readings/items/properties/what",
            json!(ReadKind::WORDS),
        ),
    ] {
        let found = document.pointer(&format!("/components/schemas/{place}/enum"));
        assert_eq!(found, Some(&words), "{place}");
    }
}
