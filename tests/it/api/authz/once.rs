//! That what is sent under an idempotency key is done once: by every operation that takes a key, and
//! that every write takes one but those of which is said why not.

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use creditbank_api::{ENDPOINTS, Endpoint};
use kit::contract::document;
use kit::{Answer, Caller};
use serde_json::{Value, json};

use super::Things;
use super::asked::Asked;

/// Writes without a key, and what makes a second one harmless.
const WITHOUT_KEY: [(&str, &str); 6] = [
    (
        "/v1/account-claims",
        "a code is used once, by whoever used it",
    ),
    ("/v1/conversion-cohorts", "the same file is the same cohort"),
    (
        "/v1/conversion-requests/{request_id}/evidence",
        "the same file is the same piece",
    ),
    (
        "/v1/import-jobs/{job_id}/upload",
        "its offset has one place",
    ),
    ("/v1/imports", "the same file posts nothing twice"),
    (
        "/v1/learners/{learner_no}/claim-codes",
        "few are open at once, and no answer that tells one is kept",
    ),
];

fn takes_key(endpoint: &Endpoint) -> bool {
    let method = endpoint.method.to_lowercase();
    let parameters = &document()["paths"][endpoint.path][method]["parameters"];
    let parameters = parameters.as_array().into_iter().flatten();
    let mut keys = parameters.filter(|it| it["name"] == "Idempotency-Key");
    keys.next().is_some_and(|it| it["required"] == true)
}

/// Bodies that differ from this one in one place, many of them nonsense.
fn others(body: &Value) -> Vec<Value> {
    const WORDS: [(&str, &str); 4] = [
        ("conversion", "admission"),
        ("0.01", "0.02"),
        ("2026-12-05", "2026-12-06"),
        ("2026-11-30", "2026-11-29"),
    ];
    match body {
        Value::Object(members) if members.contains_key("decision") => {
            let refused = json!({ "decision": "refuse", "text": "材料不全" });
            let fewer = json!({ "decision": "as_the_rules_say", "limit": 7 });
            vec![refused, fewer]
        }
        Value::Object(members) => {
            let within = members.iter().flat_map(|(name, member)| {
                others(member).into_iter().map(move |other| (name, other))
            });
            within
                .map(|(name, other)| {
                    let mut changed = body.clone();
                    changed[name] = other;
                    changed
                })
                .collect()
        }
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .flat_map(|(index, element)| others(element).into_iter().map(move |it| (index, it)))
            .map(|(index, other)| {
                let mut changed = body.clone();
                changed[index] = other;
                changed
            })
            .collect(),
        Value::String(text) => {
            let swapped = WORDS.iter().find(|(word, _)| word == text);
            let longer = json!(format!("{text}2"));
            let swapped = swapped.map(|(_, other)| json!(other));
            swapped.into_iter().chain([longer]).collect()
        }
        Value::Number(number) => vec![json!(number.as_u64().unwrap_or_default() + 1)],
        Value::Bool(switch) => vec![json!(!switch)],
        Value::Null => Vec::new(),
    }
}

/// What is told once only, when the request is new.
fn without_secret(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("secret");
    }
    body
}

/// Which operations were held to it.
#[derive(Default)]
pub(super) struct Once {
    replayed: BTreeSet<&'static str>,
    reused: BTreeSet<&'static str>,
    /// Of which there is no other body.
    bodiless: BTreeSet<&'static str>,
}

impl Once {
    /// After a write that was done: the same again is answered alike, another body and a request
    /// without a key are refused.
    pub(super) async fn hold(
        &mut self,
        things: &Things,
        (of, caller, key): (&Endpoint, &Caller, &str),
        first: &Answer,
    ) {
        if !takes_key(of) {
            return;
        }
        let what = format!("{} {} {key}", of.method, of.path);
        let Asked::Json(address, body) = things.asked(of, key) else {
            panic!("{what} takes a key and no JSON")
        };
        let nameless = TestRequest::post().uri(&address).set_json(&body);
        let refused = caller.send(nameless).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "IDEMPOTENCY_KEY_MISSING"),
            "{what}"
        );
        let again = caller.post(&address, key, &body).await;
        assert_eq!(again.status, first.status, "{what}: {}", again.text);
        assert!(again.replayed() && !first.replayed(), "{what}");
        assert_eq!(again.header("location"), first.header("location"), "{what}");
        match first.body.get("secret") {
            Some(_) => assert_eq!(again.body, without_secret(first), "{what}"),
            None => assert_eq!(again.text, first.text, "{what}"),
        }
        self.replayed.insert(of.path);
        if body == json!({}) {
            self.bodiless.insert(of.path);
        }
        for other in others(&body) {
            let answer = caller.post(&address, key, &other).await;
            assert!(answer.status >= 400, "{what} {other}: {}", answer.text);
            if answer.code() == "IDEMPOTENCY_KEY_REUSED" {
                assert_eq!(answer.status, 422);
                self.reused.insert(of.path);
                return;
            }
        }
    }

    /// Nothing that takes a key was left out, and every write takes one or says why not.
    pub(super) fn check(&self, never_done: &BTreeSet<&str>) {
        let writes = ENDPOINTS
            .iter()
            .filter(|it| it.method != "GET" && it.action.is_some());
        let (keyed, keyless): (Vec<_>, Vec<_>) = writes.partition(|it| takes_key(it));
        let paths = |of: &[&Endpoint]| -> BTreeSet<&str> { of.iter().map(|it| it.path).collect() };
        assert_eq!(paths(&keyless), WITHOUT_KEY.map(|(path, _)| path).into());
        let done = paths(&keyed);
        let done: BTreeSet<_> = done.difference(never_done).copied().collect();
        assert_eq!(self.replayed, done);
        let alike: BTreeSet<_> = done.difference(&self.reused).copied().collect();
        assert_eq!(alike, self.bodiless);
    }
}
