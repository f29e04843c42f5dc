//! A sequencer or roll-up that dies in the midst of any write loses and doubles nothing.

use creditbank_ledger::flows::roll_up_totals;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome};

use super::assert_whole;

const KILLER: &str = "create function kill() returns trigger language plpgsql security definer as \
    'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';";

/// Plants a trigger that ends the connection, runs the work, which must be cut off, and takes the
/// trigger away.
fn killed_at(bank: &TestBank, instant: &str, work: impl Fn() -> bool) {
    let each = if instant.starts_with("constraint") {
        "row"
    } else {
        "statement"
    };
    let plant = format!("{KILLER} create {instant} for each {each} execute function kill()");
    bank.database().sql(&plant).unwrap();
    let unavailable = work();
    bank.database().sql("drop function kill() cascade").unwrap();
    assert!(unavailable, "{instant}: nothing was cut off");
}

/// Sequences until it is cut off; true where the connection went away.
fn sequence_until_killed(bank: &TestBank, at_once: u32) -> bool {
    for _ in 0..40 {
        match bank.try_sequence(bank.ledger(), at_once) {
            Ok(_) => {}
            Err(error) => return error.is_unavailable(),
        }
    }
    false
}

fn post_some(bank: &TestBank, round: usize) {
    for line in 0..9 {
        let student = format!("R{round}S{line}");
        bank.post(UNIVERSITY, outcome("MATH101").student(&student).build());
    }
    let student = format!("R{round}");
    bank.post(
        SCHOOL,
        outcome("CERT-A").student(&student).grade("3").build(),
    );
}

#[test]
fn a_sequencer_that_dies_in_the_midst_of_any_write_loses_and_doubles_nothing() {
    let instants = [
        "trigger kill after insert on events",
        "trigger kill after insert on event_audiences",
        "trigger kill after update on sequencer",
        "constraint trigger kill after update on sequencer deferrable initially deferred",
    ];
    let bank = TestBank::start();
    bank.sequence();
    for (round, instant) in instants.into_iter().enumerate() {
        post_some(&bank, round);
        killed_at(&bank, instant, || sequence_until_killed(&bank, 100));
        assert_eq!(bank.audit(), [], "{instant}");
        assert_eq!(bank.sequence(), 10, "{instant}");
        assert_whole(&bank);
    }
}

#[test]
fn a_round_in_parts_that_is_cut_off_goes_on_where_it_was() {
    let instants = [
        "trigger kill after insert on event_backlog",
        "trigger kill after delete on event_backlog",
        "trigger kill after insert on events",
        "trigger kill after update on sequencer",
        "constraint trigger kill after delete on event_backlog deferrable initially deferred",
    ];
    let bank = TestBank::start();
    for (round, instant) in instants.into_iter().enumerate() {
        post_some(&bank, round);
        killed_at(&bank, instant, || sequence_until_killed(&bank, 3));
        assert_eq!(bank.audit(), [], "{instant}");
        // Cut off once more, after a part.
        let part = bank.try_sequence(bank.ledger(), 3).unwrap();
        assert!(part.more, "{instant}");
        let again = "trigger kill after insert on event_audiences";
        killed_at(&bank, again, || sequence_until_killed(&bank, 3));
        assert_eq!(part.events + bank.sequence_by(3), 10, "{instant}");
        assert_whole(&bank);
    }
}

#[test]
fn a_roll_up_that_dies_in_the_midst_of_any_write_counts_nothing_twice() {
    let instants = [
        "trigger kill after insert on totals",
        "trigger kill after update on totals_progress",
        "constraint trigger kill after update on totals_progress deferrable initially deferred",
    ];
    let bank = TestBank::start();
    for (round, instant) in instants.into_iter().enumerate() {
        post_some(&bank, round);
        bank.sequence();
        killed_at(&bank, instant, || {
            let keeper = creditbank_domain::authz::authorize(
                &creditbank_domain::authz::Actor::operator(),
                creditbank_domain::authz::Subject::Bank,
            );
            let died = roll_up_totals(bank.ledger(), &keeper.unwrap(), 100).unwrap_err();
            died.is_unavailable()
        });
        assert_eq!(bank.audit(), [], "{instant}");
        assert_eq!(bank.roll_up(), 10, "{instant}");
        assert!(bank.rebuild_totals().unchanged, "{instant}");
    }
}
