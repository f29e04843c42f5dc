//! Posting: idempotent, conflict-naming, credited once, right under concurrency.

use std::collections::BTreeSet;
use std::sync::Barrier;

use creditbank_domain::amount::Unit;
use creditbank_domain::grade::Attempt;
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::institution::Standing;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::flows::PostAnswer;
use creditbank_ledger::reads;
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, day, outcome, person, resident_id};

fn rejection(answer: &PostAnswer) -> (&str, &str) {
    match answer {
        PostAnswer::Rejected(fault) => (fault.code, &fault.en),
        other => panic!("not rejected: {other:?}"),
    }
}

#[test]
fn a_posted_outcome_is_in_the_balance_to_the_hundredth() {
    let bank = TestBank::start();
    let posted = bank.post(UNIVERSITY, outcome("MATH101").build());
    assert!(posted.account_opened);
    assert_eq!(posted.lots[0].amount.to_string(), "4.00 credit");
    let more = bank.post(UNIVERSITY, outcome("PE102").build());
    assert!(!more.account_opened);
    assert_eq!(more.learner_no, posted.learner_no);
    assert_eq!(bank.credits(posted.learner_no).0, "5.50");
    let movements = bank.movements(posted.learner_no);
    assert_eq!(movements.len(), 2);
    assert!(
        movements
            .iter()
            .all(|m| m.kind == "issue" && m.institution_code == UNIVERSITY)
    );
}

#[test]
fn the_same_content_again_answers_as_the_first_time() {
    let bank = TestBank::start();
    let report = outcome("MATH101").source("s-1").build();
    let first = bank.post(UNIVERSITY, report.clone());
    let again = bank.try_post(UNIVERSITY, &[report]).unwrap().remove(0);
    let PostAnswer::AlreadyPosted(again) = again else {
        panic!("{again:?}")
    };
    assert_eq!(
        (again.outcome_id, again.lots),
        (first.outcome_id, first.lots)
    );
    assert_eq!(bank.credits(first.learner_no).0, "4.00");
}

#[test]
fn other_content_under_a_source_reference_is_a_conflict_that_names_the_difference() {
    let bank = TestBank::start();
    let base = || outcome("MATH101").source("s-1").grade("71");
    let posted = bank.post(UNIVERSITY, base().build());
    let check = |report, difference: &str| {
        let answer = bank.try_post(UNIVERSITY, &[report]).unwrap().remove(0);
        let (code, en) = rejection(&answer);
        assert_eq!(code, "SOURCE_REF_CONFLICT");
        assert!(en.contains(difference), "{en}");
    };
    check(base().grade("58").build(), "grade 71.00 ≠ 58.00");
    check(
        base().on("2026-01-30").build(),
        "awarded_on 2026-01-31 ≠ 2026-01-30",
    );
    check(
        base().attempt(Attempt::Resit).build(),
        "attempt first ≠ resit",
    );
    check(
        base().stating(Unit::Credit, "3.00").build(),
        "stated credit=4.00 ≠ credit=3.00",
    );
    check(base().student("S2").build(), "learner");
    check(outcome("PE102").source("s-1").grade("71").build(), "entry");
    assert_eq!(bank.credits(posted.learner_no).0, "4.00");
}

#[test]
fn stating_what_the_catalogue_gives_is_the_same_content() {
    let bank = TestBank::start();
    let silent = || outcome("MATH101").source("s-1");
    bank.post(UNIVERSITY, silent().build());
    let stated = silent()
        .stating(Unit::Credit, "4.00")
        .stating(Unit::Hour, "0");
    let again = bank.try_post(UNIVERSITY, &[stated.build()]).unwrap();
    assert!(
        matches!(&again[0], PostAnswer::AlreadyPosted(_)),
        "{again:?}"
    );
}

#[test]
fn a_source_reference_belongs_to_its_institution() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, outcome("MATH101").source("s-1").build());
    let other = bank.post(SCHOOL, outcome("CERT-A").source("s-1").build());
    assert_eq!(other.lots.len(), 1);
}

#[test]
fn the_same_student_number_of_two_institutions_is_two_people() {
    let bank = TestBank::start();
    let one = bank.post(UNIVERSITY, outcome("MATH101").student("0001").build());
    let two = bank.post(SCHOOL, outcome("CERT-A").student("0001").build());
    assert_ne!(one.learner_no, two.learner_no);
}

#[test]
fn a_batch_answers_each_line_in_its_order() {
    let bank = TestBank::start();
    let answers = bank
        .try_post(
            UNIVERSITY,
            &[
                outcome("PE102").source("b").build(),
                outcome("NOWHERE").source("c").build(),
                outcome("MATH101").source("a").build(),
                outcome("PE102").source("b").build(),
                outcome("MATH101").source("a").grade("99").build(),
            ],
        )
        .unwrap();
    let PostAnswer::Posted(first) = &answers[0] else {
        panic!("{answers:?}")
    };
    assert_eq!(first.lots[0].amount.to_string(), "1.50 credit");
    assert_eq!(rejection(&answers[1]).0, "OUTCOME_UNKNOWN");
    assert!(matches!(&answers[2], PostAnswer::Posted(o) if o.lots.len() == 1));
    assert!(matches!(&answers[3], PostAnswer::AlreadyPosted(o) if o.lots == first.lots));
    assert_eq!(rejection(&answers[4]).0, "SOURCE_REF_CONFLICT");
}

