//! Every reader of what comes from outside, fed with what nobody would send: no 5xx, no panic, and
//! never an answer that the document does not have, which the kit holds of every answer.

use actix_web::test::TestRequest;
use creditbank_domain::authz::Role;
use kit::contract::{document, followed};
use kit::{RECEIVING, SCHOOL, TestApp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const CASES: usize = 500;

fn some<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// A text of any bytes, as it stands in a path or query.
fn escaped() -> impl Strategy<Value = String> {
    let any = proptest::collection::vec(any::<u8>(), 0..24)
        .prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02X}")).collect());
    let near = prop_oneof![
        Just("2026-02-30".to_owned()),
        Just("9999999999999999999".to_owned()),
        Just("-0".to_owned()),
        Just("AZeiwGoAfD6dSy8eimtcAw".to_owned()),
        Just("AAAAAAAAAAc".to_owned()),
        Just("7KQ4-M2XW-9PDJ".to_owned()),
        Just("262143-01-01".to_owned()),
        Just("2026-01-31T23:59:60+23:59".to_owned()),
        "[0-9A-Za-z_.:+-]{0,40}",
    ];
    prop_oneof![any, near]
}

/// A value of a header: whatever HTTP lets through, or nearly what is meant.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![0x20..=0x7eu8, 0x80..=0xffu8];
    let near = prop_oneof![
        Just("en;q=0.999999999999,zh;q=\u{e9}".to_owned()),
        Just("*;q=".to_owned()),
        Just("en;q=0.é".to_owned()),
        Just("\"18446744073709551616\"".to_owned()),
        Just("W/\"1\"".to_owned()),
        Just("Bearer a.b.c".to_owned()),
        Just("Bearer eyJhbGciOiJub25lIn0.e30.".to_owned()),
        Just("Basic Og==".to_owned()),
        Just("00-00000000000000000000000000000000-0000000000000000-00".to_owned()),
        "[a-z]{2}(-[A-Z]{2})?(;q=[0-9.]{0,5})?(, [a-z]{2})*",
    ]
    .prop_map(String::into_bytes);
    prop_oneof![proptest::collection::vec(byte, 0..300), near]
}

fn odd_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|it| json!(it)),
        any::<String>().prop_map(Value::from),
        "[0-9.+eE-]{0,30}".prop_map(Value::from),
        Just(json!("\u{0}")),
        Just(json!("9".repeat(5_000))),
        Just(json!("2026-02-30")),
        Just(json!("２０２６")),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-z_]{0,12}", inner, 0..4)
                .prop_map(|members| json!(members)),
        ]
    })
}

/// Puts an odd value somewhere into a body, or a member that nobody knows, or takes one away.
fn spoil(runner: &mut TestRunner, body: &mut Value) {
    let deeper = some(runner, &(0..4u8)) > 0;
    let chosen = some(runner, &any::<prop::sample::Index>());
    match body {
        Value::Object(members) if deeper && !members.is_empty() => {
            let name = members
                .keys()
                .nth(chosen.index(members.len()))
                .unwrap()
                .clone();
            match some(runner, &(0..8u8)) {
                0 => drop(members.remove(&name)),
                1 => drop(members.insert(format!("{name}x"), Value::Null)),
                _ => spoil(runner, &mut members[&name]),
            }
        }
        Value::Array(elements) if deeper && !elements.is_empty() => {
            let at = chosen.index(elements.len());
            spoil(runner, &mut elements[at]);
        }
        other => *other = some(runner, &odd_value()),
    }
}

/// Fills the path of an operation and adds its query, each part as odd as can be.
fn address(runner: &mut TestRunner, path: &str, operation: &Value) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix('{') {
        Some("learner_no}") if some(runner, &any::<bool>()) => "7KQ4-M2XW-9PDJ".to_owned(),
        Some(_) => match some(runner, &any::<bool>()) {
            true => "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c01".to_owned(),
            false => some(runner, &escaped()),
        },
        None => part.to_owned(),
    });
    let mut address = parts.collect::<Vec<_>>().join("/");
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let mut sign = '?';
    for parameter in parameters.filter(|it| it["in"] == "query") {
        if some(runner, &any::<bool>()) {
            let name = parameter["name"].as_str().unwrap();
            address.push_str(&format!("{sign}{name}={}", some(runner, &escaped())));
            sign = '&';
        }
    }
    address
}

#[actix_web::test]
async fn no_request_however_odd_is_answered_with_a_fault_of_ours() {
    let app = TestApp::start().await;
    let callers = [
        app.caller(&[Role::Registrar, Role::SchoolOfficer], SCHOOL),
        app.caller(&[Role::Reviewer, Role::InstitutionAdmin], RECEIVING),
        app.caller(&[Role::Secretariat], SCHOOL),
        app.nobody(),
    ];
    let mut runner = TestRunner::default();
    let paths = document()["paths"].as_object().unwrap();
    let operations: Vec<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (path, method, operation))
        })
        .collect();
    for case in 0..CASES {
        let (path, method, operation) = operations[case % operations.len()];
        let uri = address(&mut runner, path, operation);
        let mut request = match method.as_str() {
            "get" => TestRequest::get(),
            "put" => TestRequest::put(),
            "delete" => TestRequest::delete(),
            "patch" => TestRequest::patch(),
            _ => TestRequest::post(),
        }
        .uri(&uri);
        let mut told = format!("{method} {uri}");
        let names = [
            "accept-language",
            "idempotency-key",
            "if-match",
            "traceparent",
            "if-none-match",
            "creditbank-acting-for",
            "creditbank-purpose",
            "content-encoding",
            "cookie",
        ];
        for name in names {
            let odd = some(&mut runner, &(0..4u8)) == 0;
            let value = match name {
                _ if odd => some(&mut runner, &header()),
                "idempotency-key" => format!("k-{case}").into_bytes(),
                _ => continue,
            };
            told.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(&value)));
            request = request.insert_header((name, value));
        }
        let content = operation["requestBody"]["content"].as_object();
        if let Some((media, content)) = content.and_then(|it| it.iter().next()) {
            let schema = followed(document(), &content["schema"]);
            let mut body = schema["example"].clone();
            spoil(&mut runner, &mut body);
            let mut bytes = body.to_string().into_bytes();
            if some(&mut runner, &(0..10u8)) == 0 {
                bytes = some(&mut runner, &proptest::collection::vec(any::<u8>(), 0..200));
            }
            told.push_str(&format!("\n{}", String::from_utf8_lossy(&bytes)));
            request = request
                .insert_header(("content-type", media.as_str()))
                .set_payload(bytes);
        }
        let caller = &callers[some(&mut runner, &(0..callers.len()))];
        let request = match some(&mut runner, &(0..12u8)) {
            0 => request.insert_header(("authorization", some(&mut runner, &header()))),
            _ => caller.sign(request),
        };
        let answer = app.send_foreign(request).await;
        // The kit's import desk is always busy.
        let of_the_desk = path.contains("import") || path.contains("conversion-cohorts");
        let fine = answer.status < 500 || answer.status == 503 && of_the_desk;
        assert!(fine, "{}: {}\n{told}", answer.status, answer.text);
    }
}
