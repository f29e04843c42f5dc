//! Totals: at any moment the sums over the events they count, and the same when made again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{Grant, PostOutcomes, ReadTotals, Role};
use creditbank_ledger::flows::{Origin, post_outcomes};
use creditbank_ledger::reads::{self, TotalFigures, TotalsView};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, day, outcome};

fn figures(figures: &TotalFigures) -> (String, String) {
    let TotalFigures {
        issued,
        available,
        held,
        used,
        expired,
        withdrawn,
        lots_issued,
    } = figures;
    (
        format!("{issued} = {available} + {held} + {used} + {expired} + {withdrawn}"),
        format!("{lots_issued} lots"),
    )
}

fn closing(view: &TotalsView, institution: &str) -> (String, String) {
    let mut found = view
        .totals
        .iter()
        .filter(|it| it.institution_code == institution);
    let total = found.next().unwrap();
    assert_eq!((total.unit, found.next()), (Unit::Credit, None));
    figures(&total.closing)
}

fn told(left: &str, right: &str) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

#[test]
fn totals_are_what_the_lots_of_an_institution_come_to() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.post(SCHOOL, outcome("CERT-B").build());
    bank.post(SCHOOL, outcome("CERT-C").grade("5").build());
    bank.post(UNIVERSITY, outcome("MATH101").learner_no(number).build());
    let cohort = bank.request(&[number]).cohort_id;
    assert_eq!(bank.totals("2026-11-01", "2026-11-30").totals, []);
    bank.sequence();
    bank.roll_up();
    let asked = bank.totals("2026-11-01", "2026-11-30");
    assert_eq!(
        closing(&asked, SCHOOL),
        told("12.00 = 0.00 + 12.00 + 0.00 + 0.00 + 0.00", "2 lots")
    );
    let _ = bank.decide(cohort);
    bank.sequence();
    let behind = bank.totals("2026-11-01", "2026-11-30");
    assert_eq!(behind, asked, "not counted yet, and says so");
    bank.roll_up();
    let decided = bank.totals("2026-11-01", "2026-11-30");
    assert!(decided.up_to_seq > asked.up_to_seq && decided.up_to > asked.up_to);
    assert_eq!(decided.up_to_seq, bank.events().len() as u64);
    assert_eq!(
        closing(&decided, SCHOOL),
        told("12.00 = 0.00 + 0.00 + 12.00 + 0.00 + 0.00", "2 lots")
    );
    assert_eq!(
        closing(&decided, RECEIVING),
        told("12.00 = 12.00 + 0.00 + 0.00 + 0.00 + 0.00", "2 lots")
    );
    assert_eq!(
        closing(&decided, UNIVERSITY),
        told("4.00 = 4.00 + 0.00 + 0.00 + 0.00 + 0.00", "1 lots")
    );
    let rebuilt = bank.rebuild_totals();
    assert!(rebuilt.unchanged, "{rebuilt:?}");
    assert_eq!(rebuilt.rows, 3);
    assert_eq!(bank.totals("2026-11-01", "2026-11-30"), decided);
}

#[test]
fn a_day_is_chinas_and_opening_and_days_make_the_closing() {
    let bank = TestBank::start();
    let grant: Grant<PostOutcomes> = bank.grant(Role::Registrar, UNIVERSITY);
    // 23:59:59 of the 22nd and 00:00:00 of the 23rd in China.
    for (student, moment) in [
        ("S1", "2026-11-22T15:59:59Z"),
        ("S2", "2026-11-22T16:00:00Z"),
        ("S3", "2026-11-24T02:00:00Z"),
    ] {
        let reports = [outcome("MATH101").student(student).build()];
        let now = moment.parse().unwrap();
        post_outcomes(bank.ledger(), &grant, &reports, Origin::Api, now).unwrap();
    }
    bank.sequence();
    bank.roll_up();
    let check = |from: &str, to: &str, opening: i64, days: &[(&str, i64)], closing: i64| {
        let view = bank.totals(from, to);
        let total = &view.totals[0];
        assert_eq!(total.opening.issued.get(), opening, "{from} {to}");
        assert_eq!(total.closing.issued.get(), closing, "{from} {to}");
        let found: Vec<_> = total
            .days
            .iter()
            .map(|(day, figures)| (*day, figures.issued.get()))
            .collect();
        let expected: Vec<_> = days.iter().map(|(text, sum)| (day(text), *sum)).collect();
        assert_eq!(found, expected, "{from} {to}");
    };
    let [first, second, third] = [
        ("2026-11-22", 400),
        ("2026-11-23", 400),
        ("2026-11-24", 400),
    ];
    check(
        "2026-11-01",
        "2026-11-30",
        0,
        &[first, second, third],
        1_200,
    );
    check("2026-11-23", "2026-11-23", 400, &[second], 800);
    check("2026-11-23", "2026-11-24", 400, &[second, third], 1_200);
    check("2026-11-25", "2026-11-30", 1_200, &[], 1_200);
    check("2026-11-01", "2026-11-22", 0, &[first], 400);
    assert_eq!(bank.totals("2026-11-01", "2026-11-21").totals, []);
}

