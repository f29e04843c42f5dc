//! What of one contract a client of an earlier one trips over.
//!
//! A client may ignore what it does not know, so that adding is free: an operation, a response
//! field, an optional request field, a further word of a request. Everything else is a break.

use std::collections::BTreeSet;

use serde_json::Value;

use super::followed;

/// How deep schemas are compared; those that contain themselves end there.
const DEPTH_MAX: usize = 24;

/// Every break, as one sentence each; empty where there is none.
#[must_use]
pub fn breaks(before: &Value, now: &Value) -> Vec<String> {
    let mut found = Breaks {
        before,
        now,
        said: BTreeSet::new(),
    };
    let paths = before["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let name = format!("{} {path}", method.to_uppercase());
            match now["paths"].get(path).and_then(|item| item.get(method)) {
                Some(changed) => found.operation(&name, operation, changed),
                None => found.say(format!("{name} is gone")),
            }
        }
    }
    found.said.into_iter().collect()
}

/// Who sends a value: what may be narrowed in one direction may not in the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Response,
}

struct Breaks<'a> {
    before: &'a Value,
    now: &'a Value,
    said: BTreeSet<String>,
}

impl<'a> Breaks<'a> {
    fn say(&mut self, what: String) {
        self.said.insert(what);
    }

    fn operation(&mut self, name: &str, before: &'a Value, now: &'a Value) {
        if before["operationId"] != now["operationId"] {
            self.say(format!("{name} has another operation id"));
        }
        if before["security"] != now["security"] {
            self.say(format!("{name} asks for other security"));
        }
        self.parameters(name, before, now);
        self.body(name, before, now);
        for (status, response) in members(&before["responses"]) {
            let Some(changed) = now["responses"].get(status) else {
                self.say(format!("{name} answers {status} no more"));
                continue;
            };
            let response = followed(self.before, response);
            let changed = followed(self.now, changed);
            for header in members(&response["headers"]).map(|(header, _)| header) {
                if changed["headers"].get(header).is_none() {
                    self.say(format!("{name} {status} lost the header {header}"));
                }
            }
            let place = format!("{name} {status}");
            self.content(
                &place,
                Way::Response,
                &response["content"],
                &changed["content"],
            );
        }
    }

    fn parameters(&mut self, name: &str, before: &'a Value, now: &'a Value) {
        let of = |operation: &'a Value| operation["parameters"].as_array();
        let same =
            |one: &Value, other: &Value| one["in"] == other["in"] && one["name"] == other["name"];
        for parameter in of(before).into_iter().flatten() {
            let place = format!("{name} parameter {}", text(parameter, "name"));
            let changed = of(now).into_iter().flatten().find(|it| same(parameter, it));
            let Some(changed) = changed else {
                self.say(format!("{place} is gone"));
                continue;
            };
            if changed["required"] == true && parameter["required"] != true {
                self.say(format!("{place} is required now"));
            }
            let schemas = (&parameter["schema"], &changed["schema"]);
            self.schema(&place, Way::Request, schemas, 0);
        }
        for parameter in of(now).into_iter().flatten() {
            let known = of(before)
                .into_iter()
                .flatten()
                .any(|it| same(it, parameter));
            if !known && parameter["required"] == true {
                let parameter = text(parameter, "name");
                self.say(format!("{name} parameter {parameter} is new and required"));
            }
        }
    }

    fn body(&mut self, name: &str, before: &'a Value, now: &'a Value) {
        let (old, new) = (&before["requestBody"], &now["requestBody"]);
        if new["required"] == true && old["required"] != true {
            self.say(format!("{name} requires a body now"));
        }
        let place = format!("{name} body");
        self.content(&place, Way::Request, &old["content"], &new["content"]);
    }

    fn content(&mut self, place: &str, way: Way, before: &'a Value, now: &'a Value) {
        for (media, content) in members(before) {
            match now.get(media) {
                Some(changed) => {
                    let schemas = (&content["schema"], &changed["schema"]);
                    self.schema(place, way, schemas, 0);
                    let codes = members(&content["examples"]).map(|(code, _)| code);
                    for code in codes.filter(|_| media.contains("problem")) {
                        if changed["examples"].get(code).is_none() {
                            self.say(format!("{place} lost the code {code}"));
                        }
                    }
                }
                None => self.say(format!("{place} lost the media type {media}")),
            }
        }
    }

    fn schema(&mut self, place: &str, way: Way, schemas: (&'a Value, &'a Value), depth: usize) {
        let (before, now) = (
            followed(self.before, unasked(schemas.0)),
            followed(self.now, unasked(schemas.1)),
        );
        if depth == DEPTH_MAX {
            return;
        }
        self.types(place, way, before, now);
        self.words(place, way, before, now);
        if way == Way::Request {
            self.limits(place, before, now);
        }
        self.required(place, way, before, now);
        for (name, property) in members(&before["properties"]) {
            let inner = format!("{place} /{name}");
            match now["properties"].get(name) {
                Some(changed) => self.schema(&inner, way, (property, changed), depth + 1),
                None => self.say(format!("{inner} is gone")),
            }
        }
        if !before["items"].is_null() {
            let inner = format!("{place} /*");
            self.schema(&inner, way, (&before["items"], &now["items"]), depth + 1);
        }
        for list in ["oneOf", "anyOf", "allOf"] {
            self.variants(place, way, list, (before, now), depth);
        }
    }

