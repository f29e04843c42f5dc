//! Nothing that a client of the landed contract relies on is taken away.
//!
//! `openapi/landed.json` is the contract that clients have. A change that adds to it is landed with
//! `UPDATE_LANDED=1`; a change that breaks it fails here, and is landed only with a line in
//! `openapi/accepted-breaks.txt` that gives the reason.

use std::path::{Path, PathBuf};
use std::process::Command;

use kit::contract::{breaks, document};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi")
}

/// The breaks that were decided on, each with its reason behind two hyphens.
fn accepted() -> Vec<String> {
    let text = std::fs::read_to_string(folder().join("accepted-breaks.txt")).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let known = |line: &str| {
        let (what, why) = line.split_once(" -- ").expect("a break and its reason");
        assert!(why.len() > 10, "{line}: no reason");
        what.to_owned()
    };
    lines.map(known).collect()
}

fn without_accepted(found: Vec<String>) -> Vec<String> {
    let accepted = accepted();
    found
        .into_iter()
        .filter(|it| !accepted.contains(it))
        .collect()
}

#[test]
fn the_landed_contract_still_holds() {
    let path = folder().join("landed.json");
    let landed = std::fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
    let landed: Value = serde_json::from_str(&landed).unwrap();
    let found = breaks(&landed, document());
    for line in accepted() {
        assert!(
            landed["paths"].is_null() || found.contains(&line),
            "accepted-breaks.txt names what is no break any more: {line}"
        );
    }
    let left = without_accepted(found);
    assert!(
        left.is_empty(),
        "clients of openapi/landed.json break: {left:#?}"
    );
    if std::env::var_os("UPDATE_LANDED").is_some() {
        std::fs::copy(folder().join("openapi.json"), &path).unwrap();
        let list = folder().join("accepted-breaks.txt");
        let text = std::fs::read_to_string(&list).unwrap();
        let remarks = text.lines().filter(|line| line.starts_with('#'));
        std::fs::write(
            &list,
            remarks.map(|it| format!("{it}\n")).collect::<String>(),
        )
        .unwrap();
    }
    assert!(
        path.is_file(),
        "land the first contract with UPDATE_LANDED=1"
    );
}

/// Where git knows the main branch, also what landed there since `landed.json` was written.
#[test]
fn the_contract_of_the_main_branch_still_holds() {
    let git = |arguments: &[&str]| {
        let ended = Command::new("git")
            .args(arguments)
            .current_dir(folder())
            .output()
            .ok()?;
        ended.status.success().then_some(ended.stdout)
    };
    let bases = ["origin/main", "main", "HEAD"];
    let base = bases
        .iter()
        .find_map(|name| git(&["merge-base", "HEAD", name]));
    let Some(base) = base.and_then(|it| String::from_utf8(it).ok()) else {
        return;
    };
    let Some(text) = git(&["show", &format!("{}:./openapi.json", base.trim())]) else {
        return;
    };
    let landed: Value = serde_json::from_slice(&text).unwrap();
    let left = without_accepted(breaks(&landed, document()));
    assert!(
        left.is_empty(),
        "clients of {} break: {left:#?}",
        base.trim()
    );
}

/// A small contract with one of everything.
fn contract() -> Value {
    json!({
        "paths": { "/things": {
            "get": { "operationId": "getThings", "responses": {} },
            "post": {
                "operationId": "postThing",
                "security": [{ "bearer": [] }],
                "parameters": [
                    { "in": "query", "name": "colour", "schema": { "type": "string" } },
                    { "in": "header", "name": "if-match", "schema": { "type": "string" } },
                ],
                "requestBody": { "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/Body",
                } } } },
                "responses": {
                    "201": {
                        "headers": { "Location": {} },
                        "content": { "application/json": { "schema": {
                            "$ref": "#/components/schemas/Thing",
                        } } },
                    },
                    "422": { "$ref": "#/components/responses/Refused" },
                },
            },
        } },
        "components": {
            "responses": { "Refused": { "content": { "application/problem+json": {
                "schema": { "type": "object" }, "examples": { "TOO_BIG": {} },
            } } } },
            "schemas": {
                "Body": {
                    "type": "object", "required": ["size"],
                    "properties": {
                        "size": { "type": "integer", "maximum": 9 },
                        "shade": { "type": "string", "enum": ["dark", "light"] },
                        "names": {
                            "type": "array", "maxItems": 5, "items": { "type": "string" },
                        },
                        "odd": { "oneOf": [{ "type": "null" }, { "type": "string" }] },
                    },
                },
                "Thing": {
                    "type": "object", "required": ["id", "state"],
                    "properties": {
                        "id": { "type": "string", "format": "uuid" },
                        "state": { "type": "string", "enum": ["on", "off"] },
                        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Part" } },
                        "none": { "type": ["string", "null"] },
                    },
                },
                "Part": {
                    "type": "object", "properties": {
                        "depth": { "type": "integer" },
                        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Part" } },
                    },
                },
            },
        },
    })
}

const BODY: &str = "/components/schemas/Body";
const THING: &str = "/components/schemas/Thing";
const POST: &str = "/paths/~1things/post";

/// Puts a value at a place, or takes the place away for null.
fn changed(place: &str, value: Value) -> Value {
    let mut contract = contract();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = contract.pointer_mut(parent).unwrap();
    let name = name.replace("~1", "/");
    match parent {
        Value::Array(elements) if value.is_null() => {
            elements.remove(name.parse().unwrap());
        }
        Value::Array(elements) => elements.push(value),
        Value::Object(members) if value.is_null() => {
            members.remove(&name).expect("something to take away");
        }
        Value::Object(members) => {
            members.insert(name, value);
        }
        _ => panic!("{place}"),
    }
    contract
}

