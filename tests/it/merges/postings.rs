//! Posting to accounts that are shown as one.

use creditbank_domain::reason::ReasonCode;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome};

use super::{already_posted, code, credits, learner, posted};

#[test]
fn both_numbers_and_all_identifiers_lead_to_the_joint_account() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let third = learner(&bank, "S3", &["CERT-C"]);
    bank.merge(one, two);
    for number in [one, two] {
        assert_eq!(bank.credits(number), credits("12.00", "0.00", "0.00"));
        assert_eq!(bank.movements(number).len(), 2);
    }
    assert_eq!(bank.credits(third), credits("6.00", "0.00", "0.00"));
    let ordered = bank.movements(two);
    assert!(ordered.is_sorted_by_key(|movement| movement.transfer_id));
    // By either student number and by either number of ours, answered with the survivor's.
    for (at, report) in [
        outcome("CERT-C").student("S1"),
        outcome("CERT-D").student("S2"),
        outcome("CERT-LOW").learner_no(two),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = bank.post(SCHOOL, report.source(&format!("n-{at}")).build());
        assert_eq!((answer.learner_no, answer.account_opened), (one, false));
    }
    assert_eq!(bank.credits(two), credits("30.00", "0.00", "0.00"));
    let of_survivor = "select count(*) from outcomes o join learners l using (learner_id) \
                       where l.learner_no = ";
    let counted = bank.database().sql(&format!("{of_survivor} '{one}'"));
    assert_eq!(counted.unwrap().trim(), "4");
}

#[test]
fn replays_answer_as_before_whichever_account_they_were_posted_to() {
    let bank = TestBank::start();
    let report = |student: &str, certificate: &str| outcome(certificate).student(student).build();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merge = bank.merge(one, two);
    let answers = [report("S1", "CERT-A"), report("S2", "CERT-B")];
    for answer in bank.try_post(SCHOOL, &answers).unwrap() {
        assert_eq!(already_posted(&answer).learner_no, one);
    }
    // The same record under the other number of the same learner is the same content, too.
    let crossed = outcome("CERT-B")
        .student("S1")
        .source("S2/CERT-B/2026-01-31/first");
    let answer = bank.try_post(SCHOOL, &[crossed.build()]).unwrap().remove(0);
    assert_eq!(already_posted(&answer).lots.len(), 1);
    bank.unmerge(merge.merge_id);
    let again = bank.try_post(SCHOOL, &answers).unwrap();
    let numbers: Vec<_> = again
        .iter()
        .map(|it| already_posted(it).learner_no)
        .collect();
    assert_eq!(numbers, [one, two]);
}

#[test]
fn what_one_account_was_credited_for_the_other_is_not() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merge = bank.merge(one, two);
    let retake = |source: &str| {
        outcome("CERT-B")
            .student("S1")
            .source(source)
            .grade("95")
            .build()
    };
    let answers = bank
        .try_post(
            SCHOOL,
            &[retake("r-1"), outcome("CERT-C").student("S1").build()],
        )
        .unwrap();
    let (retaken, other) = (posted(&answers[0]), posted(&answers[1]));
    assert_eq!(retaken.earned_nothing, Some(ReasonCode::AlreadyCredited));
    assert!(retaken.lots.is_empty() && other.lots.len() == 1);
    assert_eq!(bank.credits(one), credits("18.00", "0.00", "0.00"));
    let again = bank.try_post(SCHOOL, &[retake("r-1")]).unwrap().remove(0);
    assert_eq!(
        already_posted(&again).earned_nothing,
        Some(ReasonCode::AlreadyCredited)
    );
    // Separated, each may be credited again; what was recorded stays as it was.
    bank.unmerge(merge.merge_id);
    let fresh = bank.try_post(SCHOOL, &[retake("r-2")]).unwrap().remove(0);
    assert_eq!(posted(&fresh).lots.len(), 1);
}

#[test]
fn the_same_student_number_of_another_institution_is_not_drawn_in() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    bank.merge(one, two);
    let stranger = bank.post(UNIVERSITY, outcome("MATH101").student("S2").build());
    assert!(stranger.account_opened);
    assert!(stranger.learner_no != one && stranger.learner_no != two);
}

#[test]
fn only_flat_stars_are_made() {
    let bank = TestBank::start();
    let numbers: Vec<_> = ["S1", "S2", "S3", "S4"]
        .into_iter()
        .map(|student| learner(&bank, student, &["CERT-A"]))
        .collect();
    let [one, two, three, four] = numbers[..] else {
        unreachable!()
    };
    assert_eq!(code(bank.try_merge(one, one)), "SAME_ACCOUNT");
    let unknown = creditbank_domain::learner_no::LearnerNo::from_random(1);
    assert_eq!(code(bank.try_merge(one, unknown)), "LEARNER_UNKNOWN");
    bank.merge(one, two);
    assert_eq!(code(bank.try_merge(one, two)), "ALREADY_MERGED");
    assert_eq!(code(bank.try_merge(two, one)), "ALREADY_MERGED");
    assert_eq!(code(bank.try_merge(two, three)), "SURVIVOR_ABSORBED");
    assert_eq!(code(bank.try_merge(three, two)), "ABSORBED_BEFORE");
    assert_eq!(code(bank.try_merge(three, one)), "ABSORBED_HAS_OTHERS");
    bank.merge(one, three);
    assert_eq!(code(bank.try_merge(two, three)), "ALREADY_MERGED");
    bank.merge(one, four);
    assert_eq!(bank.credits(four), credits("24.00", "0.00", "0.00"));
    // The database itself lets no chain in.
    let chain = "insert into learner_aliases select s.learner_id, a.absorbed_id, a.merge_id \
                 from learner_aliases a, learners s limit 1";
    assert!(
        bank.database()
            .sql(chain)
            .unwrap_err()
            .contains("is refused")
    );
}
