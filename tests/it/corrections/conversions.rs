//! What corrections do to conversions that rested on the outcome.

use creditbank_domain::correction::Corrected;
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::DecisionOrder;
use creditbank_ledger::reads::RequestState;
use kit::{RECEIVING, SCHOOL, TestBank, day, grade, outcome};

use super::code;

fn nothing() -> (String, String, String) {
    ("0.00".into(), "0.00".into(), "0.00".into())
}

#[test]
fn a_grade_below_the_rules_minimum_takes_the_grant_back_and_gives_the_credits_back() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    let request = decided.requests[0].request_id;
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "6.00".into())
    );
    // 65 still passes the certificate; the rule wants 70.
    let corrected = bank.correct(SCHOOL, "s-1", grade("65"));
    assert_eq!(corrected.conversions[0].request_id, request);
    assert_eq!(
        (
            corrected.conversions[0].granted_before.to_string(),
            corrected.conversions[0].granted_now.to_string()
        ),
        ("6.00".into(), "0.00".into())
    );
    assert_eq!(
        corrected.withdrawn.len(),
        2,
        "the certificate's and the grant's"
    );
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
    // Both parties read the same, with the reason.
    let again = bank.try_decide(decided.cohort_id, &DecisionOrder::AsTheRulesSay);
    assert_eq!(code(again), "ALREADY_DECIDED");
    let seen = bank.request_seen(request);
    assert_eq!(seen.state, RequestState::Refused);
    assert_eq!(seen.lines[0].reason, Some(ReasonCode::GradeTooLow));
    assert_eq!(seen.lines[0].grant_outcome_id, None);
    let told = bank
        .database()
        .sql(
            "select kind, array_length(institution_ids, 1) from notices \
             where kind not like 'request%' order by kind",
        )
        .unwrap();
    assert_eq!(told.trim(), "conversion_revised|2\noutcome_corrected|2");
    // The course is free again: another grade, another request.
    bank.correct(SCHOOL, "s-1", grade("70"));
    let again = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(again.requests[0].state, RequestState::Granted);
}

#[test]
fn a_grant_that_still_stands_uses_the_corrected_outcome_instead() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    let before = &decided.requests[0].lines[0];
    let to = Corrected {
        awarded_on: Some(day("2025-12-31")),
        ..grade("70")
    };
    let corrected = bank.correct(SCHOOL, "s-1", to);
    let after = bank.request_seen(decided.requests[0].request_id);
    assert_eq!(after.state, RequestState::Granted);
    assert_eq!(after.lines[0].grant_outcome_id, before.grant_outcome_id);
    assert_eq!(after.lines[0].explanation_zh, before.explanation_zh);
    let new_lot = corrected.successor.unwrap().lots[0].lot_id;
    assert_eq!(after.lines[0].lot_id, new_lot);
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "6.00".into())
    );
    assert_eq!(corrected.withdrawn.len(), 1);
}

#[test]
fn a_withdrawal_takes_what_was_granted_for_it() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    bank.post(SCHOOL, outcome("CERT-B").source("s-2").build());
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(bank.credits(number).2, "12.00");
    bank.withdraw(SCHOOL, "s-1");
    let seen = bank.request_seen(decided.requests[0].request_id);
    assert_eq!(seen.state, RequestState::Partly);
    let granted: Vec<String> = seen.lines.iter().map(|l| l.granted.to_string()).collect();
    assert_eq!(granted.iter().filter(|g| *g == "6.00").count(), 1);
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "6.00".into())
    );
    // The cap that it filled is free again.
    bank.post(SCHOOL, outcome("CERT-C").build());
    bank.post(SCHOOL, outcome("CERT-D").build());
    let more = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(more.requests[0].state, RequestState::Granted);
    bank.withdraw(SCHOOL, "s-2");
    assert_eq!(bank.credits(number).2, "12.00");
}

#[test]
fn an_open_request_goes_on_with_the_corrected_outcome() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").grade("75").build())
        .learner_no;
    let cohort = bank.request(&[number]);
    bank.correct(SCHOOL, "s-1", grade("80"));
    assert_eq!(
        bank.credits(number),
        ("0.00".into(), "6.00".into(), "0.00".into())
    );
    assert_eq!(bank.decide(cohort.cohort_id).granted, 1);
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "6.00".into())
    );
}

#[test]
fn an_open_request_for_a_withdrawn_outcome_is_refused_with_that_reason() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let cohort = bank.request(&[number]);
    bank.withdraw(SCHOOL, "s-1");
    assert_eq!(bank.credits(number), nothing());
    let decided = bank.decide(cohort.cohort_id);
    assert_eq!(decided.refused, 1);
    let line = &decided.requests[0].lines[0];
    assert_eq!(line.reason, Some(ReasonCode::OutcomeWithdrawn));
}

