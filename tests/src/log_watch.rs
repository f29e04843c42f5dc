//! The log of a test's process at its most talkative, and what must not stand in it.
//!
//! Every [`crate::TestBank`] listens. When it ends, the log is searched for the numbers of its
//! learners and for the people whom the kit made up or read from a file that was imported; when a
//! [`crate::TestApp`] ends, also for each token, name, number and code that the test sent or was
//! told: the whole suite is the search.

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

static PEOPLE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Keeps a name or number of somebody in mind. What is so short that it stands anywhere is passed
/// over.
pub(crate) fn remember(text: &str) {
    let telling = text.len() >= 8 && !text.starts_with("2026");
    if telling {
        let mut people = PEOPLE.lock().unwrap_or_else(PoisonError::into_inner);
        people.insert(text.to_owned());
    }
}

/// Keeps in mind who stands in a table, in UTF-8 or GBK, under headings of people.
pub(crate) fn remember_file(bytes: &[u8]) {
    const PEOPLE: [&str; 6] = ["学号", "姓名", "身份证号", "护照号", "学籍号", "学生姓名"];
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GBK.decode(bytes).0.into_owned(),
    };
    let cells =
        |line: &str| -> Vec<String> { line.split([',', ';', '\t']).map(str::to_owned).collect() };
    let mut columns = Vec::new();
    for line in text.lines() {
        let cells = cells(line);
        let heads = cells.iter().enumerate();
        let found: Vec<usize> = heads
            .filter(|(_, cell)| PEOPLE.contains(&cell.trim_matches(['"', '\u{feff}'])))
            .map(|(at, _)| at)
            .collect();
        if !found.is_empty() {
            columns = found;
            continue;
        }
        let people = columns.iter().filter_map(|at| cells.get(*at));
        people.for_each(|cell| remember(cell.trim_matches('"')));
    }
}

/// Holds that none of the people, and none of these, stands in the log.
///
/// # Panics
/// Where one does.
pub(crate) fn hold_nobody(numbers: impl IntoIterator<Item = String>) {
    let mut people = PEOPLE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    people.extend(numbers);
    let log = logged();
    assert_eq!(leak(&log, &people), None, "somebody stands in the log");
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
    #[should_panic(expected = "somebody stands in the log")]
    fn who_stood_in_a_file_is_found_in_the_log() {
        listen();
        let (bytes, _, _) = encoding_rs::GBK.encode("课程,姓名,学号\n高等数学,欧阳小明,20230001\n");
        remember_file(&bytes);
        tracing::info!("a line of 欧阳小明 was read");
        hold_nobody([]);
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
