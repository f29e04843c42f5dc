//! Conversions: hold, decide, settle and release; caps, turns and refusals.

use std::sync::Barrier;

use creditbank_domain::authz::{Actor, ReadConversion, Role, Subject, authorize};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::DecisionOrder;
use creditbank_ledger::reads::{self, RequestState};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, hundredths, outcome};

/// A learner of the school with these certificates, all at 85.
fn learner(bank: &TestBank, student: &str, certificates: &[&str]) -> LearnerNo {
    let mut number = None;
    for certificate in certificates {
        number = Some(
            bank.post(SCHOOL, outcome(certificate).student(student).build())
                .learner_no,
        );
    }
    number.expect("at least one certificate")
}

fn credits(available: &str, held: &str, used: &str) -> (String, String, String) {
    (available.to_owned(), held.to_owned(), used.to_owned())
}

#[test]
fn what_is_asked_for_is_held_and_what_is_granted_is_settled_and_posted() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A", "CERT-B"]);
    let cohort = bank.request(&[number]);
    assert_eq!((cohort.open, cohort.requests.len()), (1, 1));
    assert!(
        cohort.requests[0]
            .lines
            .iter()
            .all(|line| line.proposal_only)
    );
    assert_eq!(bank.credits(number), credits("0.00", "12.00", "0.00"));
    let decided = bank.decide(cohort.cohort_id);
    assert_eq!((decided.granted, decided.open), (1, 0));
    let request = &decided.requests[0];
    assert_eq!(request.document_number, "继教合作联盟〔2021〕12号");
    assert!(
        request
            .lines
            .iter()
            .all(|line| line.grant_outcome_id.is_some())
    );
    // 12.00 used, 12.00 granted as new outcomes of the receiving university.
    assert_eq!(bank.credits(number), credits("12.00", "0.00", "12.00"));
    let movements = bank.movements(number);
    let kinds: Vec<&str> = movements.iter().map(|m| m.kind.as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "settle").count(), 2);
    let grants: Vec<_> = movements
        .iter()
        .filter(|m| m.institution_code == RECEIVING && m.kind == "issue")
        .collect();
    assert_eq!(grants.len(), 2);
    for movement in grants {
        assert!(movement.explanation_zh.as_ref().unwrap().contains("21.70"));
        assert_eq!(
            movement.document_number.as_deref(),
            Some("继教合作联盟〔2021〕12号")
        );
    }
}

#[test]
fn a_line_that_straddles_the_cap_is_cut_with_its_arithmetic_and_the_rest_released() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A", "CERT-B", "CERT-C", "CERT-D"]);
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(decided.partly, 1);
    let lines = &decided.requests[0].lines;
    let cut: Vec<_> = lines.iter().filter(|line| line.verdict == "cut").collect();
    assert_eq!(cut.len(), 1);
    assert_eq!(
        (cut[0].granted, cut[0].requested),
        (hundredths("3.70"), hundredths("6.00"))
    );
    assert_eq!(cut[0].reason, Some(ReasonCode::CapProgramme));
    let wanted = "35 % of 62.00 = 21.70; used 18.00; left 3.70; granted 3.70 of 6.00";
    assert!(
        cut[0].explanation_en.contains(wanted),
        "{}",
        cut[0].explanation_en
    );
    // 24.00 asked, 21.70 used and granted, 2.30 released.
    assert_eq!(bank.credits(number), credits("24.00", "0.00", "21.70"));
}

#[test]
fn a_refused_request_releases_everything_and_keeps_its_reason() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-LOW"]);
    let low = bank
        .post(SCHOOL, outcome("CERT-A").student("S2").grade("65").build())
        .learner_no;
    let cohort = bank.request(&[number, low]);
    let decided = bank.decide(cohort.cohort_id);
    assert_eq!(decided.refused, 2);
    let reasons: Vec<_> = decided
        .requests
        .iter()
        .map(|r| r.lines[0].reason.unwrap())
        .collect();
    assert!(reasons.contains(&ReasonCode::NotInList) && reasons.contains(&ReasonCode::GradeTooLow));
    assert_eq!(bank.credits(number), credits("6.00", "0.00", "0.00"));
    // Refused against the rules, for a reason of the reviewer's own.
    let other = learner(&bank, "S3", &["CERT-A"]);
    let cohort = bank.request(&[other]);
    let order = DecisionOrder::Refuse {
        text: "证明材料不清晰".to_owned(),
    };
    let refused = bank.try_decide(cohort.cohort_id, &order).unwrap();
    assert_eq!(refused.requests[0].lines[0].reason, Some(ReasonCode::Other));
    assert!(
        refused.requests[0].lines[0]
            .explanation_zh
            .contains("证明材料不清晰")
    );
    assert_eq!(bank.credits(other), credits("6.00", "0.00", "0.00"));
}

