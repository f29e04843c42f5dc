//! The log of a test's process at its most talkative, and what must not stand in it.
//!
//! Every [`crate::TestApp`] listens. When it ends, the log is searched for each token, name, number
//! and code that the test sent or was told: the whole suite is the search.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;
use tracing_subscriber::EnvFilter;

/// More than anybody sets on a server that serves people.
const TALKATIVE: &str = "debug,creditbank_api=trace,creditbank_ledger=trace,creditbank=trace";

/// What was logged.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static BEGUN: OnceLock<()> = OnceLock::new();

struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to listen, once in a process.
pub(crate) fn listen() {
    BEGUN.get_or_init(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(TALKATIVE))
            .with_ansi(false)
            .with_writer(|| Ear)
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    });
}

/// What was logged so far.
#[must_use]
pub fn logged() -> String {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&log).into_owned()
}

/// The line of a log that holds one of the secrets.
#[must_use]
pub fn leak<'a>(log: &'a str, secrets: &BTreeSet<String>) -> Option<&'a str> {
    let whole = secrets
        .iter()
        .find(|secret| log.contains(secret.as_str()))?;
    log.lines().find(|line| line.contains(whole.as_str()))
}

/// What an answer tells that is told once: secrets, tokens and claim codes.
pub(crate) fn told_once(body: &Value, found: &mut BTreeSet<String>) {
    match body {
        Value::Array(elements) => elements.iter().for_each(|one| told_once(one, found)),
        Value::Object(members) => {
            let claim = members.contains_key("expires_at");
            for (name, member) in members {
                let secret =
                    matches!(name.as_str(), "secret" | "access_token") || (claim && name == "code");
                match member.as_str() {
                    Some(text) if secret => {
                        found.insert(text.to_owned());
                    }
                    _ => told_once(member, found),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_planted_leak_is_found_and_an_honest_log_passes() {
        let answer =
            json!({ "code": "7KQ4-M2XW", "expires_at": "…", "keys": [{ "secret": "whsec_1" }] });
        let mut secrets = BTreeSet::from(["测试学员".to_owned()]);
        told_once(&answer, &mut secrets);
        assert_eq!(secrets.len(), 3);
        let honest = "INFO request{route=\"/v1/outcomes\"}: answered\n";
        assert_eq!(leak(honest, &secrets), None);
        for secret in &secrets {
            let planted = format!("{honest}ERROR no account of {secret}\n");
            let line = leak(&planted, &secrets).unwrap();
            assert!(line.starts_with("ERROR"), "{line}");
        }
    }

    #[test]
    fn what_any_crate_logs_is_heard() {
        listen();
        tracing::trace!(target: "creditbank_ledger", "planted for the ear");
        tracing::debug!(target: "somebody_else", "and this");
        let heard = logged();
        assert!(
            heard.contains("planted for the ear") && heard.contains("and this"),
            "{heard}"
        );
    }
}