#[test]
fn a_conversion_is_reversed_once_and_gives_back_what_it_used() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let cohort = bank.request(&[number]);
    let request = cohort.requests[0].request_id;
    assert_eq!(code(bank.try_reverse(request)), "NOTHING_GRANTED");
    let _ = bank.decide(cohort.cohort_id);
    let reversed = bank.try_reverse(request).unwrap();
    assert_eq!(reversed.state, RequestState::Refused);
    assert_eq!(
        reversed.lines[0].reason,
        Some(ReasonCode::ConversionReversed)
    );
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
    assert_eq!(code(bank.try_reverse(request)), "ALREADY_REVERSED");
    let again = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(again.granted, 1);
    let unknown = creditbank_domain::ids::RequestId::from_uuid(uuid::Uuid::nil());
    assert!(matches!(
        bank.try_reverse(unknown),
        Err(LedgerError::NotFound)
    ));
}

#[test]
fn what_a_conversion_granted_is_not_corrected_by_itself() {
    let bank = TestBank::start();
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    let source = format!("conversion:{}:1", decided.requests[0].request_id);
    let change = creditbank_domain::correction::Change::Withdraw;
    assert_eq!(
        code(bank.try_change(RECEIVING, &source, change)),
        "GRANTED_BY_CONVERSION"
    );
}

#[test]
fn every_movement_is_told_once_however_often_its_line_was_revised() {
    let bank = TestBank::start();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let _ = bank.decide(bank.request(&[number]).cohort_id);
    bank.correct(SCHOOL, "s-1", grade("90"));
    bank.correct(SCHOOL, "s-1", grade("69"));
    let movements = bank.movements(number);
    let told: std::collections::BTreeSet<_> = movements
        .iter()
        .map(|it| it.transfer_id.as_uuid())
        .collect();
    assert_eq!(told.len(), movements.len());
    let rows = bank
        .database()
        .sql("select count(*) from transfers")
        .unwrap();
    assert_eq!(rows.trim(), movements.len().to_string());
}

#[test]
fn a_grant_falls_with_the_attempt_on_whose_grade_it_stood_though_the_lot_is_anothers() {
    let bank = TestBank::start();
    let first = outcome("CERT-A").source("s-1").grade("65");
    let number = bank.post(SCHOOL, first.build()).learner_no;
    let resit = outcome("CERT-A").source("s-2").grade("90");
    let resit = resit.attempt(creditbank_domain::grade::Attempt::Resit);
    bank.post(SCHOOL, resit.on("2026-03-01").build());
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(decided.granted, 1);
    // 80 is good enough as well: nothing is written again.
    let still = bank.correct(SCHOOL, "s-2", grade("80"));
    assert_eq!(still.conversions, []);
    let withdrawn = bank.withdraw(SCHOOL, "s-2");
    assert_eq!(withdrawn.conversions.len(), 1);
    let seen = bank.request_seen(decided.requests[0].request_id);
    assert_eq!(seen.lines[0].reason, Some(ReasonCode::GradeTooLow));
    assert_eq!(
        bank.credits(number),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
}

#[test]
fn an_attempt_taken_back_leaves_a_grant_that_another_attempt_still_carries() {
    let bank = TestBank::start();
    let attempt = |source: &str, grade: &str, on: &str| {
        let report = outcome("CERT-A").student("S1").source(source).grade(grade);
        bank.post(SCHOOL, report.on(on).build()).learner_no
    };
    let number = attempt("lot", "60", "2026-11-20");
    attempt("carries", "70", "2026-11-20");
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(decided.requests[0].state, RequestState::Granted);
    attempt("better", "100", "2026-06-16");
    let earlier = Corrected {
        awarded_on: Some(day("2026-06-30")),
        ..Corrected::default()
    };
    bank.correct(SCHOOL, "better", earlier);
    let withdrawn = bank.withdraw(SCHOOL, "carries");
    assert_eq!(withdrawn.conversions, []);
    // With the last attempt that reached the minimum the grant falls.
    let withdrawn = bank.withdraw(SCHOOL, "better");
    assert_eq!(withdrawn.conversions[0].granted_now.to_string(), "0.00");
    let seen = bank.request_seen(decided.requests[0].request_id);
    assert_eq!(seen.lines[0].reason, Some(ReasonCode::GradeTooLow));
}
