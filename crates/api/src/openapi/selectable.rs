//! Which members of its answer each operation lets its caller choose by `fields`, read off the
//! document: the schemas of the answers are the one list of names there is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The query parameter.
pub(crate) const FIELDS: &str = "fields";

/// The members by which one gets to the next page: they stay, whatever is chosen.
pub(crate) const PAGING: [&str; 2] = ["next_cursor", "resume_cursor"];

/// Marks the form of an answer that only who sends this parameter gets.
const ASKED_BY: &str = "x-asked-by";

/// What can be chosen of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selectable {
    /// The member with the elements whose members are named; none where they are the answer's own.
    pub(crate) list: Option<String>,
    pub(crate) names: Vec<String>,
}

/// What can be chosen, by the path of the operation that reads.
pub(crate) fn of(document: &Value) -> BTreeMap<String, Selectable> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let readers = paths.filter_map(|(path, item)| Some((path, item.get("get")?)));
    readers
        .filter_map(|(path, reader)| {
            let view = followed(document, answer(reader)?);
            Some((path.clone(), chosen_of(document, path, view)?))
        })
        .collect()
}

/// Writes the parameter, and what is answered to it, into every operation that takes it.
pub(super) fn offer(document: &mut Value, takes: impl Fn(&str) -> bool) {
    let selectable = of(document);
    let mut parts = Map::new();
    for (path, chosen) in selectable.iter().filter(|(path, _)| takes(path)) {
        let Some(view) = document
            .get("paths")
            .and_then(|paths| paths.get(path))
            .and_then(|item| item.pointer(&format!("/get{ANSWER}/$ref")))
            .and_then(Value::as_str)
            .map(str::to_owned)
        else {
            continue;
        };
        let Some((name, part)) = part(document, &view, chosen) else {
            continue;
        };
        let reader = document
            .get_mut("paths")
            .and_then(|paths| paths.get_mut(path))
            .and_then(|item| item.get_mut("get"));
        let Some(reader) = reader else { continue };
        if let Some(schema) = reader.pointer_mut(ANSWER) {
            let part = json!({ "$ref": format!("{SCHEMAS}{name}"), ASKED_BY: FIELDS });
            *schema = json!({ "anyOf": [{ "$ref": view }, part] });
        }
        let parameters = reader
            .as_object_mut()
            .map(|it| it.entry("parameters").or_insert_with(|| json!([])));
        if let Some(Value::Array(parameters)) = parameters {
            parameters.push(parameter(chosen));
        }
        parts.insert(name, part);
    }
    let schemas = document.pointer_mut("/components/schemas");
    if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
        schemas.extend(parts);
    }
}

const ANSWER: &str = "/responses/200/content/application~1json/schema";
const SCHEMAS: &str = "#/components/schemas/";

fn answer(reader: &Value) -> Option<&Value> {
    let schema = reader.pointer(ANSWER)?;
    Some(schema.pointer("/anyOf/0").unwrap_or(schema))
}

/// The elements' members where the answer is a list, else its own: one thing has its id in the
/// path, and among several lists the one that the path names is meant.
fn chosen_of(document: &Value, path: &str, view: &Value) -> Option<Selectable> {
    let members = view["properties"].as_object()?;
    let element = |schema: &Value| {
        let element = followed(document, &schema["items"]);
        element["properties"].as_object().map(names)
    };
    let lists: Vec<_> = members
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), element(schema)?)))
        .collect();
    let last = path.rsplit('/').next().unwrap_or_default();
    let list = match lists.as_slice() {
        _ if last.starts_with('{') => None,
        [list] => Some(list),
        lists => lists.iter().find(|(name, _)| *name == last),
    };
    Some(match list {
        Some((list, names)) => Selectable {
            list: Some(list.clone()),
            names: names.clone(),
        },
        None => Selectable {
            list: None,
            names: names(members),
        },
    })
}

fn names(members: &Map<String, Value>) -> Vec<String> {
    let chosen = members
        .keys()
        .filter(|name| !PAGING.contains(&name.as_str()));
    chosen.cloned().collect()
}

/// The form of an answer with only what was chosen, and its name: nothing that can be chosen has
/// to be there.
fn part(document: &Value, view: &str, chosen: &Selectable) -> Option<(String, Value)> {
    let name = format!("{}Part", view.strip_prefix(SCHEMAS)?);
    let whole = followed(document, answer_of(document, view)?);
    let mut part = json!({
        "type": "object",
        "description": format!("As it is answered to `{FIELDS}`: with what was named there."),
        "properties": whole["properties"],
    });
    if let Some(list) = &chosen.list {
        let members = part.as_object_mut()?;
        members.insert("required".to_owned(), whole["required"].clone());
        let elements = part.pointer_mut(&format!("/properties/{list}/items"))?;
        let element = followed(document, elements);
        *elements = json!({ "type": "object", "properties": element["properties"] });
    }
    Some((name, part))
}

fn answer_of<'d>(document: &'d Value, reference: &str) -> Option<&'d Value> {
    document.pointer(reference.strip_prefix('#')?)
}

fn parameter(chosen: &Selectable) -> Value {
    let description = match &chosen.list {
        Some(list) => format!(
            "Only these members of each element of `{list}`, with commas between; everything \
             beside `{list}` comes as always. All where it is absent."
        ),
        None => "Only these members of the answer, with commas between. All where it is absent."
            .to_owned(),
    };
    json!({
        "in": "query", "name": FIELDS, "required": false, "description": description,
        "style": "form", "explode": false,
        "example": chosen.names.iter().take(2).collect::<Vec<_>>(),
        "schema": {
            "type": "array", "minItems": 1,
            "items": { "type": "string", "enum": chosen.names },
        },
    })
}

pub(super) fn followed<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let reference = schema["$ref"].as_str();
    reference
        .and_then(|reference| answer_of(document, reference))
        .unwrap_or(schema)
}
