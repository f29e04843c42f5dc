//! The audit of the whole bank and of its parts: for each check a fault that a superuser planted is
//! found and named, by the whole and by the part it lies in, and by no other part.

use std::collections::BTreeSet;

use creditbank_domain::authz::AuditBooks;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::{AuditScope, LedgerError, audit_books, audit_checks};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, operator, outcome};

use plants::{PLANTS, Plant};

mod plants;

/// One learner of the school whom the receiving university granted something, and another of the
/// university who has nothing to do with them.
fn two_lives() -> (TestBank, LearnerNo, LearnerNo) {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.post(SCHOOL, outcome("CERT-B").build());
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    let free = bank.post(SCHOOL, outcome("CERT-C").build()).lots[0].lot_id;
    bank.try_hold(SCHOOL, number, free, "1.00").unwrap();
    bank.post(SCHOOL, outcome("CERT-D").source("taken back").build());
    bank.withdraw(SCHOOL, "taken back");
    let other = bank.post(UNIVERSITY, outcome("MATH101").student("U1").build());
    bank.sequence();
    bank.roll_up();
    (bank, number, other.learner_no)
}

fn check(plant: &Plant) {
    let (mut bank, learner, other) = two_lives();
    let institution = |code: &str| AuditScope::Institution(bank.institution(code));
    let unconcerned = [AuditScope::Learner(other), institution(UNIVERSITY)];
    let concerned = plant.institution.map(institution);
    bank.break_the_books_on_purpose();
    assert_eq!(bank.audit(), []);
    let id = format!(
        "(select learner_id from learner_numbers where learner_no = '{}')",
        learner.as_str()
    );
    let id = bank.database().sql(&format!("select {id}")).unwrap();
    let sql = plant.sql.replace("$learner", &format!("'{}'", id.trim()));
    // A superuser can switch every guard off; the audit is what is left then.
    bank.database()
        .sql(&format!("set session_replication_role = replica; {sql}"))
        .unwrap();
    let names = |scope| -> BTreeSet<&str> {
        let found = bank.audit_of(scope);
        found.into_iter().map(|(check, _)| check).collect()
    };
    let found = names(AuditScope::Bank);
    assert!(found.contains(plant.check), "{sql}: {found:?}");
    let found = names(AuditScope::Learner(learner));
    let seen = found.contains(plant.check);
    assert_eq!(seen, plant.by_learner, "{sql}: of the learner {found:?}");
    if let Some(scope) = concerned {
        let found = names(scope);
        assert!(found.contains(plant.check), "{sql}: of {scope:?} {found:?}");
    }
    for scope in unconcerned {
        assert_eq!(bank.audit_of(scope), [], "{sql}: of {scope:?}");
    }
}

/// Each plant has a bank of its own, so they are shared out.
fn check_every(share: usize) {
    PLANTS.iter().skip(share).step_by(4).for_each(check);
}

#[test]
fn a_planted_fault_is_found_where_it_lies_and_nowhere_else_first_share() {
    check_every(0);
}

#[test]
fn a_planted_fault_is_found_where_it_lies_and_nowhere_else_second_share() {
    check_every(1);
}

#[test]
fn a_planted_fault_is_found_where_it_lies_and_nowhere_else_third_share() {
    check_every(2);
}

#[test]
fn a_planted_fault_is_found_where_it_lies_and_nowhere_else_fourth_share() {
    check_every(3);
}

#[test]
fn every_check_has_a_fault_that_it_finds() {
    let planted: BTreeSet<&str> = PLANTS.iter().map(|plant| plant.check).collect();
    let checks: Vec<&str> = audit_checks().collect();
    let known: BTreeSet<&str> = checks.iter().copied().collect();
    assert_eq!(planted, known, "plant a fault for each check, in PLANTS");
    assert_eq!(checks.len(), known.len(), "two checks have one name");
}

#[test]
fn sound_books_are_sound_in_every_part_and_an_unknown_learner_has_none() {
    let (bank, learner, other) = two_lives();
    let everything = [
        AuditScope::Bank,
        AuditScope::Learner(learner),
        AuditScope::Learner(other),
        AuditScope::Institution(bank.institution(SCHOOL)),
        AuditScope::Institution(bank.institution(RECEIVING)),
        AuditScope::Institution(bank.institution(UNIVERSITY)),
    ];
    for scope in everything {
        assert_eq!(bank.audit_of(scope), [], "{scope:?}");
    }
    let nobody = AuditScope::Learner(LearnerNo::from_random(7));
    let answer = audit_books(bank.ledger(), &operator::<AuditBooks>(), nobody);
    assert!(matches!(answer, Err(LedgerError::NotFound)));
}
