//! Corrections, withdrawals and reversals: what they take back, and what follows from it.

mod chains;
mod concurrency;
mod conversions;

use creditbank_domain::amount::Unit;
use creditbank_domain::correction::{Change, Corrected};
use creditbank_domain::grade::Attempt;
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::PostAnswer;
use kit::{SCHOOL, TestBank, UNIVERSITY, day, grade, outcome};

pub(crate) fn code<T: std::fmt::Debug>(refused: Result<T, LedgerError>) -> &'static str {
    match refused {
        Err(LedgerError::Refused(fault) | LedgerError::Conflict(fault)) => fault.code,
        other => panic!("neither refused nor a conflict: {other:?}"),
    }
}

#[test]
fn a_grade_that_falls_withdraws_the_lot_and_the_failed_result_stands_instead() {
    let bank = TestBank::start();
    let report = || outcome("MATH101").source("s-1");
    let posted = bank.post(UNIVERSITY, report().grade("71").build());
    let corrected = bank.correct(UNIVERSITY, "s-1", grade("58"));
    assert_eq!(corrected.outcome_id, Some(posted.outcome_id));
    let successor = corrected.successor.unwrap();
    assert_eq!(successor.earned_nothing, Some(ReasonCode::GradeTooLow));
    assert_eq!(successor.lots, []);
    let balance = bank.balance(posted.learner_no, Unit::Credit);
    assert_eq!(
        (balance.available.to_string(), balance.withdrawn.to_string()),
        ("0.00".into(), "4.00".into())
    );
    // What was sent first, and what stands now, are both there; anything else is a conflict with
    // what stands.
    let replay = |grade: &str| {
        let report = report().grade(grade).build();
        bank.try_post(UNIVERSITY, &[report]).unwrap().remove(0)
    };
    assert!(
        matches!(replay("71"), PostAnswer::AlreadyPosted(o) if o.outcome_id == posted.outcome_id)
    );
    assert!(
        matches!(replay("58"), PostAnswer::AlreadyPosted(o) if o.outcome_id == successor.outcome_id)
    );
    let PostAnswer::Rejected(fault) = replay("60") else {
        panic!("taken")
    };
    assert_eq!(fault.code, "SOURCE_REF_CONFLICT");
    assert!(fault.en.contains("grade 58.00 ≠ 60.00"), "{}", fault.en);
}

#[test]
fn a_grade_that_rises_earns_what_it_had_not() {
    let bank = TestBank::start();
    let posted = bank.post(
        UNIVERSITY,
        outcome("MATH101").source("s-1").grade("58").build(),
    );
    assert_eq!(posted.lots, []);
    let corrected = bank.correct(UNIVERSITY, "s-1", grade("61"));
    assert_eq!(corrected.successor.unwrap().lots.len(), 1);
    assert_eq!(bank.credits(posted.learner_no).0, "4.00");
    assert_eq!(corrected.withdrawn, []);
}

#[test]
fn each_correction_that_is_none_has_its_code_and_changes_nothing() {
    let bank = TestBank::start();
    let posted = bank.post(
        UNIVERSITY,
        outcome("MATH101").source("s-1").grade("71").build(),
    );
    bank.post(SCHOOL, outcome("CERT-A").source("s-2").build());
    let movements = bank.movements(posted.learner_no);
    let change = |source: &str, to: Corrected| {
        code(bank.try_change(UNIVERSITY, source, Change::Correct(to)))
    };
    assert_eq!(change("s-1", grade("71")), "NOTHING_TO_CORRECT");
    assert_eq!(change("s-1", Corrected::default()), "NOTHING_TO_CORRECT");
    assert_eq!(change("nowhere", grade("58")), "SOURCE_REF_UNKNOWN");
    // Another institution's, told in the same words.
    assert_eq!(change("s-2", grade("58")), "SOURCE_REF_UNKNOWN");
    let on = |text: &str| Corrected {
        awarded_on: Some(day(text)),
        ..Corrected::default()
    };
    assert_eq!(change("s-1", on("2026-11-23")), "NOT_YET_EARNED");
    assert_eq!(
        change("s-1", on("2009-12-31")),
        "OUTCOME_VERSION_NOT_VALID_THEN"
    );
    let stating = |amount: &str| Corrected {
        stated: Some(
            outcome("MATH101")
                .stating(Unit::Credit, amount)
                .build()
                .stated,
        ),
        ..Corrected::default()
    };
    assert_eq!(change("s-1", stating("4.01")), "AMOUNT_MISMATCH");
    // What the catalogue gives anyway, said aloud, is no other content.
    assert_eq!(change("s-1", stating("4.00")), "NOTHING_TO_CORRECT");
    assert_eq!(bank.movements(posted.learner_no), movements);
    let rows = bank
        .database()
        .sql("select count(*) from corrections")
        .unwrap();
    assert_eq!(rows.trim(), "0");
    // The nearest that is accepted.
    bank.correct(UNIVERSITY, "s-1", on("2026-11-22"));
    bank.withdraw(UNIVERSITY, "s-1");
    assert_eq!(change("s-1", grade("90")), "ALREADY_WITHDRAWN");
    assert_eq!(
        code(bank.try_change(UNIVERSITY, "s-1", Change::Withdraw)),
        "ALREADY_WITHDRAWN"
    );
}

