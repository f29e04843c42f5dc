//! The API over a real database: who may, what is answered, and what is written.

mod accounts;
mod asking;
pub(crate) mod authz;
mod balances;
mod batches;
mod catalogue;
mod claims;
mod clients;
mod coalescing;
mod cohort_files;
mod cohort_pages;
mod consents;
mod conversions;
mod corrections;
mod decisions;
mod documents;
mod draft_bases;
mod evidence;
mod feed;
mod import_jobs;
mod mangled;
mod many;
mod noted;
mod oauth;
mod outcomes;
mod problems;
mod providers;
mod readings;
mod refusals;
mod requests;
mod statements;
mod tokens;
mod webhooks;

use serde_json::{Value, json};

/// A request of the school's rules: everything it posted for these learners, by student number.
fn order(students: &[&str]) -> Value {
    let learners: Vec<Value> = students
        .iter()
        .map(|student| json!({ "identifier": { "kind": "student_number", "value": student } }))
        .collect();
    json!({
        "receiving_institution": kit::RECEIVING,
        "programme": kit::PROGRAMME,
        "learners": learners,
    })
}

fn as_the_rules_say() -> Value {
    json!({ "decision": "as_the_rules_say" })
}

/// Where a request is decided.
fn decision_of(path: &str) -> String {
    format!("{path}/decision")
}
