//! What time does to books: moments out of order, lapsed holds, lapsed lots, changed catalogues.

use chrono::{Days, TimeDelta};
use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{Actor, Subject, authorize};
use creditbank_domain::grade::Attempt;
use creditbank_domain::institution::Standing;
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{DecisionOrder, keep_house};
use creditbank_ledger::reads::{self, RequestState};
use kit::{RECEIVING, SCHOOL, TestBank, day, outcome};

#[test]
fn a_hold_taken_at_an_earlier_moment_than_the_release_before_it_leaves_the_books_right() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let begin = bank.now();
    let first = bank.try_request_at(&[number], begin).unwrap().cohort_id;
    let refuse = DecisionOrder::Refuse {
        text: "否".to_owned(),
    };
    let late = begin + TimeDelta::seconds(120);
    assert_eq!(bank.try_decide_at(first, &refuse, late).unwrap().refused, 1);
    // This one arrived before that decision and waited for its turn.
    let waited = begin + TimeDelta::seconds(60);
    let second = bank.try_request_at(&[number], waited).unwrap();
    assert_eq!(second.requests.len(), 1);
    assert_eq!(bank.audit(), []);
    let moments: Vec<_> = bank
        .movements(number)
        .iter()
        .map(|m| m.recorded_at)
        .collect();
    assert!(moments.is_sorted(), "{moments:?}");
}

#[test]
fn holds_that_nobody_decided_about_are_released_and_the_request_stays_refused() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let cohort = bank.request(&[number]);
    let until = cohort.requests[0].hold_expires_at;
    let keeper = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let kept = |now| keep_house(bank.ledger(), &keeper, now).unwrap().lapsed;
    assert_eq!(kept(until), 0);
    assert_eq!(bank.credits(number).1, "6.00");
    assert_eq!(kept(until + TimeDelta::seconds(1)), 1);
    assert_eq!(kept(until + TimeDelta::seconds(2)), 0);
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
    let too_late = bank.try_decide(cohort.cohort_id, &DecisionOrder::AsTheRulesSay);
    assert!(matches!(&too_late, Err(LedgerError::Conflict(f)) if f.code == "ALREADY_DECIDED"));
    // Asked again, it is decided like any other.
    let again = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(again.requests[0].state, RequestState::Granted);
    let reasons = "select distinct reason from conversion_lines where reason is not null";
    assert_eq!(bank.database().sql(reasons).unwrap().trim(), "HOLD_EXPIRED");
}

#[test]
fn answers_kept_for_retries_go_after_a_week() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let now = bank.now();
    let _ = bank.try_request_at(&[number], now).unwrap();
    let keeper = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let forgotten = |days| {
        let later = now.checked_add_days(Days::new(days)).unwrap();
        keep_house(bank.ledger(), &keeper, later)
            .unwrap()
            .keys_forgotten
    };
    assert_eq!(forgotten(6), 0);
    assert_eq!(forgotten(8), 1);
}

#[test]
fn what_can_be_used_no_longer_counts_as_expired() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    bank.database()
        .sql(
            "set session_replication_role = replica; \
             update lots set expires_on = date '2026-11-30'",
        )
        .unwrap();
    let on = |today| {
        let view = reads::balance(bank.ledger(), &bank.own_account(number), day(today)).unwrap();
        let credit = view
            .by_unit
            .into_iter()
            .find(|b| b.unit == Unit::Credit)
            .unwrap();
        (credit.available.to_string(), credit.expired.to_string())
    };
    assert_eq!(on("2026-11-30"), ("6.00".to_owned(), "0.00".to_owned()));
    assert_eq!(on("2026-12-01"), ("0.00".to_owned(), "6.00".to_owned()));
}

#[test]
fn a_suspended_receiver_grants_nothing_until_it_may_act_again() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let cohort = bank.request(&[number]).cohort_id;
    bank.set_standing(RECEIVING, Standing::Suspended);
    let decided = bank.try_decide(cohort, &DecisionOrder::AsTheRulesSay);
    assert!(matches!(&decided, Err(LedgerError::Refused(f)) if f.code == "INSTITUTION_SUSPENDED"));
    assert_eq!(bank.credits(number).1, "6.00");
    bank.set_standing(RECEIVING, Standing::Active);
    assert_eq!(bank.decide(cohort).granted, 1);
}

#[test]
fn the_best_result_counts_whichever_attempt_was_posted_first() {
    let bank = TestBank::start();
    let low = outcome("CERT-A").grade("62");
    let high = outcome("CERT-A")
        .grade("90")
        .attempt(Attempt::Retake)
        .on("2026-07-31");
    for (student, reports) in [
        ("S1", [low.clone(), high.clone()]),
        ("S2", [high.clone(), low.clone()]),
    ] {
        let [first, second] = reports.map(|report| report.student(student).build());
        let number = bank.post(SCHOOL, first).learner_no;
        assert_eq!(
            bank.post(SCHOOL, second).earned_nothing,
            Some(ReasonCode::AlreadyCredited)
        );
        let decided = bank.decide(bank.request(&[number]).cohort_id);
        assert_eq!((student, decided.granted), (student, 1));
    }
    let number = bank.post(SCHOOL, low.student("S3").build()).learner_no;
    assert_eq!(bank.decide(bank.request(&[number]).cohort_id).refused, 1);
}

#[test]
fn a_course_that_ends_between_request_and_decision_is_granted_as_it_was_asked_for() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let asked = bank.now();
    let cohort = bank.try_request_at(&[number], asked).unwrap().cohort_id;
    bank.database()
        .sql(
            "set session_replication_role = replica; \
             update catalogue_versions set valid_to = date '2026-11-30'",
        )
        .unwrap();
    let later = asked.checked_add_days(Days::new(20)).unwrap();
    let decided = bank
        .try_decide_at(cohort, &DecisionOrder::AsTheRulesSay, later)
        .unwrap();
    assert_eq!(decided.granted, 1);
}