    /// Variants in their order: one that is gone breaks whoever sends it, one that is new whoever
    /// reads it.
    fn variants(
        &mut self,
        place: &str,
        way: Way,
        list: &str,
        (before, now): (&'a Value, &'a Value),
        depth: usize,
    ) {
        let of = |schema: &'a Value| schema[list].as_array().map_or(&[][..], Vec::as_slice);
        let (old, new) = (of(before), of(now));
        let broken = match way {
            Way::Request => new.len() < old.len(),
            Way::Response => new.len() != old.len(),
        };
        if broken {
            self.say(format!("{place} has other variants"));
        }
        for (one, other) in old.iter().zip(new) {
            self.schema(place, way, (one, other), depth + 1);
        }
    }

    fn types(&mut self, place: &str, way: Way, before: &Value, now: &Value) {
        let (old, new) = (words(&before["type"]), words(&now["type"]));
        let kept = match way {
            Way::Request => old.is_subset(&new) || new.is_empty(),
            Way::Response => new.is_subset(&old) && (old.is_empty() || !new.is_empty()),
        };
        if !kept {
            self.say(format!("{place} has another type"));
        }
        if text(before, "format") != text(now, "format") {
            self.say(format!("{place} has another format"));
        }
    }

    fn words(&mut self, place: &str, way: Way, before: &Value, now: &Value) {
        let (old, new) = (words(&before["enum"]), words(&now["enum"]));
        let kept = match way {
            Way::Request => new.is_empty() || !old.is_empty() && old.is_subset(&new),
            Way::Response => old.is_empty() || !new.is_empty() && new.is_subset(&old),
        };
        if !kept {
            let way = if way == Way::Request {
                "takes fewer"
            } else {
                "gives other"
            };
            self.say(format!("{place} {way} words"));
        }
    }

    fn limits(&mut self, place: &str, before: &Value, now: &Value) {
        let number = |schema: &Value, name: &str| schema[name].as_f64();
        for (name, upper) in [
            ("maxLength", true),
            ("maxItems", true),
            ("maximum", true),
            ("minLength", false),
            ("minItems", false),
            ("minimum", false),
        ] {
            let narrower = match (number(before, name), number(now, name)) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(old), Some(new)) => (new < old && upper) || (new > old && !upper),
            };
            if narrower {
                self.say(format!("{place} has a narrower {name}"));
            }
        }
        let pattern = &now["pattern"];
        if !pattern.is_null() && before["pattern"] != *pattern {
            self.say(format!("{place} has another pattern"));
        }
        if now["additionalProperties"] == false && before["additionalProperties"] != false {
            self.say(format!("{place} takes no further members"));
        }
    }

    fn required(&mut self, place: &str, way: Way, before: &Value, now: &Value) {
        let (old, new) = (words(&before["required"]), words(&now["required"]));
        let told: Vec<_> = match way {
            Way::Request => new.difference(&old).collect(),
            Way::Response => old.difference(&new).collect(),
        };
        for name in told {
            let said = match way {
                Way::Request => "is required now",
                Way::Response if now["properties"].get(name).is_none() => continue,
                Way::Response => "may be absent now",
            };
            self.say(format!("{place} /{name} {said}"));
        }
    }
}

/// What is answered to a request as it always was: without the form that only who sends the
/// parameter `x-asked-by` gets.
fn unasked(schema: &Value) -> &Value {
    match schema["anyOf"].as_array().map(Vec::as_slice) {
        Some([always, asked]) if asked["x-asked-by"].is_string() => always,
        _ => schema,
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// A word or a list of words.
fn words(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::String(word) => BTreeSet::from([word.as_str()]),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answering(schema: &Value, thing: &Value) -> Value {
        json!({
            "paths": { "/thing": { "get": { "responses": { "200": {
                "content": { "application/json": { "schema": schema } },
            } } } } },
            "components": { "schemas": { "Thing": { "type": "object", "properties": thing } } },
        })
    }

    #[test]
    fn another_form_of_an_answer_breaks_unless_only_a_new_parameter_asks_for_it() {
        let thing = json!({ "id": { "type": "string" } });
        let whole = json!({ "$ref": "#/components/schemas/Thing" });
        let forms = |part: Value| json!({ "anyOf": [whole.clone(), part] });
        let landed = answering(&whole, &thing);
        let found = breaks(
            &landed,
            &answering(&forms(json!({ "type": "object" })), &thing),
        );
        assert!(found.contains(&"GET /thing 200 has another type".to_owned()));
        let asked = forms(json!({ "type": "object", "x-asked-by": "fields" }));
        let now = answering(&asked, &thing);
        assert_eq!(breaks(&landed, &now), Vec::<String>::new());
        for earlier in [&landed, &now] {
            let found = breaks(earlier, &answering(&asked, &json!({})));
            assert_eq!(found, ["GET /thing 200 /id is gone"]);
        }
    }
}
