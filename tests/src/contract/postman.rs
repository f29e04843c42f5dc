//! The contract as a Postman collection (schema 2.1), with the examples of the document.

use serde_json::{Map, Value, json};

use super::followed;

/// The collection, pretty, with a line end. Ids and order depend on the document alone.
///
/// # Panics
/// Never: what is made here can be written.
#[must_use]
pub fn postman(document: &Value) -> String {
    let tags = document["tags"].as_array().into_iter().flatten();
    let folders: Vec<_> = tags
        .map(|tag| {
            json!({
                "name": tag["name"], "description": tag["description"],
                "item": requests(document, &tag["name"]),
            })
        })
        .collect();
    let collection = json!({
        "info": {
            "name": document["info"]["title"],
            "description": "Made from openapi/openapi.json. Set the variables base_url, client_id \
                and client_secret, send service / postToken, and the token is kept for the rest.",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "auth": {
            "type": "bearer",
            "bearer": [{ "key": "token", "value": "{{token}}", "type": "string" }],
        },
        "variable": [
            { "key": "base_url", "value": "http://127.0.0.1:8080" },
            { "key": "client_id", "value": "" },
            { "key": "client_secret", "value": "" },
            { "key": "token", "value": "" },
        ],
        "item": folders,
    });
    let mut text = serde_json::to_string_pretty(&collection).expect("a collection");
    text.push('\n');
    text
}

fn requests(document: &Value, tag: &Value) -> Vec<Value> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path, method, operation))
    });
    operations
        .filter(|(_, _, operation)| operation["tags"][0] == *tag)
        .map(|(path, method, operation)| request(document, path, method, operation))
        .collect()
}

fn request(document: &Value, path: &str, method: &str, operation: &Value) -> Value {
    let parameters = || operation["parameters"].as_array().into_iter().flatten();
    let of = |place: &'static str| parameters().filter(move |it| it["in"] == place);
    let pair = |it: &Value| {
        let value = if it["name"] == "Idempotency-Key" {
            json!("{{$guid}}")
        } else {
            json!(plain(&it["example"]))
        };
        json!({
            "key": it["name"], "value": value, "description": it["description"],
            "disabled": it["required"] != true,
        })
    };
    let raw = format!(
        "{{{{base_url}}}}{}",
        path.replace('{', ":").replace('}', "")
    );
    let parts: Vec<_> = raw.split('/').skip(1).map(str::to_owned).collect();
    let mut request = json!({
        "method": method.to_uppercase(),
        "description": operation["description"],
        "header": of("header").map(pair).collect::<Vec<_>>(),
        "url": {
            "raw": raw, "host": ["{{base_url}}"], "path": parts,
            "query": of("query").map(pair).collect::<Vec<_>>(),
            "variable": of("path").map(pair).collect::<Vec<_>>(),
        },
    });
    let mut item = Map::new();
    if let Some(members) = request.as_object_mut() {
        if let Some(body) = body(document, &operation["requestBody"]["content"]) {
            members.insert("body".to_owned(), body);
        }
        if !operation["security"].to_string().contains("bearer") {
            members.insert("auth".to_owned(), json!({ "type": "noauth" }));
        }
    }
    item.insert("name".to_owned(), operation["operationId"].clone());
    item.insert("request".to_owned(), request);
    if path == "/oauth/token" {
        let keep = "pm.collectionVariables.set('token', pm.response.json().access_token);";
        let event = json!([{ "listen": "test", "script": { "exec": [keep] } }]);
        item.insert("event".to_owned(), event);
    }
    Value::Object(item)
}

fn body(document: &Value, content: &Value) -> Option<Value> {
    let (media, body) = content.as_object()?.iter().next()?;
    let example = &followed(document, &body["schema"])["example"];
    let fields = || {
        let members = example.as_object().into_iter().flatten();
        members.map(|(name, value)| match (media.as_str(), name.as_str()) {
            ("multipart/form-data", "file") => json!({ "key": name, "type": "file", "src": "" }),
            (_, "client_id" | "client_secret") => {
                json!({ "key": name, "value": format!("{{{{{name}}}}}") })
            }
            _ => json!({ "key": name, "value": plain(value) }),
        })
    };
    Some(match media.as_str() {
        "multipart/form-data" => {
            json!({ "mode": "formdata", "formdata": fields().collect::<Vec<_>>() })
        }
        "application/x-www-form-urlencoded" => {
            json!({ "mode": "urlencoded", "urlencoded": fields().collect::<Vec<_>>() })
        }
        _ => json!({
            "mode": "raw",
            "raw": serde_json::to_string_pretty(example).unwrap_or_default(),
            "options": { "raw": { "language": "json" } },
        }),
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
