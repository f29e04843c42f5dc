//! Converting for accounts that are shown as one.

use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::flows::DecisionOrder;
use kit::{RECEIVING, SCHOOL, TestBank, hundredths, open_collisions, outcome};

use super::{code, credits, learner};
use creditbank_domain::merging::CollisionKind;

#[test]
fn a_request_of_the_survivor_uses_the_lots_of_both() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    bank.merge(one, two);
    let cohort = bank.request(&[one, two]);
    // Both numbers are one learner.
    assert_eq!((cohort.requests.len(), cohort.rejected.len()), (1, 1));
    assert_eq!(cohort.rejected[0].fault.code, "LEARNER_TWICE");
    assert_eq!(
        (
            cohort.requests[0].learner_no,
            cohort.requests[0].lines.len()
        ),
        (one, 2)
    );
    assert_eq!(bank.credits(two), credits("0.00", "12.00", "0.00"));
    let decided = bank.decide(cohort.cohort_id);
    assert_eq!(decided.granted, 1);
    assert_eq!(bank.credits(one), credits("12.00", "0.00", "12.00"));
    let movements = bank.movements(two);
    let settled: Vec<_> = movements.iter().filter(|it| it.kind == "settle").collect();
    assert_eq!(settled.len(), 2);
    assert!(
        settled
            .iter()
            .all(|it| it.explanation_en.is_some() && it.document_number.is_some())
    );
    let granted = movements
        .iter()
        .filter(|it| it.institution_code == RECEIVING);
    assert!(granted.clone().count() == 2 && granted.into_iter().all(|it| it.kind == "issue"));
}

#[test]
fn a_refused_joint_request_gives_every_lot_back_to_its_own_account() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merge = bank.merge(one, two);
    let cohort = bank.request(&[two]).cohort_id;
    let order = DecisionOrder::Refuse {
        text: "材料不清".to_owned(),
    };
    assert_eq!(bank.try_decide(cohort, &order).unwrap().refused, 1);
    bank.unmerge(merge.merge_id);
    for number in [one, two] {
        assert_eq!(bank.credits(number), credits("6.00", "0.00", "0.00"));
    }
}

#[test]
fn open_requests_of_both_stay_valid_and_share_one_cap() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A", "CERT-B"]);
    let two = learner(&bank, "S2", &["CERT-C", "CERT-D"]);
    let cohort = bank.request(&[one, two]).cohort_id;
    let merge = bank.merge(one, two);
    assert_eq!(open_collisions(&merge), []);
    let decided = bank.decide(cohort);
    // 62.00 × 35 % = 21.70 for both together.
    let granted = decided.requests.iter().flat_map(|request| &request.lines);
    let granted: i64 = granted.map(|line| line.granted.get()).sum();
    assert_eq!(granted, 2170);
    assert_eq!((decided.granted, decided.partly), (1, 1));
    assert!(
        decided
            .requests
            .iter()
            .all(|request| request.learner_no == one)
    );
    assert_eq!(bank.credits(two), credits("24.00", "0.00", "21.70"));
}

#[test]
fn a_course_that_one_account_was_granted_the_other_is_not() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let _ = bank.decide(bank.request(&[one]).cohort_id);
    // The same certificate posted to the other account before anybody knew.
    let two = learner(&bank, "S2", &["CERT-A", "CERT-B"]);
    let merge = bank.merge(one, two);
    assert_eq!(open_collisions(&merge), [CollisionKind::EntryCreditedTwice]);
    let decided = bank.decide(bank.request(&[one]).cohort_id);
    let reasons: Vec<_> = decided.requests[0]
        .lines
        .iter()
        .map(|line| line.reason)
        .collect();
    assert!(
        reasons.contains(&Some(ReasonCode::CourseAlreadyConverted)),
        "{reasons:?}"
    );
    assert_eq!(decided.partly, 1);
    assert_eq!(bank.credits(two), credits("18.00", "0.00", "12.00"));
}

#[test]
fn the_best_result_of_either_account_counts() {
    let bank = TestBank::start();
    let weak = bank.post(SCHOOL, outcome("CERT-A").student("S1").grade("65").build());
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merge = bank.merge(two, weak.learner_no);
    let low = bank.request(&[two]);
    let line = |grade_reason| {
        low.requests[0]
            .lines
            .iter()
            .find(|line| line.reason == Some(grade_reason))
            .is_some()
    };
    assert!(line(ReasonCode::GradeTooLow));
    let order = DecisionOrder::Refuse {
        text: "重修后再来".to_owned(),
    };
    bank.try_decide(low.cohort_id, &order).unwrap();
    // The retake is recorded with the survivor; the lot is the absorbed account's.
    let retake = outcome("CERT-A")
        .student("S1")
        .source("retake")
        .grade("88")
        .build();
    assert!(bank.post(SCHOOL, retake).lots.is_empty());
    assert_eq!(bank.decide(bank.request(&[two]).cohort_id).granted, 1);
    let separated = bank.unmerge(merge.merge_id);
    assert!(open_collisions(&separated).contains(&CollisionKind::UsedWhileMerged));
}

#[test]
fn a_joint_request_that_is_still_open_when_the_accounts_are_separated_grants_its_own_lots_only() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merge = bank.merge(one, two);
    let cohort = bank.request(&[one]).cohort_id;
    let separated = bank.unmerge(merge.merge_id);
    let collision = &separated.collisions[0];
    assert_eq!(collision.kind, CollisionKind::UsedWhileMerged);
    assert_eq!(collision.figures["state"], "requested");
    assert_eq!(bank.credits(two), credits("0.00", "6.00", "0.00"));
    let decided = bank.decide(cohort);
    assert_eq!(decided.partly, 1);
    let lines = &decided.requests[0].lines;
    let refused: Vec<_> = lines
        .iter()
        .filter(|line| line.granted == hundredths("0"))
        .collect();
    assert_eq!(
        (refused.len(), refused[0].reason),
        (1, Some(ReasonCode::AlreadyReserved))
    );
    assert_eq!(bank.credits(one), credits("6.00", "0.00", "6.00"));
    assert_eq!(bank.credits(two), credits("6.00", "0.00", "0.00"));
    assert_eq!(
        code(bank.try_decide(cohort, &DecisionOrder::AsTheRulesSay)),
        "ALREADY_DECIDED"
    );
}