#[track_caller]
fn check(place: &str, value: Value, expected: &str) {
    let found = breaks(&contract(), &changed(place, value));
    assert!(
        found.iter().any(|it| it.contains(expected)),
        "{place}: expected {expected:?}, found {found:?}"
    );
}

#[test]
fn every_kind_of_break_is_found() {
    check("/paths/~1things", Value::Null, "GET /things is gone");
    check("/paths/~1things/get", Value::Null, "GET /things is gone");
    check(
        &format!("{POST}/operationId"),
        json!("x"),
        "another operation id",
    );
    check(&format!("{POST}/security"), json!([]), "other security");
    check(
        &format!("{POST}/parameters/0"),
        Value::Null,
        "parameter colour is gone",
    );
    let colour = format!("{POST}/parameters/0/required");
    check(&colour, json!(true), "parameter colour is required now");
    check(
        &format!("{POST}/parameters/0/schema/type"),
        json!("integer"),
        "another type",
    );
    let new = json!({ "in": "header", "name": "idempotency-key", "required": true });
    check(&format!("{POST}/parameters/-"), new, "is new and required");
    let content = format!("{POST}/requestBody/content");
    check(&content, json!({ "text/csv": {} }), "lost the media type");
    check(
        &format!("{POST}/requestBody/required"),
        json!(true),
        "requires a body now",
    );
    check(
        &format!("{POST}/responses/201"),
        Value::Null,
        "answers 201 no more",
    );
    check(
        &format!("{POST}/responses/201/headers/Location"),
        Value::Null,
        "lost the header",
    );
    let codes = "/components/responses/Refused/content/application~1problem+json/examples";
    check(codes, json!({}), "lost the code TOO_BIG");
}

#[test]
fn every_kind_of_break_inside_a_request_is_found() {
    check(
        &format!("{BODY}/properties/shade"),
        Value::Null,
        "/shade is gone",
    );
    check(
        &format!("{BODY}/required/-"),
        json!("shade"),
        "/shade is required now",
    );
    check(
        &format!("{BODY}/properties/shade/enum/0"),
        Value::Null,
        "takes fewer words",
    );
    check(
        &format!("{BODY}/properties/size/type"),
        json!("string"),
        "another type",
    );
    check(
        &format!("{BODY}/properties/size/format"),
        json!("int32"),
        "another format",
    );
    check(
        &format!("{BODY}/properties/size/maximum"),
        json!(8),
        "narrower maximum",
    );
    check(
        &format!("{BODY}/properties/size/minimum"),
        json!(1),
        "narrower minimum",
    );
    check(
        &format!("{BODY}/properties/names/maxItems"),
        json!(4),
        "narrower maxItems",
    );
    check(
        &format!("{BODY}/properties/names/items/maxLength"),
        json!(4),
        "narrower maxLength",
    );
    check(
        &format!("{BODY}/properties/names/items/enum"),
        json!(["a"]),
        "takes fewer words",
    );
    check(
        &format!("{BODY}/properties/names/items/pattern"),
        json!("a"),
        "another pattern",
    );
    check(
        &format!("{BODY}/properties/odd/oneOf/1"),
        Value::Null,
        "other variants",
    );
    check(
        &format!("{BODY}/additionalProperties"),
        json!(false),
        "no further members",
    );
}

#[test]
fn every_kind_of_break_inside_an_answer_is_found() {
    check(
        &format!("{THING}/properties/id"),
        Value::Null,
        "/id is gone",
    );
    check(
        &format!("{THING}/required/0"),
        Value::Null,
        "/id may be absent now",
    );
    check(
        &format!("{THING}/properties/id/format"),
        Value::Null,
        "another format",
    );
    check(
        &format!("{THING}/properties/state/enum/-"),
        json!("broken"),
        "gives other words",
    );
    check(
        &format!("{THING}/properties/state/type"),
        json!(["string", "null"]),
        "another type",
    );
    check(
        &format!("{THING}/properties/parts/items"),
        json!({ "type": "string" }),
        "another type",
    );
    check(
        "/components/schemas/Part/properties/depth",
        Value::Null,
        "/parts /* /depth is gone",
    );
}

#[test]
fn what_adds_is_no_break() {
    let free = |place: &str, value: Value| {
        let found = breaks(&contract(), &changed(place, value));
        assert!(found.is_empty(), "{place}: {found:?}");
    };
    free(
        "/paths/~1others",
        json!({ "get": { "operationId": "getOthers" } }),
    );
    free(&format!("{POST}/summary"), json!("other words"));
    free(
        &format!("{POST}/parameters/-"),
        json!({ "in": "query", "name": "size" }),
    );
    free(
        &format!("{POST}/responses/409"),
        json!({ "description": "a new refusal" }),
    );
    free(
        &format!("{BODY}/properties/weight"),
        json!({ "type": "integer" }),
    );
    free(&format!("{BODY}/required/0"), Value::Null);
    free(&format!("{BODY}/properties/shade/enum/-"), json!("grey"));
    free(&format!("{BODY}/properties/size/maximum"), json!(10));
    free(&format!("{BODY}/properties/names/maxItems"), Value::Null);
    free(
        &format!("{THING}/properties/colour"),
        json!({ "type": "string" }),
    );
    free(&format!("{THING}/required/-"), json!("none"));
    free(&format!("{THING}/properties/state/enum/0"), Value::Null);
    free(&format!("{THING}/properties/none/type"), json!("string"));
    assert!(breaks(&contract(), &contract()).is_empty());
}
