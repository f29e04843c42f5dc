//! A grant that was itself converted: what falls, falls all the way.

use creditbank_domain::authz::{
    Actor, DecideConversion, Grant, KeepRegister, RequestConversion, Role, Subject, authorize,
};
use creditbank_domain::ids::RequestId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::flows::{
    ConversionOrder, DecisionOrder, NewProgramme, OrderedLearner, decide_request_once,
    register_programmes, request_conversion_once,
};
use creditbank_ledger::reads::RequestState;
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, grade, hundredths, outcome};

fn institution(code: &str) -> InstitutionCode {
    InstitutionCode::new(code).unwrap()
}

/// The university gives MATH101 for COURSE-A of the receiving university.
fn second_rules(bank: &TestBank) {
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let programme = NewProgramme {
        institution: institution(UNIVERSITY),
        code: "P2".to_owned(),
        title: "第二专业".to_owned(),
        total_credits: hundredths("100.00"),
    };
    register_programmes(bank.ledger(), &keeper, &[programme], bank.now()).unwrap();
    let rules = kit::PlainRules {
        receiving: institution(UNIVERSITY),
        code: "RS-2".to_owned(),
        rules: vec![kit::PlainRule {
            code: "R-2".to_owned(),
            source_owner: institution(RECEIVING),
            source: CourseCode::new("COURSE-A").unwrap(),
            target: CourseCode::new("MATH101").unwrap(),
            target_credits: hundredths("4.00"),
            minimum_grade: "pass".parse().unwrap(),
            level_floor: None,
            earned_within_months: None,
        }],
        ..kit::rule_set_of_the_world()
    };
    kit::put_in_force(bank.ledger(), &rules.document(), bank.now());
}

fn second_conversion(bank: &TestBank, learner: LearnerNo) -> RequestId {
    let order = ConversionOrder {
        receiving: institution(UNIVERSITY),
        programme: "P2".to_owned(),
        rule_set: None,
        learners: vec![OrderedLearner {
            learner: LearnerRef::Number(learner),
            outcomes: Vec::new(),
        }],
        basis: None,
    };
    let asks: Grant<RequestConversion> = bank.grant(Role::SchoolOfficer, RECEIVING);
    let asked =
        kit::once(|once| request_conversion_once(bank.ledger(), &asks, &order, once, bank.now()))
            .unwrap();
    let request = asked.requests[0].request_id;
    let decides: Grant<DecideConversion> = bank.grant(Role::Reviewer, UNIVERSITY);
    let say = DecisionOrder::AsTheRulesSay;
    let decided = kit::once(|once| {
        decide_request_once(
            bank.ledger(),
            &decides,
            (request, None),
            &say,
            once,
            bank.now(),
        )
    })
    .unwrap();
    assert_eq!(decided.state, RequestState::Granted);
    request
}

#[test]
fn what_was_built_on_a_grant_falls_with_it_in_one_transaction() {
    let bank = TestBank::start();
    second_rules(&bank);
    let learner = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let first = bank.decide(bank.request(&[learner]).cohort_id).requests[0].request_id;
    let second = second_conversion(&bank, learner);
    // The certificate and 4 of the 6 credits of COURSE-A are used; 2 of it and MATH101 are left.
    assert_eq!(
        bank.credits(learner),
        ("6.00".into(), "0.00".into(), "10.00".into())
    );
    let withdrawn = bank.withdraw(SCHOOL, "s-1");
    let revised: Vec<RequestId> = withdrawn.conversions.iter().map(|c| c.request_id).collect();
    assert_eq!(revised, [first, second]);
    assert_eq!(
        bank.credits(learner),
        ("0.00".into(), "0.00".into(), "0.00".into())
    );
    for request in [first, second] {
        assert_eq!(bank.request_seen(request).state, RequestState::Refused);
    }
    // A reversal of nothing that is left is refused.
    assert_eq!(super::code(bank.try_reverse(second)), "NOTHING_GRANTED");
}

#[test]
fn what_was_built_on_a_grant_stands_where_the_grant_stands() {
    let bank = TestBank::start();
    second_rules(&bank);
    let learner = bank
        .post(SCHOOL, outcome("CERT-A").source("s-1").build())
        .learner_no;
    let _ = bank.decide(bank.request(&[learner]).cohort_id);
    let second = second_conversion(&bank, learner);
    let corrected = bank.correct(SCHOOL, "s-1", grade("99"));
    assert_eq!(corrected.conversions.len(), 1);
    assert_eq!(bank.request_seen(second).state, RequestState::Granted);
    assert_eq!(
        bank.credits(learner),
        ("6.00".into(), "0.00".into(), "10.00".into())
    );
}

#[test]
fn a_reversed_conversion_takes_what_was_built_on_it() {
    let bank = TestBank::start();
    second_rules(&bank);
    let learner = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let first = bank.decide(bank.request(&[learner]).cohort_id).requests[0].request_id;
    let second = second_conversion(&bank, learner);
    bank.try_reverse(first).unwrap();
    assert_eq!(bank.request_seen(second).state, RequestState::Refused);
    assert_eq!(
        bank.credits(learner),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
}
