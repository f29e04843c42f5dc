//! Where an answer leads: from the things that it names to what can be asked about them.
//!
//! An answer that is sure to hold a thing's id links to every operation whose address has that id as
//! its last one: all of them where the list of such things was asked, elsewhere what only reads.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::selectable::followed;

/// An operation that a link can lead to.
struct Target {
    operation_id: String,
    path: String,
    reads: bool,
}

impl Target {
    /// The parameters of its address, the thing that it is about last.
    fn parameters(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.path.split('/').filter_map(parameter)
    }

    /// The segment before that of the thing: the list in which it is.
    fn list(&self) -> Option<&str> {
        let mut segments = self.path.rsplit('/');
        segments.find(|it| parameter(it).is_some())?;
        segments.next()
    }

    /// The link from an answer to it, where the answer or its request says all that it takes.
    fn from(&self, asked: &str, named: &BTreeMap<String, String>) -> Option<Value> {
        let is_named = |thing: &str| named.contains_key(thing);
        let is_asked = |list: &str| asked.split('/').any(|it| it == list);
        if !self.parameters().next_back().is_some_and(is_named)
            || !(self.reads || self.list().is_some_and(is_asked))
        {
            return None;
        }
        let mut parameters = Map::new();
        for parameter in self.parameters() {
            let place = match named.get(parameter) {
                Some(pointer) => format!("$response.body#{pointer}"),
                None if asked.contains(&format!("{{{parameter}}}")) => {
                    format!("$request.path.{parameter}")
                }
                None => return None,
            };
            parameters.insert(parameter.to_owned(), place.into());
        }
        Some(json!({ "operationId": self.operation_id, "parameters": parameters }))
    }
}

/// Writes the links into every answer that has some.
pub(super) fn add(document: &mut Value) {
    let whole = document.clone();
    let targets = targets(&whole);
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let own = operation["operationId"].clone();
            let responses = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut);
            for (status, response) in responses.into_iter().flatten() {
                let schema = response.pointer("/content/application~1json/schema");
                let Some(schema) = schema.filter(|_| status.starts_with('2')) else {
                    continue;
                };
                let named = things(&whole, schema);
                let others = targets.iter().filter(|it| own != it.operation_id.as_str());
                let links: Map<String, Value> = others
                    .filter_map(|it| Some((it.operation_id.clone(), it.from(path, &named)?)))
                    .collect();
                if !links.is_empty() {
                    response["links"] = Value::Object(links);
                }
            }
        }
    }
}

fn targets(document: &Value) -> Vec<Target> {
    let paths = document["paths"].as_object();
    let operations = paths.into_iter().flatten().flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(move |(method, operation)| (path, method, operation))
    });
    operations
        .filter_map(|(path, method, operation)| {
            Some(Target {
                operation_id: operation["operationId"].as_str()?.to_owned(),
                path: path.clone(),
                reads: method == "get",
            })
        })
        .collect()
}

/// The name of a parameter, where a segment is one.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The ids that an answer of this schema is sure to hold, by name, with their pointers. An id of the
/// answer itself goes before that of a part.
fn things(document: &Value, schema: &Value) -> BTreeMap<String, String> {
    let mut things = BTreeMap::new();
    for (name, member) in required(document, schema) {
        let parts = required(document, member).map(|(part, _)| (part, format!("/{name}/{part}")));
        for (part, pointer) in parts.filter(|(part, _)| names_a_thing(part)) {
            things.entry(part.to_owned()).or_insert(pointer);
        }
    }
    for (name, _) in required(document, schema).filter(|(name, _)| names_a_thing(name)) {
        things.insert(name.to_owned(), format!("/{name}"));
    }
    things
}

fn names_a_thing(member: &str) -> bool {
    member.ends_with("_id") || member == "learner_no"
}

fn required<'d>(
    document: &'d Value,
    schema: &'d Value,
) -> impl Iterator<Item = (&'d str, &'d Value)> {
    let schema = followed(document, schema);
    let required = schema["required"].as_array().into_iter().flatten();
    let names = required.filter_map(Value::as_str);
    names.filter_map(|name| Some((name, schema.get("properties")?.get(name)?)))
}
