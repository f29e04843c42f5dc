//! A bank that was put into another cluster: transaction numbers begin anew, the feed does not.

use creditbank_domain::authz::{Actor, Grant, KeepRegister, Subject, authorize};
use creditbank_ledger::flows::rebase_events;
use kit::{TestBank, UNIVERSITY, outcome};

use super::assert_whole;

fn post(bank: &TestBank, student: &str) {
    bank.post(UNIVERSITY, outcome("MATH101").student(student).build());
}

fn rebase(bank: &TestBank) -> u64 {
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    rebase_events(bank.ledger(), &keeper, bank.now()).unwrap()
}

/// A bank with told and untold rows, as a dump of another cluster leaves them, whose transactions
/// were `ahead` of this cluster's.
fn restored(ahead: i64, same_identifier: bool) -> TestBank {
    let bank = TestBank::start();
    for student in ["S1", "S2", "S3"] {
        post(&bank, student);
    }
    bank.sequence();
    post(&bank, "S4");
    bank.post(
        UNIVERSITY,
        outcome("PE102").student("S4").grade("9").build(),
    );
    let identifier = if same_identifier {
        "system_identifier"
    } else {
        "1"
    };
    bank.database()
        .sql(&format!(
            "set session_replication_role = replica; \
             update transfers set made_in = made_in + {ahead}; \
             update outcomes set made_in = made_in + {ahead}; \
             update events set made_in = made_in + {ahead}; \
             update sequencer set system_identifier = {identifier}, last_snapshot = \
             format('%1$s:%1$s:', pg_snapshot_xmax(last_snapshot)::text::bigint + {ahead})::pg_snapshot"
        ))
        .unwrap();
    bank
}

fn refused(bank: &TestBank) {
    for _ in 0..3 {
        let refused = bank.try_sequence(bank.ledger(), 100).unwrap_err();
        let code = refused.fault().map(|fault| fault.code);
        assert_eq!(code, Some("EVENTS_NEED_REBASE"), "{refused:?}");
    }
    assert_eq!(bank.events().len(), 3);
}

#[test]
fn another_cluster_is_noticed_and_rebase_loses_and_doubles_nothing() {
    for ahead in [1_000_000, 15, 0, -100] {
        let bank = restored(ahead, false);
        refused(&bank);
        post(&bank, "AFTER");
        refused(&bank);
        assert_eq!(rebase(&bank), 3, "{ahead}");
        // The numbers of this cluster pass those of the other one meanwhile.
        for number in 0..30 {
            post(&bank, &format!("N{number}"));
            bank.sequence_by(2);
        }
        assert_eq!(assert_whole(&bank).len(), 36, "{ahead}");
    }
}

#[test]
fn numbers_that_went_back_are_noticed_whatever_the_cluster_is_called() {
    let bank = restored(1_000_000, true);
    refused(&bank);
    assert_eq!(rebase(&bank), 2);
    bank.sequence();
    assert_whole(&bank);
}

#[test]
fn rebase_begins_a_round_in_parts_anew() {
    let bank = TestBank::start();
    for number in 0..9 {
        post(&bank, &format!("S{number}"));
    }
    while bank.try_sequence(bank.ledger(), 4).unwrap().events == 0 {}
    bank.database()
        .sql("update sequencer set system_identifier = 1")
        .unwrap();
    assert_eq!(rebase(&bank), 5);
    assert_eq!(bank.sequence_by(4), 5);
    assert_whole(&bank);
}

#[test]
fn rebase_of_a_bank_that_is_right_changes_nothing() {
    let bank = TestBank::start();
    post(&bank, "S1");
    bank.sequence();
    let before = bank.events();
    assert_eq!(rebase(&bank), 0);
    assert_eq!(bank.sequence(), 0);
    post(&bank, "S2");
    assert_eq!(bank.sequence(), 1);
    assert_eq!(assert_whole(&bank)[..1], before);
}
