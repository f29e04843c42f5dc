//! Learners who ask and appeal themselves.

use creditbank_ledger::flows::{self, AppealOrder, ApplicantStep};
use creditbank_ledger::reads::RequestState;
use kit::{SCHOOL, TestBank, UNIVERSITY, code_of, once, order_for, outcome};

use super::{RULES, ask, refuse};

fn withdraw() -> ApplicantStep {
    ApplicantStep::Withdraw {
        text: "不再需要".into(),
    }
}

/// Two institutions posted for the learner; what no rule names is neither asked for nor held.
#[test]
fn a_learner_asks_for_what_some_rule_names_of_all_that_is_the_own() {
    let bank = TestBank::start();
    let learner = bank
        .post(SCHOOL, outcome("CERT-A").student("S1").build())
        .learner_no;
    bank.post(SCHOOL, outcome("CERT-LOW").student("S1").build());
    let who = bank.learner_asks(learner);
    let asked = bank.ask_as(&who, &order_for(&[learner])).unwrap();
    let sent = &asked.requests[0];
    assert_eq!((sent.requesting.as_deref(), sent.lines.len()), (None, 1));
    assert_eq!(
        bank.credits(learner),
        ("6.00".into(), "6.00".into(), "0.00".into())
    );
    let question = bank.say(2, (sent.request_id, None), &ask("请补交证书"), bank.now());
    assert_eq!(question.unwrap().way.turn, "applicant");
    let answer = ApplicantStep::Answer {
        evidence: Vec::new(),
        text: "已补交".into(),
    };
    bank.step_as(&who, sent.request_id, &answer).unwrap();
    let decided = bank
        .say(2, (sent.request_id, None), &RULES, bank.now())
        .unwrap();
    assert_eq!(decided.state, RequestState::Granted);
}

#[test]
fn a_learner_asks_for_nobody_else_and_finds_no_foreign_request() {
    let bank = TestBank::start();
    let own = bank
        .post(SCHOOL, outcome("CERT-A").student("S1").build())
        .learner_no;
    let other = bank
        .post(SCHOOL, outcome("CERT-A").student("S2").build())
        .learner_no;
    let (who, stranger) = (bank.learner_asks(own), bank.learner_asks(other));
    for foreign in [vec![other], vec![own, other]] {
        let asked = bank.ask_as(&who, &order_for(&foreign));
        assert_eq!(code_of(&asked), "NOT_FOUND");
    }
    let sent = bank
        .ask_as(&who, &order_for(&[own]))
        .unwrap()
        .requests
        .remove(0);
    let id = sent.request_id;
    assert_eq!(
        code_of(&bank.step_as(&stranger, id, &withdraw())),
        "NOT_FOUND"
    );
    assert_eq!(
        code_of(&bank.step_as(&bank.school_asks(), id, &withdraw())),
        "NOT_FOUND"
    );
    assert_eq!(code_of(&bank.resubmit_as(&stranger, id)), "NOT_FOUND");
    // The lots are held: the school has nothing left to ask for.
    assert!(bank.request(&[own]).requests.is_empty());
    let back = bank.step_as(&who, id, &withdraw()).unwrap();
    assert_eq!(back.state, RequestState::Withdrawn);
    assert_eq!(
        bank.credits(own),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
}

#[test]
fn what_a_school_sent_the_learner_appeals_against_and_does_not_take_back() {
    let bank = TestBank::start();
    let learner = bank
        .post(SCHOOL, outcome("CERT-A").student("S1").build())
        .learner_no;
    bank.post(UNIVERSITY, outcome("MATH101").student("S1").build());
    let sent = bank.request(&[learner]).requests.remove(0);
    let who = bank.learner_asks(learner);
    let id = sent.request_id;
    assert_eq!(
        code_of(&bank.step_as(&who, id, &withdraw())),
        "ASKED_BY_SCHOOL"
    );
    bank.say(2, (id, None), &refuse(), bank.now()).unwrap();
    assert_eq!(code_of(&bank.resubmit_as(&who, id)), "ASKED_BY_SCHOOL");
    let order = AppealOrder {
        text: "原件在此".into(),
    };
    let now = bank.now();
    let appeal =
        |who| once(|it| flows::appeal_request_once(bank.ledger(), who, id, &order, it, now));
    let appeal_sent = appeal(&who).unwrap();
    assert_eq!(appeal_sent.way.appeals, Some(id));
    assert_eq!(code_of(&appeal(&bank.school_asks())), "APPEALED_ALREADY");
    let decided = bank
        .say(3, (appeal_sent.request_id, None), &RULES, now)
        .unwrap();
    assert_eq!(decided.state, RequestState::Granted);
}