#[test]
fn an_outcome_of_the_wrong_learner_goes_to_the_right_one() {
    let bank = TestBank::start();
    let wrong = bank.post(UNIVERSITY, outcome("MATH101").source("s-1").build());
    let to = Corrected {
        learner: Some(outcome("MATH101").student("S2").build().learner),
        ..Corrected::default()
    };
    let corrected = bank.correct(UNIVERSITY, "s-1", to);
    let right = corrected.successor.unwrap().learner_no;
    assert_ne!(right, wrong.learner_no);
    assert_eq!(bank.credits(wrong.learner_no).0, "0.00");
    assert_eq!(bank.credits(right).0, "4.00");
    // And back, by undoing it.
    bank.try_undo(corrected.correction_id).unwrap();
    assert_eq!(bank.credits(wrong.learner_no).0, "4.00");
    assert_eq!(bank.credits(right).0, "0.00");
    // What stands under the reference can be corrected as if nothing had been.
    bank.correct(UNIVERSITY, "s-1", grade("60"));
    assert_eq!(bank.credits(wrong.learner_no).0, "4.00");
}

#[test]
fn the_attempt_that_went_without_credit_is_credited_when_the_first_one_falls() {
    let bank = TestBank::start();
    let first = bank.post(
        UNIVERSITY,
        outcome("MATH101").source("s-1").grade("61").build(),
    );
    let resit = outcome("MATH101").source("s-2").attempt(Attempt::Resit);
    let second = bank.post(UNIVERSITY, resit.on("2026-03-01").build());
    assert_eq!(second.earned_nothing, Some(ReasonCode::AlreadyCredited));
    bank.withdraw(UNIVERSITY, "s-1");
    assert_eq!(bank.credits(first.learner_no).0, "4.00");
    let balance = bank.balance(first.learner_no, Unit::Credit);
    assert_eq!(balance.withdrawn.to_string(), "4.00");
    // The other one falls too: nothing is left, and nothing comes back.
    bank.withdraw(UNIVERSITY, "s-2");
    assert_eq!(bank.credits(first.learner_no).0, "0.00");
}

#[test]
fn a_withdrawal_is_undone_once() {
    let bank = TestBank::start();
    let posted = bank.post(UNIVERSITY, outcome("MATH101").source("s-1").build());
    let withdrawn = bank.withdraw(UNIVERSITY, "s-1");
    let undone = bank.try_undo(withdrawn.correction_id).unwrap();
    assert_eq!(
        (undone.outcome_id, undone.successor.unwrap().lots.len()),
        (None, 1)
    );
    assert_eq!(bank.credits(posted.learner_no).0, "4.00");
    assert_eq!(
        code(bank.try_undo(withdrawn.correction_id)),
        "ALREADY_REVERSED"
    );
    assert_eq!(code(bank.try_undo(undone.correction_id)), "NOT_UNDOABLE");
    // The same content again is still the same outcome.
    let replay = bank.try_post(UNIVERSITY, &[outcome("MATH101").source("s-1").build()]);
    assert!(matches!(
        replay.unwrap().remove(0),
        PostAnswer::AlreadyPosted(_)
    ));
    assert_eq!(bank.credits(posted.learner_no).0, "4.00");
}

#[test]
fn what_was_corrected_again_is_undone_in_the_order_of_its_corrections() {
    let bank = TestBank::start();
    let posted = bank.post(
        UNIVERSITY,
        outcome("MATH101").source("s-1").grade("71").build(),
    );
    let first = bank.correct(UNIVERSITY, "s-1", grade("58"));
    let second = bank.correct(UNIVERSITY, "s-1", grade("65"));
    assert_eq!(bank.credits(posted.learner_no).0, "4.00");
    assert_eq!(code(bank.try_undo(first.correction_id)), "CORRECTED_SINCE");
    bank.try_undo(second.correction_id).unwrap();
    assert_eq!(bank.credits(posted.learner_no).0, "0.00");
}

#[test]
fn an_undone_withdrawal_is_credited_where_nobody_else_is_by_now() {
    let bank = TestBank::start();
    let first = bank.post(UNIVERSITY, outcome("MATH101").source("s-1").build());
    let resit = outcome("MATH101").source("s-2").attempt(Attempt::Resit);
    let second = bank.post(UNIVERSITY, resit.build());
    assert_eq!(second.earned_nothing, Some(ReasonCode::AlreadyCredited));
    let withdrawn = bank.withdraw(UNIVERSITY, "s-2").correction_id;
    bank.withdraw(UNIVERSITY, "s-1");
    assert_eq!(bank.credits(first.learner_no).0, "0.00");
    let undone = bank.try_undo(withdrawn).unwrap().successor.unwrap();
    assert_eq!((undone.lots.len(), undone.earned_nothing), (1, None));
    assert_eq!(bank.credits(first.learner_no).0, "4.00");
}
