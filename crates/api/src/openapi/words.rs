//! Closed lists of words: a member says as `x-words` which it holds, and the document says so as
//! every client's generator reads it.

use serde_json::{Map, Value};

const WORDS: &str = "x-words";

/// Turns every such remark into an `enum` of the text that it is about: the member itself, or each
/// of its elements.
pub(super) fn list(document: &mut Value) {
    match document {
        Value::Object(members) => {
            if let Some(Value::Array(words)) = members.remove(WORDS) {
                say(members, words);
            }
            members.values_mut().for_each(list);
        }
        Value::Array(elements) => elements.iter_mut().for_each(list),
        _ => (),
    }
}

fn say(schema: &mut Map<String, Value>, mut words: Vec<Value>) {
    if let Some(Value::Object(element)) = schema.get_mut("items") {
        return say(element, words);
    }
    let types = schema.get("type").and_then(Value::as_array);
    if types.is_some_and(|types| types.contains(&"null".into())) {
        words.push(Value::Null);
    }
    schema.insert("enum".to_owned(), words.into());
}