#[test]
fn a_second_decision_is_refused_and_changes_nothing() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A"]);
    let cohort = bank.request(&[number]).cohort_id;
    let order = DecisionOrder::Refuse {
        text: "不符".to_owned(),
    };
    assert_eq!(bank.try_decide(cohort, &order).unwrap().refused, 1);
    let again = bank.try_decide(cohort, &DecisionOrder::AsTheRulesSay);
    assert!(matches!(&again, Err(LedgerError::Conflict(f)) if f.code == "ALREADY_DECIDED"));
    assert_eq!(bank.credits(number), credits("6.00", "0.00", "0.00"));
}

#[test]
fn deciding_at_the_same_moment_has_one_winner() {
    let bank = TestBank::start();
    for round in 0..10 {
        let number = learner(&bank, &format!("S{round}"), &["CERT-A"]);
        let cohort = bank.request(&[number]).cohort_id;
        let barrier = Barrier::new(2);
        let orders = [
            DecisionOrder::AsTheRulesSay,
            DecisionOrder::Refuse { text: "否".into() },
        ];
        let won: usize = std::thread::scope(|scope| {
            let deciders: Vec<_> = orders
                .iter()
                .map(|order| {
                    let (bank, barrier) = (&bank, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        usize::from(bank.try_decide(cohort, order).is_ok())
                    })
                })
                .collect();
            deciders
                .into_iter()
                .map(|decider| decider.join().unwrap())
                .sum()
        });
        assert_eq!(won, 1);
        let (available, held, used) = bank.credits(number);
        assert_eq!((available.as_str(), held.as_str()), ("6.00", "0.00"));
        assert!(used == "6.00" || used == "0.00");
    }
}

#[test]
fn a_lot_is_held_by_one_request_only() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A", "CERT-B"]);
    let barrier = Barrier::new(6);
    let made: usize = std::thread::scope(|scope| {
        let schools: Vec<_> = (0..6)
            .map(|_| {
                let (bank, barrier) = (&bank, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    bank.try_request(&[number]).unwrap().requests.len()
                })
            })
            .collect();
        schools
            .into_iter()
            .map(|school| school.join().unwrap())
            .sum()
    });
    assert_eq!(made, 1);
    assert_eq!(bank.credits(number), credits("0.00", "12.00", "0.00"));
}

#[test]
fn a_course_is_granted_once_and_a_used_lot_never_again() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A"]);
    let first = bank.decide(bank.request(&[number]).cohort_id);
    assert_eq!(first.granted, 1);
    let nothing_left = bank.request(&[number]);
    assert_eq!(
        nothing_left.rejected[0].fault.code,
        "NO_CONVERTIBLE_OUTCOMES"
    );
    // A learner who has the course from the university itself.
    let own = bank
        .post(RECEIVING, outcome("COURSE-B").student("R1").build())
        .learner_no;
    bank.post(SCHOOL, outcome("CERT-B").learner_no(own).build());
    let decided = bank.decide(bank.request(&[own]).cohort_id);
    let reason = decided.requests[0].lines[0].reason;
    assert_eq!(reason, Some(ReasonCode::CourseAlreadyConverted));
}

#[test]
fn the_cap_holds_over_several_requests_decided_at_the_same_moment() {
    let bank = TestBank::start();
    for round in 0..5 {
        let student = format!("S{round}");
        let mut cohorts = Vec::new();
        let mut number = None;
        for certificate in ["CERT-A", "CERT-B", "CERT-C", "CERT-D"] {
            let learner = learner(&bank, &student, &[certificate]);
            number = Some(learner);
            cohorts.push(bank.request(&[learner]).cohort_id);
        }
        let barrier = Barrier::new(cohorts.len());
        std::thread::scope(|scope| {
            for cohort in &cohorts {
                let (bank, barrier) = (&bank, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let _ = bank.decide(*cohort);
                });
            }
        });
        assert_eq!(
            bank.credits(number.unwrap()),
            credits("24.00", "0.00", "21.70")
        );
    }
}

