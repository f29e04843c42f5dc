//! An answer of the API, and what holds for every refusal.

use std::cell::RefCell;
use std::collections::BTreeSet;

use actix_web::http::header::HeaderMap;
use serde_json::Value;

use crate::log_watch::{leak, logged, told_once};

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it was sent.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub body: Value,
}

impl Answer {
    /// A header, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// The code of a refusal, or nothing.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Place and code of the first error of a refusal.
    #[must_use]
    pub fn first_error(&self) -> (&str, &str) {
        let error = &self.body["errors"][0];
        let place = error["pointer"].as_str().or(error["parameter"].as_str());
        let code = error["code"].as_str();
        (place.unwrap_or("none"), code.unwrap_or("none"))
    }

    /// Whether the answer was given before.
    #[must_use]
    pub fn replayed(&self) -> bool {
        self.header("idempotency-replayed") == "true"
    }

    /// Holds the status, and gives the answer on.
    ///
    /// # Panics
    /// Where it has another status.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "often the status is all that is asked"
    )]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Holds status and code of a refusal, and gives the answer on.
    ///
    /// # Panics
    /// Where it is another.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        self
    }
}

/// Words of our own inside, none of which a client ever reads.
const INTERNALS: [&str; 12] = [
    "diesel",
    "postgres",
    "sql",
    "panic",
    "relation",
    "constraint",
    "LedgerError",
    "ApiError",
    "src/",
    ".rs:",
    "serde",
    "actix",
];

/// Every refusal of a test and everything that must not stand in any of them.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    texts: RefCell<Vec<String>>,
    secrets: RefCell<BTreeSet<String>>,
    /// What a right answer told once.
    told: RefCell<BTreeSet<String>>,
}

impl Refusals {
    /// Keeps what no refusal may repeat.
    pub(crate) fn add_secret(&self, secret: &str) {
        // Shorter ones stand in any text by chance.
        if secret.chars().count() >= 4 {
            self.secrets.borrow_mut().insert(secret.to_owned());
        }
    }

    /// Keeps what a right answer tells once.
    pub(crate) fn add_told(&self, body: &Value) {
        told_once(body, &mut self.told.borrow_mut());
    }

    /// Keeps the persons that a body names.
    pub(crate) fn add_persons_of(&self, body: &Value) {
        match body {
            Value::Array(elements) => elements.iter().for_each(|one| self.add_persons_of(one)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(text) if ["value", "name", "learner_no"].contains(&name.as_str()) => {
                            self.add_secret(text);
                        }
                        _ => self.add_persons_of(member),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Holds the form of a refusal and keeps it for [`Self::check`].
    pub(crate) fn add(&self, answer: &Answer) {
        let Answer {
            status, body, text, ..
        } = answer;
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{text}"
        );
        assert_eq!(body["status"], *status, "{text}");
        let kebab = answer.code().to_ascii_lowercase().replace('_', "-");
        assert_eq!(body["type"], format!("/errors/{kebab}"), "{text}");
        let trace = body["trace_id"].as_str().unwrap_or_default();
        assert!(
            trace.len() == 32 && trace.bytes().all(|b| b.is_ascii_hexdigit()),
            "{text}"
        );
        let words = [&body["title"], &body["reason"]["zh"], &body["reason"]["en"]];
        assert!(
            words
                .iter()
                .all(|it| it.as_str().is_some_and(|it| !it.is_empty())),
            "{text}"
        );
        assert!(
            ["zh-CN", "en"].contains(&answer.header("content-language")),
            "{text}"
        );
        let promised = match status {
            401 => "www-authenticate",
            405 => "allow",
            503 => "retry-after",
            _ => "content-type",
        };
        assert_ne!(answer.header(promised), "", "{promised}: {text}");
        if *status >= 500 {
            assert!(
                body.get("detail").is_none() && body.get("errors").is_none(),
                "{text}"
            );
        }
        self.texts.borrow_mut().push(text.clone());
    }

    /// Holds that the log names nobody and tells no secret.
    pub(crate) fn check_log(&self) {
        let mut secrets = self.secrets.borrow().clone();
        secrets.append(&mut self.told.borrow_mut());
        let log = logged();
        assert_eq!(
            leak(&log, &secrets),
            None,
            "the log tells a secret or names somebody"
        );
    }

    /// Holds that no refusal repeats a person, a token or our own insides.
    pub(crate) fn check(&self) {
        for text in self.texts.borrow().iter() {
            for secret in self.secrets.borrow().iter() {
                assert!(!text.contains(secret), "a refusal repeats {secret}: {text}");
            }
            for word in INTERNALS {
                assert!(!text.contains(word), "a refusal speaks of {word}: {text}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused_with(text: &str) -> Refusals {
        let refusals = Refusals::default();
        refusals.add_persons_of(&json!({ "learner": { "name": "测试学员" } }));
        refusals.texts.borrow_mut().push(text.to_owned());
        refusals
    }

    #[test]
    #[should_panic(expected = "a refusal repeats")]
    fn a_refusal_that_repeats_a_person_is_found() {
        refused_with("没有 测试学员").check();
    }

    #[test]
    #[should_panic(expected = "a refusal speaks of")]
    fn a_refusal_that_speaks_of_our_insides_is_found() {
        refused_with(r#"relation "lots" does not exist"#).check();
    }

    #[test]
    fn any_other_passes() {
        refused_with("没有找到").check();
    }
}
