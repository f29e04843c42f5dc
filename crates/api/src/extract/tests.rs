use serde::Deserialize;
use serde_json::json;

use super::shape;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Body {
    name: String,
    #[serde(default)]
    parts: Vec<Part>,
    word: Option<Word>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Part {
    count: u8,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Word {
    OneThing,
}

fn check(body: serde_json::Value, pointer: &str, code: &str) {
    let fault = shape::read::<Body>(&body).unwrap_err();
    assert_eq!(
        (fault.pointer.as_deref(), fault.fault.code.as_ref()),
        (Some(pointer), code)
    );
    assert!(!fault.fault.zh.contains("secret") && !fault.fault.en.contains("secret"));
}

#[test]
fn a_fitting_body_is_read() {
    let body = json!({"name": "n", "parts": [{"count": 1}], "word": "one_thing"});
    let read: Body = shape::read(&body).unwrap();
    let expected = Body {
        name: "n".to_owned(),
        parts: vec![Part { count: 1 }],
        word: Some(Word::OneThing),
    };
    assert_eq!(read, expected);
    assert_eq!(
        shape::read::<Body>(&json!({"name": "n", "word": null}))
            .unwrap()
            .word,
        None
    );
}

#[test]
fn what_does_not_fit_is_named_by_place_and_code_and_never_repeated() {
    check(json!({}), "/name", "FIELD_MISSING");
    check(json!({"name": 7}), "/name", "TYPE_MISMATCH");
    check(json!("secret"), "", "TYPE_MISMATCH");
    check(json!([]), "", "TYPE_MISMATCH");
    check(
        json!({"name": "n", "other": "secret"}),
        "/other",
        "FIELD_UNKNOWN",
    );
    check(json!({"name": "n", "a/b": 1}), "/a~1b", "FIELD_UNKNOWN");
    check(
        json!({"name": "n", "parts": "secret"}),
        "/parts",
        "TYPE_MISMATCH",
    );
    check(
        json!({"name": "n", "parts": [{"count": 1}, "secret"]}),
        "/parts/1",
        "TYPE_MISMATCH",
    );
    check(
        json!({"name": "n", "parts": [{"count": "secret"}]}),
        "/parts/0/count",
        "TYPE_MISMATCH",
    );
    check(
        json!({"name": "n", "parts": [{"count": 256}]}),
        "/parts/0/count",
        "VALUE_UNREADABLE",
    );
    check(
        json!({"name": "n", "parts": [{"count": 1.5}]}),
        "/parts/0/count",
        "TYPE_MISMATCH",
    );
    check(
        json!({"name": "n", "parts": [{}]}),
        "/parts/0/count",
        "FIELD_MISSING",
    );
    check(
        json!({"name": "n", "word": "secret"}),
        "/word",
        "WORD_UNKNOWN",
    );
    check(
        json!({"name": "n", "word": ["secret"]}),
        "/word",
        "TYPE_MISMATCH",
    );
}