#[test]
fn whoever_sent_a_request_may_not_decide_it() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A"]);
    let cohort = bank.request(&[number]).cohort_id;
    let requester = bank.actor(Role::SchoolOfficer, SCHOOL).client.unwrap();
    bank.database()
        .sql(&format!(
            "update conversion_requests set requested_by = '{}'",
            bank.actor(Role::Reviewer, RECEIVING).client.unwrap()
        ))
        .unwrap();
    let own = bank.try_decide(cohort, &DecisionOrder::AsTheRulesSay);
    assert!(matches!(&own, Err(LedgerError::Refused(f)) if f.code == "OWN_REQUEST"));
    bank.database()
        .sql(&format!(
            "update conversion_requests set requested_by = '{requester}'"
        ))
        .unwrap();
    assert_eq!(bank.decide(cohort).granted, 1);
}

#[test]
fn a_stranger_finds_no_request_and_decides_none() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A"]);
    let cohort = bank.request(&[number]);
    let request_id = cohort.requests[0].request_id;
    let seen_by = |actor: &Actor, subject: Subject| {
        let grant = authorize::<ReadConversion>(actor, subject).unwrap();
        reads::conversion_request(
            bank.ledger(),
            &grant,
            request_id,
            reads::Inquiry::at(bank.now()),
        )
        .map(|view| view.state)
    };
    let at = |institution: &str| {
        let subject = Subject::Institution(bank.institution(institution));
        seen_by(&bank.actor(Role::SchoolOfficer, institution), subject)
    };
    assert_eq!(at(SCHOOL).unwrap(), RequestState::Requested);
    assert_eq!(at(RECEIVING).unwrap(), RequestState::Requested);
    assert!(matches!(at(UNIVERSITY), Err(LedgerError::NotFound)));
    let learner_actor = |number| Actor {
        learner: Some(number),
        roles: vec![Role::Learner],
        ..Actor::default()
    };
    assert!(seen_by(&learner_actor(number), Subject::Learner(number)).is_ok());
    let other = learner(&bank, "S2", &["CERT-B"]);
    let foreign = seen_by(&learner_actor(other), Subject::Learner(other));
    assert!(matches!(foreign, Err(LedgerError::NotFound)));
    let grant = bank.grant(Role::Reviewer, UNIVERSITY);
    let render = |_: &reads::CohortView| unreachable!("nothing is decided");
    let claim = creditbank_ledger::IdempotencyClaim {
        client: bank.actor(Role::Reviewer, UNIVERSITY).client.unwrap(),
        route: "decide",
        key: "k".to_owned(),
        fingerprint: [1; 32],
    };
    let decided = creditbank_ledger::flows::decide_cohort_once(
        bank.ledger(),
        &grant,
        cohort.cohort_id,
        &DecisionOrder::AsTheRulesSay,
        &creditbank_ledger::Once {
            claim,
            render: &render,
        },
        bank.now(),
    );
    assert!(matches!(decided, Err(LedgerError::NotFound)));
}

#[test]
fn a_cohort_answers_for_each_learner() {
    let bank = TestBank::start();
    let known = learner(&bank, "S1", &["CERT-A"]);
    let elsewhere = bank
        .post(UNIVERSITY, outcome("MATH101").student("U1").build())
        .learner_no;
    let stranger = LearnerNo::from_random(99);
    let cohort = bank.request(&[known, stranger, elsewhere, known]);
    assert_eq!(cohort.requests.len(), 1);
    let rejected: Vec<_> = cohort
        .rejected
        .iter()
        .map(|one| (one.position, one.fault.code))
        .collect();
    assert_eq!(
        rejected,
        [
            (1, "NO_CONVERTIBLE_OUTCOMES"),
            (2, "NO_CONVERTIBLE_OUTCOMES"),
            (3, "LEARNER_TWICE"),
        ]
    );
}

#[test]
fn a_decision_stands_by_the_rules_it_was_asked_under() {
    let bank = TestBank::start();
    let number = learner(&bank, "S1", &["CERT-A"]);
    let cohort = bank.request(&[number]).cohort_id;
    // A stricter version comes into force before the decision.
    let mut stricter = kit::rule_set_of_the_world();
    for rule in &mut stricter.rules {
        rule.minimum_grade = "90.00".parse().unwrap();
    }
    stricter.valid_from = kit::day("2022-01-01");
    kit::put_in_force(bank.ledger(), &stricter.document(), bank.now());
    let decided = bank.decide(cohort);
    assert_eq!(
        (decided.granted, decided.requests[0].rule_set_version),
        (1, 1)
    );
    let later = learner(&bank, "S2", &["CERT-A"]);
    let decided = bank.decide(bank.request(&[later]).cohort_id);
    assert_eq!(
        (decided.refused, decided.requests[0].rule_set_version),
        (1, 2)
    );
}