#[test]
fn what_earns_nothing_is_recorded_with_its_reason_and_no_lot() {
    let bank = TestBank::start();
    let check = |grade: &str, reason: Option<ReasonCode>| {
        let report = outcome("MATH101").student(grade).grade(grade).build();
        let posted = bank.post(UNIVERSITY, report);
        assert_eq!(
            (posted.earned_nothing, posted.lots.is_empty()),
            (reason, reason.is_some())
        );
    };
    check("60", None);
    check("59.99", Some(ReasonCode::GradeTooLow));
    check("fail", Some(ReasonCode::GradeTooLow));
    check("absent", Some(ReasonCode::ResultWithoutCredit));
    check("cheated", Some(ReasonCode::ResultWithoutCredit));
    check("exempted", None);
}

#[test]
fn a_course_is_credited_once_over_all_attempts() {
    let bank = TestBank::start();
    let failed = bank.post(UNIVERSITY, outcome("MATH101").grade("52").build());
    assert_eq!(failed.earned_nothing, Some(ReasonCode::GradeTooLow));
    let resit = outcome("MATH101")
        .grade("68")
        .attempt(Attempt::Resit)
        .on("2026-02-28");
    let passed = bank.post(UNIVERSITY, resit.build());
    assert_eq!(passed.lots.len(), 1);
    let retake = outcome("MATH101")
        .grade("90")
        .attempt(Attempt::Retake)
        .on("2026-07-31");
    let again = bank.post(UNIVERSITY, retake.clone().build());
    assert_eq!(again.earned_nothing, Some(ReasonCode::AlreadyCredited));
    assert_eq!(bank.credits(passed.learner_no).0, "4.00");
    // What was answered once is answered so again.
    let replayed = bank
        .try_post(UNIVERSITY, &[retake.build()])
        .unwrap()
        .remove(0);
    let PostAnswer::AlreadyPosted(replayed) = replayed else {
        panic!("{replayed:?}")
    };
    assert_eq!(replayed.earned_nothing, Some(ReasonCode::AlreadyCredited));
}

#[test]
fn each_refusal_has_its_code_and_changes_nothing() {
    let bank = TestBank::start();
    let check = |report, expected: &str| {
        let answer = bank.try_post(UNIVERSITY, &[report]).unwrap().remove(0);
        assert_eq!(rejection(&answer).0, expected);
    };
    check(outcome("NOWHERE").build(), "OUTCOME_UNKNOWN");
    check(outcome("CERT-A").build(), "ENTRY_NOT_OWNED");
    check(
        outcome("CERT-A").owned_by(SCHOOL).build(),
        "ENTRY_NOT_OWNED",
    );
    check(
        outcome("MATH101").owned_by("99999").build(),
        "OUTCOME_UNKNOWN",
    );
    check(
        outcome("MATH101").on("2009-12-31").build(),
        "OUTCOME_VERSION_NOT_VALID_THEN",
    );
    check(
        outcome("MATH101").on("2026-11-23").build(),
        "NOT_YET_EARNED",
    );
    check(
        outcome("MATH101").stating(Unit::Credit, "4.01").build(),
        "AMOUNT_MISMATCH",
    );
    check(
        outcome("MATH101").stating(Unit::Hour, "48").build(),
        "AMOUNT_MISMATCH",
    );
    let stranger = LearnerNo::from_random(7);
    check(
        outcome("MATH101").learner_no(stranger).build(),
        "LEARNER_UNKNOWN",
    );
    for table in [
        "outcomes",
        "lots",
        "transfers",
        "learners",
        "identity.identifiers",
    ] {
        let rows = bank
            .database()
            .sql(&format!("select count(*) from {table}"))
            .unwrap();
        assert_eq!(rows.trim(), "0", "{table}");
    }
    // The nearest ones that are accepted.
    bank.post(
        UNIVERSITY,
        outcome("MATH101").on("2010-01-01").student("a").build(),
    );
    bank.post(
        UNIVERSITY,
        outcome("MATH101").on("2026-11-22").student("b").build(),
    );
    let stated = outcome("MATH101")
        .stating(Unit::Credit, "4.00")
        .stating(Unit::Hour, "0");
    bank.post(UNIVERSITY, stated.student("c").build());
}

