//! That an answer has the shape which the document gives it: every member that has to be there, each
//! of its type, and none of which the document says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::document;

const DOCUMENT: &str = "urn:creditbank:document";

/// The document, where an object has no members but those that are listed.
static CLOSED: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let mut closed = document().clone();
    // Answers of others, which are no schemas.
    closed["components"]["examples"] = Value::Null;
    let mut parts = BTreeSet::new();
    list_parts(&closed, &mut parts);
    close(&mut closed, "", &parts);
    let registry = Registry::new().add(DOCUMENT, closed).expect("a document");
    registry.prepare().expect("its references lead somewhere")
});

static VALIDATORS: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());

/// The schemas that others consist of: what they do not list, the others may.
fn list_parts(value: &Value, parts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for part in members
                .get("allOf")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let reference = part["$ref"].as_str().unwrap_or_default();
                parts.extend(reference.rsplit('/').next().map(str::to_owned));
            }
            members.values().for_each(|it| list_parts(it, parts));
        }
        Value::Array(elements) => elements.iter().for_each(|it| list_parts(it, parts)),
        _ => (),
    }
}

fn close(value: &mut Value, name: &str, parts: &BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let composed = members.contains_key("allOf");
            let lists = members.get("properties").is_some_and(Value::is_object)
                && !members.contains_key("additionalProperties")
                && !parts.contains(name);
            for (name, member) in members.iter_mut().filter(|(name, _)| *name != "allOf") {
                close(member, name, parts);
            }
            if composed || lists {
                members.insert("unevaluatedProperties".to_owned(), false.into());
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|it| close(it, "", parts)),
        _ => (),
    }
}

/// Holds an answer against the schema at a place of the document.
///
/// # Panics
/// Where it has another shape.
pub(super) fn hold(place: &str, body: &Value) {
    let validator = {
        let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.entry(place.to_owned());
        Arc::clone(found.or_insert_with(|| Arc::new(validator(place))))
    };
    let faults: Vec<String> = validator
        .iter_errors(body)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{place}: {faults:#?}\n{body}");
}

fn validator(place: &str) -> Validator {
    let place = place.replace('{', "%7B").replace('}', "%7D");
    jsonschema::options()
        .with_registry(&CLOSED)
        .build(&json!({ "$ref": format!("{DOCUMENT}#{place}") }))
        .unwrap_or_else(|fault| panic!("{place}: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "/components/schemas/BalanceView";

    fn balance() -> Value {
        document().pointer(PLACE).unwrap()["example"].clone()
    }

    #[test]
    fn the_example_has_the_shape() {
        hold(PLACE, &balance());
    }

    #[test]
    #[should_panic(expected = "surprise")]
    fn a_member_that_the_document_does_not_know_is_found() {
        let mut body = balance();
        body["by_unit"][0]["surprise"] = json!(1);
        hold(PLACE, &body);
    }

    #[test]
    #[should_panic(expected = "learner_no")]
    fn a_member_that_is_missing_is_found() {
        let mut body = balance();
        body.as_object_mut().unwrap().remove("learner_no");
        hold(PLACE, &body);
    }
}
