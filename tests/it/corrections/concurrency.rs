//! Many at once on the same outcome, lot or conversion: one wins, the others get their code.

use std::collections::BTreeMap;
use std::sync::Barrier;

use creditbank_domain::correction::Change;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::DecisionOrder;
use kit::{SCHOOL, TestBank, UNIVERSITY, grade, outcome};

const THREADS: usize = 16;

/// Runs the same thing on many threads at one moment and counts the answers by their codes.
fn together<T>(
    work: impl Fn(usize) -> Result<T, LedgerError> + Sync,
) -> BTreeMap<&'static str, usize> {
    let barrier = Barrier::new(THREADS);
    let answers: Vec<&'static str> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|n| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    match work(n) {
                        Ok(_) => "ok",
                        Err(LedgerError::Refused(f) | LedgerError::Conflict(f)) => f.code,
                        Err(other) => panic!("{other:?}"),
                    }
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer).or_default() += 1;
    }
    counts
}

#[test]
fn one_of_many_withdrawals_wins() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let counts = together(|_| bank.try_change(SCHOOL, "s-1", Change::Withdraw));
    assert_eq!(
        counts,
        BTreeMap::from([("ok", 1), ("ALREADY_WITHDRAWN", THREADS - 1)])
    );
    assert_eq!(bank.credits(number).0, "0.00");
}

#[test]
fn one_of_many_like_corrections_wins_also_where_there_is_no_lot_to_lock() {
    let bank = TestBank::start();
    bank.post(
        UNIVERSITY,
        outcome("MATH101").source("s-1").grade("40").build(),
    );
    let counts = together(|_| bank.try_change(UNIVERSITY, "s-1", Change::Correct(grade("41"))));
    assert_eq!(
        counts,
        BTreeMap::from([("ok", 1), ("NOTHING_TO_CORRECT", THREADS - 1)])
    );
}

#[test]
fn one_of_many_undos_and_reversals_wins() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let withdrawn = bank.withdraw(SCHOOL, "s-1").correction_id;
    let counts = together(|_| bank.try_undo(withdrawn));
    assert_eq!(
        counts,
        BTreeMap::from([("ok", 1), ("ALREADY_REVERSED", THREADS - 1)])
    );
    let request = bank.decide(bank.request(&[number]).cohort_id).requests[0].request_id;
    let counts = together(|_| bank.try_reverse(request));
    assert_eq!(
        counts,
        BTreeMap::from([("ok", 1), ("ALREADY_REVERSED", THREADS - 1)])
    );
}

#[test]
fn holds_of_one_lot_never_exceed_it() {
    let bank = TestBank::start();
    let posted = bank.post(SCHOOL, outcome("CERT-A").build());
    let lot = posted.lots[0].lot_id;
    let counts = together(|_| bank.try_hold(SCHOOL, posted.learner_no, lot, "1.00"));
    assert_eq!(
        counts,
        BTreeMap::from([("ok", 6), ("NOT_AS_MUCH", THREADS - 6)])
    );
    assert_eq!(bank.credits(posted.learner_no).1, "6.00");
}

#[test]
fn corrections_and_decisions_at_one_moment_leave_books_that_fit() {
    for _ in 0..5 {
        let bank = TestBank::start();
        let mut learners = Vec::new();
        for student in 0..4 {
            let report = outcome("CERT-A")
                .student(&format!("S{student}"))
                .source(&format!("s-{student}"));
            learners.push(bank.post(SCHOOL, report.build()).learner_no);
        }
        let cohort = bank.request(&learners).cohort_id;
        let say = DecisionOrder::AsTheRulesSay;
        together(|n| match n % 4 {
            0 => bank.try_decide(cohort, &say).map(|_| ()),
            1 => bank
                .try_change(SCHOOL, &format!("s-{}", n / 4), Change::Withdraw)
                .map(|_| ()),
            2 => bank
                .try_change(
                    SCHOOL,
                    &format!("s-{}", n / 4),
                    Change::Correct(grade("69")),
                )
                .map(|_| ()),
            _ => bank.try_request(&learners).map(|_| ()),
        });
        // The kit audits when the bank goes.
    }
}
