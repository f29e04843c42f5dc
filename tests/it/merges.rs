//! Merging accounts and separating them again: nothing moves, nothing is lost, nothing counts twice.

mod collisions;
mod conversions;
mod corrections;
mod guards;
mod history;
mod postings;
mod turns;
mod views;

use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::PostAnswer;
use kit::{SCHOOL, TestBank, outcome};

/// A learner of the school with these certificates, all at 85.
fn learner(bank: &TestBank, student: &str, certificates: &[&str]) -> LearnerNo {
    let posted = certificates.iter().map(|code| {
        bank.post(SCHOOL, outcome(code).student(student).build())
            .learner_no
    });
    posted.last().expect("at least one certificate")
}

fn credits(available: &str, held: &str, used: &str) -> (String, String, String) {
    (available.to_owned(), held.to_owned(), used.to_owned())
}

fn code<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> &'static str {
    match result {
        Err(LedgerError::Conflict(fault) | LedgerError::Refused(fault)) => fault.code,
        other => panic!("{other:?}"),
    }
}

fn posted(answer: &PostAnswer) -> &creditbank_ledger::flows::PostedOutcome {
    match answer {
        PostAnswer::Posted(outcome) => outcome,
        other => panic!("not posted: {other:?}"),
    }
}

fn already_posted(answer: &PostAnswer) -> &creditbank_ledger::flows::PostedOutcome {
    match answer {
        PostAnswer::AlreadyPosted(outcome) => outcome,
        other => panic!("not posted before: {other:?}"),
    }
}
