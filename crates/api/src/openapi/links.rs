//! Where an answer leads: from the things that it names to what can be asked about them.
//!
//! An answer that is sure to hold a thing's id links to every operation whose address ends with that
//! id or one step below it: all of them in the collection that was asked, elsewhere what only reads.

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
        let segments = self.path.split('/');
        segments.filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
    }

    /// The link from an answer to it, where the answer or its request says all that it takes.
    fn from(&self, asked: &str, named: &BTreeMap<String, String>) -> Option<Value> {
        let thing = self.parameters().next_back()?;
        if !named.contains_key(thing)
            || !(self.reads || collection(&self.path) == collection(asked))
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

/// `/v1/learners` of whatever lies below it.
fn collection(path: &str) -> Option<(&str, &str)> {
    let mut segments = path.split('/').skip(1);
    segments.next().zip(segments.next())
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
    names.map(|name| (name, &schema["properties"][name]))
}
