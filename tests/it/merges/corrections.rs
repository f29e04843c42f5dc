//! Corrections, reversals and holds on accounts that are shown as one.

use creditbank_domain::correction::{Change, Corrected};
use creditbank_domain::ids::LotId;
use creditbank_domain::reason::ReasonCode;
use kit::{SCHOOL, TestBank, grade, hundredths, outcome, person};

use super::{code, credits, learner};
use creditbank_domain::identifier::IdentifierKind;

/// The source reference that the kit's builder gives a certificate of a student.
fn source(student: &str, certificate: &str) -> String {
    format!("{student}/{certificate}/2026-01-31/first")
}

#[test]
fn a_correction_of_one_account_is_carried_into_a_request_of_the_other() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    bank.merge(one, two);
    let cohort = bank.decide(bank.request(&[one]).cohort_id);
    assert_eq!(bank.credits(two), credits("12.00", "0.00", "12.00"));
    // Still good enough: the new lot of the absorbed account is used instead.
    let better = bank.correct(SCHOOL, &source("S2", "CERT-B"), grade("72"));
    assert_eq!(better.learner_no, one);
    assert_eq!(better.conversions.len(), 1);
    assert_eq!(bank.credits(two), credits("12.00", "0.00", "12.00"));
    // Not any more: its line falls, and the grant with it.
    let worse = bank.correct(SCHOOL, &source("S2", "CERT-B"), grade("61"));
    assert_eq!(worse.conversions[0].granted_now, hundredths("6.00"));
    assert_eq!(bank.credits(two), credits("12.00", "0.00", "6.00"));
    let request = bank.request_seen(cohort.requests[0].request_id);
    assert_eq!(request.lines.len(), 2);
    assert_eq!(bank.movements(one).len(), bank.movements(two).len());
}

#[test]
fn a_correction_after_the_accounts_were_separated_still_reaches_what_they_shared() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merge = bank.merge(one, two);
    let _ = bank.decide(bank.request(&[two]).cohort_id);
    bank.unmerge(merge.merge_id);
    assert_eq!(bank.credits(one), credits("12.00", "0.00", "6.00"));
    let withdrawn = bank.withdraw(SCHOOL, &source("S2", "CERT-B"));
    assert_eq!(
        (withdrawn.learner_no, withdrawn.conversions.len()),
        (two, 1)
    );
    assert_eq!(bank.credits(one), credits("6.00", "0.00", "6.00"));
    assert_eq!(bank.credits(two), credits("0.00", "0.00", "0.00"));
}

#[test]
fn reversing_a_joint_conversion_gives_every_lot_back_to_its_account() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merge = bank.merge(one, two);
    let cohort = bank.decide(bank.request(&[one]).cohort_id);
    bank.try_reverse(cohort.requests[0].request_id).unwrap();
    assert_eq!(bank.credits(one), credits("12.00", "0.00", "0.00"));
    bank.unmerge(merge.merge_id);
    for number in [one, two] {
        assert_eq!(bank.credits(number), credits("6.00", "0.00", "0.00"));
    }
}

#[test]
fn when_the_credited_attempt_of_one_account_falls_the_other_s_is_credited() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    bank.merge(one, two);
    let retake = outcome("CERT-B")
        .student("S1")
        .source("retake")
        .grade("90")
        .build();
    let retaken = bank.post(SCHOOL, retake);
    assert_eq!(retaken.earned_nothing, Some(ReasonCode::AlreadyCredited));
    // Corrected, it is still not credited beside the other account's.
    let corrected = bank
        .correct(SCHOOL, "retake", grade("91"))
        .successor
        .unwrap();
    assert_eq!(corrected.earned_nothing, Some(ReasonCode::AlreadyCredited));
    assert_eq!(bank.credits(one), credits("12.00", "0.00", "0.00"));
    let fallen = bank.withdraw(SCHOOL, &source("S2", "CERT-B"));
    assert_eq!(bank.credits(one), credits("12.00", "0.00", "0.00"));
    // Undone, the first one stands again, without a second lot.
    bank.try_undo(fallen.correction_id).unwrap();
    assert_eq!(bank.credits(two), credits("12.00", "0.00", "0.00"));
}

