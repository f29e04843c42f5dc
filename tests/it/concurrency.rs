//! Many at once on one key, one source reference, one lot, and in orders that invite deadlocks:
//! one wins, the others get their code, and no deadlock or lost race ever reaches a caller.

use std::collections::BTreeMap;
use std::sync::Barrier;

use creditbank_domain::amount::Unit;
use creditbank_domain::authz::{
    Actor, DecideConversion, Grant, KeepRegister, PostOutcomes, RequestConversion, Role, Subject,
    authorize,
};
use creditbank_domain::correction::{Change, Corrected};
use creditbank_domain::ids::ClientId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::{LearnerRef, ReportedOutcome};
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{
    ConversionOrder, DecisionOrder, OrderedLearner, PostAnswer, decide_cohort_once, keep_house,
    post_outcomes_once, request_conversion_once,
};
use creditbank_ledger::reads::CohortView;
use creditbank_ledger::{Answered, IdempotencyClaim, LedgerError, Once, StoredAnswer};
use kit::{
    PROGRAMME, RECEIVING, SCHOOL, THREADS, TestBank, UNIVERSITY, code_of, codes_together, grade,
    outcome, together,
};
use serde_json::json;
use uuid::Uuid;

/// Runs a flow under a key that several use.
fn under_key<T>(
    body: u8,
    render: impl Fn(&T) -> StoredAnswer + Sync,
    run: impl FnOnce(&Once<'_, T>) -> Result<Answered, LedgerError>,
) -> Result<Answered, LedgerError> {
    let claim = IdempotencyClaim {
        client: ClientId::from_uuid(Uuid::nil()),
        route: "one key",
        key: "k-1".to_owned(),
        fingerprint: [body; 32],
    };
    run(&Once {
        claim,
        render: &render,
    })
}

fn created(body: serde_json::Value) -> StoredAnswer {
    StoredAnswer { status: 201, body }
}

fn said_posted(answers: &[PostAnswer]) -> StoredAnswer {
    let ids = answers.iter().map(|answer| match answer {
        PostAnswer::Posted(outcome) => outcome.outcome_id.to_string(),
        other => panic!("{other:?}"),
    });
    created(json!(ids.collect::<Vec<_>>()))
}

/// One did it, the others heard the same.
fn assert_one_answer(answers: Vec<Result<Answered, LedgerError>>) {
    let answers: Vec<Answered> = answers.into_iter().map(|answer| answer.unwrap()).collect();
    assert_eq!(answers.iter().filter(|one| !one.replayed).count(), 1);
    assert!(answers.iter().all(|one| one.answer == answers[0].answer));
}

fn rows(bank: &TestBank, table: &str) -> String {
    let counted = bank
        .database()
        .sql(&format!("select count(*) from {table}"));
    counted.unwrap().trim().to_owned()
}

#[test]
fn one_key_posts_once_and_tells_everyone_the_same() {
    let bank = TestBank::start();
    let reports: Vec<ReportedOutcome> = (0..20)
        .map(|n| outcome("MATH101").student(&format!("S{n}")).build())
        .collect();
    let grant: Grant<PostOutcomes> = bank.grant(Role::Registrar, UNIVERSITY);
    assert_one_answer(together(|_| {
        under_key(
            1,
            |answers: &Vec<_>| said_posted(answers),
            |once| post_outcomes_once(bank.ledger(), &grant, &reports, once, bank.now()),
        )
    }));
    assert_eq!(
        (rows(&bank, "outcomes"), rows(&bank, "transfers")),
        ("20".into(), "20".into())
    );
}

/// Whoever asks again keeps no connection busy until the first one is done.
#[test]
fn while_the_first_request_is_at_work_its_key_is_in_use() {
    let bank = TestBank::start();
    let grant: Grant<PostOutcomes> = bank.grant(Role::Registrar, UNIVERSITY);
    let reports = [outcome("MATH101").student("S1").build()];
    let (begun, done) = (Barrier::new(2), Barrier::new(2));
    let post = |render: &(dyn Fn(&Vec<PostAnswer>) -> StoredAnswer + Sync)| {
        under_key(1, render, |once| {
            post_outcomes_once(bank.ledger(), &grant, &reports, once, bank.now())
        })
    };
    let first = std::thread::scope(|scope| {
        let slow = scope.spawn(|| {
            post(&|answers| {
                begun.wait();
                done.wait();
                said_posted(answers)
            })
        });
        begun.wait();
        let second = post(&|_| panic!("it is done once"));
        done.wait();
        assert_eq!(code_of(&second), "IDEMPOTENCY_KEY_IN_USE");
        slow.join().unwrap().unwrap()
    });
    let again = post(&|_| panic!("it is done once")).unwrap();
    assert!(!first.replayed && again.replayed);
    assert_eq!(again.answer, first.answer);
    assert_eq!(rows(&bank, "outcomes"), "1");
}

#[test]
fn one_key_with_two_bodies_does_one_of_them_and_refuses_the_other() {
    let bank = TestBank::start();
    let grant: Grant<PostOutcomes> = bank.grant(Role::Registrar, UNIVERSITY);
    let answers = together(|n| {
        let which = u8::from(n % 2 == 1);
        let report = outcome("MATH101").student(&format!("S{which}")).build();
        under_key(
            which,
            |answers: &Vec<_>| said_posted(answers),
            |once| post_outcomes_once(bank.ledger(), &grant, &[report], once, bank.now()),
        )
    });
    let (even, odd): (Vec<_>, Vec<_>) = (0..).zip(answers).partition(|(n, _)| n % 2 == 0);
    let refused = |side: &[(i32, Result<Answered, LedgerError>)]| {
        side.iter()
            .filter(|(_, answer)| code_of(answer) == "IDEMPOTENCY_KEY_REUSED")
            .count()
    };
    let (won, lost) = if refused(&even) == 0 {
        (even, odd)
    } else {
        (odd, even)
    };
    assert_eq!(refused(&lost), THREADS / 2);
    assert_one_answer(won.into_iter().map(|(_, answer)| answer).collect());
    assert_eq!(rows(&bank, "outcomes"), "1");
    assert_eq!(rows(&bank, "learners"), "1");
}

/// The school asks for learners in the order in which they stand here.
fn order(learners: &[LearnerNo]) -> ConversionOrder {
    ConversionOrder {
        receiving: InstitutionCode::new(RECEIVING).unwrap(),
        programme: PROGRAMME.to_owned(),
        rule_set: None,
        learners: learners
            .iter()
            .map(|number| OrderedLearner {
                learner: LearnerRef::Number(*number),
                outcomes: Vec::new(),
            })
            .collect(),
        basis: None,
    }
}

#[test]
fn one_key_requests_once_and_decides_once() {
    let bank = TestBank::start();
    let learners: Vec<LearnerNo> = (0..4)
        .map(|n| {
            let report = outcome("CERT-A").student(&format!("S{n}"));
            bank.post(SCHOOL, report.build()).learner_no
        })
        .collect();
    let say = |view: &CohortView| created(json!([view.cohort_id, view.granted]));
    let asks: Grant<RequestConversion> = bank.grant(Role::SchoolOfficer, SCHOOL);
    let answers = together(|_| {
        under_key(1, say, |once| {
            request_conversion_once(bank.ledger(), &asks, &order(&learners), once, bank.now())
        })
    });
    assert_eq!(rows(&bank, "conversion_requests"), "4");
    let cohort = answers[0].as_ref().unwrap().answer.body[0].clone();
    assert_one_answer(answers);
    let cohort = serde_json::from_value(cohort).unwrap();
    let decides: Grant<DecideConversion> = bank.grant(Role::Reviewer, RECEIVING);
    let by_rules = DecisionOrder::AsTheRulesSay;
    let answers = together(|_| {
        under_key(2, say, |once| {
            let once = Once {
                claim: IdempotencyClaim {
                    route: "another",
                    ..once.claim.clone()
                },
                render: once.render,
            };
            decide_cohort_once(
                bank.ledger(),
                &decides,
                cohort,
                &by_rules,
                &once,
                bank.now(),
            )
        })
    });
    assert_eq!(answers[0].as_ref().unwrap().answer.body[1], 4);
    assert_one_answer(answers);
}

#[test]
fn one_source_reference_with_many_contents_is_one_outcome() {
    let bank = TestBank::start();
    for round in 0..10 {
        let source = format!("s-{round}");
        let answers = together(|n| {
            let report = outcome("MATH101")
                .source(&source)
                .student(&format!("S{round}"))
                .grade(&(60 + n).to_string());
            bank.try_post(UNIVERSITY, &[report.build()])
                .unwrap()
                .remove(0)
        });
        let mut counts = BTreeMap::new();
        for answer in &answers {
            let what = match answer {
                PostAnswer::Posted(_) => "posted",
                PostAnswer::AlreadyPosted(_) => "already posted",
                PostAnswer::Rejected(fault) => fault.code,
            };
            *counts.entry(what).or_insert(0) += 1;
        }
        assert_eq!(
            counts,
            BTreeMap::from([("posted", 1), ("SOURCE_REF_CONFLICT", THREADS - 1)])
        );
    }
    assert_eq!(rows(&bank, "outcomes"), "10");
}

#[test]
fn requests_and_holds_of_one_lot_share_it_and_never_exceed_it() {
    for _ in 0..5 {
        let bank = TestBank::start();
        let posted = bank.post(SCHOOL, outcome("CERT-A").build());
        let (learner, lot) = (posted.learner_no, posted.lots[0].lot_id);
        let answers = together(|n| {
            if n % 2 == 0 {
                let asked = bank.try_request(&[learner]).unwrap();
                asked.requests.first().map(|request| {
                    let held = request.lines[0].requested;
                    (held, Some(asked.cohort_id), None)
                })
            } else {
                match bank.try_hold(SCHOOL, learner, lot, "1.00") {
                    Ok(hold) => Some((kit::hundredths("1.00"), None, Some(hold))),
                    refused => {
                        assert_eq!(code_of(&refused), "NOT_AS_MUCH");
                        None
                    }
                }
            }
        });
        let won: Vec<_> = answers.into_iter().flatten().collect();
        let held: i64 = won.iter().map(|(amount, ..)| amount.get()).sum();
        let balance = bank.balance(learner, Unit::Credit);
        assert_eq!((balance.held.get(), balance.available.get()), (held, 0));
        assert_eq!(held, 600, "everything was wanted, so everything is held");
        assert!(won.iter().filter(|(_, cohort, _)| cohort.is_some()).count() <= 1);
        // Now all of it is decided, settled and released at once.
        let codes = codes_together(|n| match won.get(n / 2) {
            Some((_, Some(cohort), _)) => bank
                .try_decide(*cohort, &DecisionOrder::AsTheRulesSay)
                .map(|_| ()),
            Some((_, _, Some(hold))) if n % 2 == 0 => {
                bank.try_settle(SCHOOL, learner, *hold, "0.60")
            }
            Some((_, _, Some(hold))) => bank.try_release(SCHOOL, learner, *hold).map(|_| ()),
            _ => Ok(()),
        });
        let known = ["ok", "ALREADY_DECIDED", "NOT_AS_MUCH"];
        assert!(codes.keys().all(|code| known.contains(code)), "{codes:?}");
    }
}

#[test]
fn batches_cohorts_and_corrections_in_opposite_orders_meet_no_deadlock() {
    let bank = TestBank::start();
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank).unwrap();
    for round in 0..4 {
        let student = |n: usize| format!("R{round}S{n}");
        let learners: Vec<LearnerNo> = (0..12)
            .map(|n| {
                let report = outcome("CERT-A")
                    .student(&student(n))
                    .source(&format!("r{round}-{n}"));
                bank.post(SCHOOL, report.build()).learner_no
            })
            .collect();
        let reversed: Vec<LearnerNo> = learners.iter().rev().copied().collect();
        let batch = |code: &str, forth: bool| {
            let mut all: Vec<ReportedOutcome> = (0..12)
                .map(|n| outcome(code).student(&student(n)).build())
                .collect();
            if !forth {
                all.reverse();
            }
            all
        };
        let cohort = bank.request(&learners[..6]).cohort_id;
        let to = |n: usize| {
            Change::Correct(Corrected {
                learner: Some(LearnerRef::Number(learners[n])),
                ..Corrected::default()
            })
        };
        let source = |n: usize| format!("r{round}-{n}");
        let codes = codes_together(|n| match n {
            0 | 1 => bank
                .try_post(SCHOOL, &batch("CERT-B", n == 0))
                .map(|_| "posted"),
            2 | 3 => bank
                .try_post(SCHOOL, &batch("CERT-C", n == 2))
                .map(|_| "posted"),
            4 => bank.try_request(&learners[3..]).map(|_| "requested"),
            5 => bank.try_request(&reversed[3..]).map(|_| "requested"),
            6 | 7 => bank
                .try_decide(cohort, &DecisionOrder::AsTheRulesSay)
                .map(|_| "decided"),
            // To each other's learner, in both directions.
            8..12 => {
                let (from, heir) = [(0, 11), (11, 0), (1, 10), (10, 1)][n - 8];
                bank.try_change(SCHOOL, &source(from), to(heir))
                    .map(|_| "corrected")
            }
            12 => bank
                .try_change(SCHOOL, &source(5), Change::Withdraw)
                .map(|_| "withdrawn"),
            13 => bank
                .try_change(SCHOOL, &source(4), Change::Correct(grade("65")))
                .map(|_| "corrected"),
            14 => Ok(bank.expire_at(bank.now())).map(|_| "expired"),
            _ => keep_house(bank.ledger(), &keeper, bank.now()).map(|_| "kept"),
        });
        let known = ["ok", "ALREADY_DECIDED"];
        assert!(codes.keys().all(|code| known.contains(code)), "{codes:?}");
        assert_eq!(codes["ok"], THREADS - 1, "one of two decisions came second");
    }
}