#[test]
fn a_suspended_institution_posts_nothing_and_may_again_afterwards() {
    let bank = TestBank::start();
    bank.set_standing(UNIVERSITY, Standing::Suspended);
    let report = outcome("MATH101").build();
    let answer = bank
        .try_post(UNIVERSITY, std::slice::from_ref(&report))
        .unwrap()
        .remove(0);
    assert_eq!(rejection(&answer).0, "INSTITUTION_SUSPENDED");
    bank.set_standing(UNIVERSITY, Standing::Active);
    bank.post(UNIVERSITY, report);
}

#[test]
fn eight_writers_of_one_batch_post_each_line_once() {
    let bank = TestBank::start();
    let reports: Vec<_> = (0..200)
        .map(|n| outcome("MATH101").student(&format!("S{n}")).build())
        .collect();
    let barrier = Barrier::new(8);
    let posted: usize = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                // Each in an order of its own, so that they meet in the middle.
                let mut mine = reports.clone();
                mine.rotate_left(writer * 25);
                let (bank, barrier) = (&bank, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let answers = bank.try_post(UNIVERSITY, &mine).unwrap();
                    assert!(!answers.iter().any(|a| matches!(a, PostAnswer::Rejected(_))));
                    answers
                        .iter()
                        .filter(|a| matches!(a, PostAnswer::Posted(_)))
                        .count()
                })
            })
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .sum()
    });
    assert_eq!(posted, 200);
    let count = |table: &str| {
        bank.database()
            .sql(&format!("select count(*) from {table}"))
    };
    for table in [
        "outcomes",
        "lots",
        "transfers",
        "learners",
        "outcome_sources",
    ] {
        assert_eq!(count(table).unwrap().trim(), "200", "{table}");
    }
}

#[test]
fn two_attempts_at_one_course_at_one_moment_give_one_lot() {
    let bank = TestBank::start();
    for round in 0..20 {
        let student = format!("S{round}");
        let barrier = Barrier::new(2);
        let lots: usize = std::thread::scope(|scope| {
            let writers: Vec<_> = [Attempt::First, Attempt::Resit]
                .into_iter()
                .map(|attempt| {
                    let report = outcome("MATH101")
                        .student(&student)
                        .attempt(attempt)
                        .build();
                    let (bank, barrier) = (&bank, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        bank.post(UNIVERSITY, report).lots.len()
                    })
                })
                .collect();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .sum()
        });
        assert_eq!(lots, 1);
    }
}

#[test]
fn an_institution_sees_only_what_it_posted_and_strangers_nothing() {
    let bank = TestBank::start();
    let mine = bank.post(UNIVERSITY, outcome("MATH101").build());
    let theirs = bank.post(
        SCHOOL,
        outcome("CERT-A")
            .learner_no(mine.learner_no)
            .source("x")
            .build(),
    );
    assert_eq!(theirs.learner_no, mine.learner_no);
    assert_eq!(bank.credits(mine.learner_no).0, "10.00");
    let available = |institution: &str| {
        let actor = bank.actor(creditbank_domain::authz::Role::Registrar, institution);
        let subject = creditbank_domain::authz::Subject::Learner(mine.learner_no);
        let grant = creditbank_domain::authz::authorize(&actor, subject).unwrap();
        let view = reads::balance(bank.ledger(), &grant, day("2026-11-22"));
        let movements = reads::movements(bank.ledger(), &grant, None, 10).map(|m| m.len());
        (
            view.map(|v| v.by_unit[0].available.to_string()).ok(),
            movements.ok(),
        )
    };
    assert_eq!(available(UNIVERSITY), (Some("4.00".to_owned()), Some(1)));
    assert_eq!(available(SCHOOL), (Some("6.00".to_owned()), Some(1)));
    assert_eq!(available(RECEIVING), (None, None));
}

/// Each is refused only once it is about to be written, and leaves the reference to the next.
#[test]
fn a_thousand_refused_reports_under_one_reference_are_all_answered() {
    let bank = TestBank::start();
    let who = |nth: u32| {
        let card = resident_id("1990-01-01", nth);
        let known = (IdentifierKind::StudentNumber, "XS20230001");
        person(&[known, (IdentifierKind::ResidentId, &card)], "测试学员")
    };
    let report = |nth: u32, source: &str| {
        let report = outcome("MATH101").person(who(nth)).source(source);
        report.build()
    };
    bank.post(UNIVERSITY, report(999, "R-0"));
    let mut reports: Vec<_> = (0..999).map(|nth| report(nth, "R-1")).collect();
    reports.push(report(999, "R-2"));
    let answers = bank.try_post(UNIVERSITY, &reports).unwrap();
    let (last, refused) = answers.split_last().unwrap();
    assert!(matches!(last, PostAnswer::Posted(_)), "{last:?}");
    let codes: BTreeSet<&str> = refused.iter().map(|it| rejection(it).0).collect();
    let expected = ["IDENTITY_MISMATCH", "SOURCE_REF_CONFLICT"];
    assert_eq!(codes, BTreeSet::from(expected));
}