#[test]
fn where_both_are_credited_the_fall_of_one_credits_nobody_else() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-A"]);
    bank.merge(one, two);
    let retake = outcome("CERT-A")
        .student("S1")
        .source("retake")
        .grade("90")
        .build();
    assert!(bank.post(SCHOOL, retake).lots.is_empty());
    bank.withdraw(SCHOOL, &source("S2", "CERT-A"));
    assert_eq!(bank.credits(one), credits("6.00", "0.00", "0.00"));
}

#[test]
fn naming_the_survivor_as_the_learner_of_an_absorbed_outcome_corrects_nothing() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    bank.merge(one, two);
    let to = |student: &str| {
        Change::Correct(Corrected {
            learner: Some(person(&[(IdentifierKind::StudentNumber, student)], "")),
            ..Corrected::default()
        })
    };
    let of = source("S2", "CERT-B");
    assert_eq!(
        code(bank.try_change(SCHOOL, &of, to("S1"))),
        "NOTHING_TO_CORRECT"
    );
    assert_eq!(
        code(bank.try_change(SCHOOL, &of, to("S2"))),
        "NOTHING_TO_CORRECT"
    );
    // Somebody else is somebody else.
    let moved = bank.try_change(SCHOOL, &of, to("S3")).unwrap();
    assert!(moved.successor.unwrap().learner_no != one);
    assert_eq!(bank.credits(two), credits("6.00", "0.00", "0.00"));
}

#[test]
fn a_lot_of_either_account_is_held_under_either_number() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let absorbed = bank.post(SCHOOL, outcome("CERT-B").student("S2").build());
    let (two, lot): (_, LotId) = (absorbed.learner_no, absorbed.lots[0].lot_id);
    let early = bank.try_hold(SCHOOL, two, lot, "1.00").unwrap();
    let merge = bank.merge(one, two);
    let hold = bank.try_hold(SCHOOL, one, lot, "2.00").unwrap();
    assert_eq!(bank.credits(one), credits("9.00", "3.00", "0.00"));
    bank.try_settle(SCHOOL, one, early, "1.00").unwrap();
    bank.try_settle(SCHOOL, two, hold, "2.00").unwrap();
    assert_eq!(bank.credits(one), credits("9.00", "0.00", "3.00"));
    assert_eq!(
        bank.try_reverse_hold(one, hold).unwrap(),
        hundredths("2.00")
    );
    bank.unmerge(merge.merge_id);
    assert_eq!(bank.credits(two), credits("5.00", "0.00", "1.00"));
    assert!(bank.try_hold(SCHOOL, one, lot, "1.00").is_err());
}

#[test]
fn a_line_that_stood_on_the_other_account_s_result_falls_with_it() {
    let bank = TestBank::start();
    let weak = outcome("CERT-A").student("S1").grade("65").build();
    let weak = bank.post(SCHOOL, weak).learner_no;
    let two = learner(&bank, "S2", &["CERT-B"]);
    bank.merge(two, weak);
    // The lot is the absorbed account's, the result that carries it the survivor's.
    let retake = outcome("CERT-A")
        .student("S2")
        .source("retake")
        .grade("88")
        .build();
    assert!(bank.post(SCHOOL, retake).lots.is_empty());
    assert_eq!(bank.decide(bank.request(&[two]).cohort_id).granted, 1);
    assert_eq!(bank.credits(two), credits("12.00", "0.00", "12.00"));
    let corrected = bank.correct(SCHOOL, "retake", grade("61"));
    assert_eq!(corrected.conversions[0].granted_now, hundredths("6.00"));
    assert_eq!(bank.credits(two), credits("12.00", "0.00", "6.00"));
}