#[test]
fn totals_hold_at_every_moment_while_eight_writers_post() {
    let bank = TestBank::start();
    let working = AtomicBool::new(true);
    let keep = |step: &(dyn Fn() + Sync)| {
        while working.load(Ordering::Relaxed) {
            step();
        }
    };
    let audits = thread::scope(|scope| {
        scope.spawn(|| keep(&|| _ = bank.try_sequence(bank.ledger(), 11).unwrap()));
        scope.spawn(|| keep(&|| _ = bank.roll_up()));
        scope.spawn(|| keep(&|| assert!(bank.rebuild_totals().unchanged)));
        let auditor = scope.spawn(|| {
            let mut audits = 0;
            while working.load(Ordering::Relaxed) {
                assert_eq!(bank.audit(), []);
                audits += 1;
            }
            audits
        });
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let bank = &bank;
                scope.spawn(move || {
                    for turn in 0..8 {
                        let student = format!("W{writer}T{turn}");
                        let report = outcome("CERT-A").student(&student).build();
                        let number = bank.post(SCHOOL, report).learner_no;
                        let report = outcome("MATH101").learner_no(number).build();
                        bank.post(UNIVERSITY, report);
                        let cohort = bank.request(&[number]).cohort_id;
                        if turn % 3 > 0 {
                            let _ = bank.decide(cohort);
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        working.store(false, Ordering::Relaxed);
        auditor.join().unwrap()
    });
    assert!(audits > 1, "{audits} audits while they posted");
    bank.sequence();
    bank.roll_up();
    let view = bank.totals("2026-11-22", "2026-11-22");
    assert_eq!(view.up_to_seq, bank.events().len() as u64);
    let lots = "select sum(issued), sum(available), sum(held), sum(used) from lots";
    let totals = "select sum(issued), sum(available), sum(held), sum(used) from totals";
    assert_eq!(bank.database().sql(lots), bank.database().sql(totals));
    assert!(bank.rebuild_totals().unchanged);
}

#[test]
fn rebuilding_repairs_what_a_hand_in_the_database_did_and_says_so() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, outcome("MATH101").build());
    bank.sequence();
    bank.roll_up();
    let right = bank.totals("2026-11-22", "2026-11-22");
    for harm in [
        "update totals set issued = issued + 5, available = available + 5",
        "delete from totals",
    ] {
        bank.database().sql(harm).unwrap();
        assert!(!bank.rebuild_totals().unchanged, "{harm}");
        assert!(bank.rebuild_totals().unchanged, "{harm}");
        assert_eq!(bank.totals("2026-11-22", "2026-11-22"), right, "{harm}");
    }
}

#[test]
fn an_institution_sees_its_own_totals_only() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, outcome("MATH101").build());
    bank.post(SCHOOL, outcome("CERT-A").build());
    bank.sequence();
    bank.roll_up();
    let seen = |institution: &str| -> Vec<String> {
        let grant: Grant<ReadTotals> = bank.grant(Role::Registrar, institution);
        let today = day("2026-11-22");
        let view = reads::totals(bank.ledger(), &grant, today, today).unwrap();
        view.totals
            .into_iter()
            .map(|total| total.institution_code)
            .collect()
    };
    assert_eq!(seen(UNIVERSITY), [UNIVERSITY]);
    assert_eq!(seen(SCHOOL), [SCHOOL]);
    assert_eq!(seen(RECEIVING), [""; 0]);
}
