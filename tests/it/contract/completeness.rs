//! What the document says of every operation, and every code of the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use creditbank_api::is_listed;
use kit::contract::{document, followed};
use serde_json::Value;

fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[test]
fn every_body_and_every_answer_has_an_example() {
    let shown = |content: &Value| {
        let schema = &content["schema"];
        // Of several forms the first one is shown.
        let schema = followed(document(), schema.pointer("/anyOf/0").unwrap_or(schema));
        ["example", "examples"]
            .iter()
            .any(|it| content.get(it).or_else(|| schema.get(it)).is_some())
    };
    let mut bare = Vec::new();
    for (name, operation) in operations() {
        let body = operation["requestBody"]["content"].as_object();
        for (media, content) in body.into_iter().flatten() {
            if !shown(content) {
                bare.push(format!("{name} {media}"));
            }
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = followed(document(), response);
            for (media, content) in response["content"].as_object().into_iter().flatten() {
                // A file as somebody sent it.
                let is_file = content["schema"]["format"] == "binary";
                if !is_file && !shown(content) {
                    bare.push(format!("{name} {status} {media}"));
                }
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                bare.push(format!("{name} {}", parameter["name"]));
            }
        }
    }
    assert!(bare.is_empty(), "without example or description: {bare:#?}");
}

#[test]
fn every_refusal_names_its_codes() {
    for (name, operation) in operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let content = &followed(document(), response)["content"]["application/problem+json"];
            let codes = content["examples"]
                .as_object()
                .map_or(0, serde_json::Map::len);
            assert!(
                content.is_null() || codes > 0,
                "{name} {status} names no code"
            );
        }
    }
}

/// Rust files of the crates whose words clients read, without their tests.
fn sources() -> Vec<(PathBuf, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut folders: Vec<_> = ["api", "domain", "ledger", "import"]
        .map(|name| crates.join(name).join("src"))
        .to_vec();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" && name != "examples" {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") && name != "tests" {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                files.push((path, text.to_owned()));
            }
        }
    }
    files
}

/// The quoted words in capitals with an underscore.
fn capitals(text: &str) -> impl Iterator<Item = &str> {
    let plain = |it: &&str| {
        it.contains('_')
            && it
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            && it.as_bytes()[0].is_ascii_uppercase()
    };
    text.split('"').filter(plain)
}

#[test]
fn every_code_in_the_sources_is_explained() {
    let mut unexplained: BTreeMap<String, String> = BTreeMap::new();
    let sources = sources();
    // Words of bodies and answers, not of refusals, are made by `words!`.
    let words: BTreeSet<&str> = sources
        .iter()
        .flat_map(|(_, text)| text.split("words!(").skip(1))
        .flat_map(|made| capitals(made.split("\n);").next().unwrap()))
        .collect();
    for (path, text) in &sources {
        for code in capitals(text) {
            if !words.contains(code) && !is_listed(code) && !NO_CODES.contains(&code) {
                unexplained.insert(code.to_owned(), path.display().to_string());
            }
        }
    }
    assert!(
        unexplained.is_empty(),
        "explained nowhere; give each a line under crates/api/src/problem/codes: {unexplained:#?}"
    );
}

/// Capitals in the sources that no answer has: those of the second are the command line's.
const NO_CODES: [&str; 2] = ["DECISION_TEXT", "TRUSTED_CERTIFICATES"];

#[test]
fn no_two_bodies_share_a_name_in_the_document() {
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for (_, text) in sources() {
        for made in text.split("#[derive(").skip(1) {
            let (derived, rest) = made.split_once(")]").unwrap_or((made, ""));
            let attributes = rest.split("struct ").next().unwrap_or_default();
            if !derived.contains("ToSchema") || attributes.contains("as = ") {
                continue;
            }
            let after = rest.split("struct ").nth(1).unwrap_or_default();
            if attributes.contains("enum ") {
                continue;
            }
            let name: String = after
                .chars()
                .take_while(|it| it.is_alphanumeric())
                .collect();
            *named.entry(name).or_default() += 1;
        }
    }
    let twice: Vec<_> = named.iter().filter(|(_, count)| **count > 1).collect();
    assert!(
        named.len() > 60 && twice.is_empty(),
        "one hides the other: {twice:?}"
    );
}
