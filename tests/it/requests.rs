//! Conversion requests on their way: stages, turns, clocks, answers, appeals.

mod clocks;
mod drafts;
mod figures;
mod grounds;
mod learners;
mod many;
mod parts;

use std::collections::BTreeMap;

use chrono::{Days, TimeDelta};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Actor, KeepRegister, ReadConversion, Subject, authorize};
use creditbank_domain::calendar::{WorkCalendar, bank_day, first_moment};
use creditbank_domain::process::{Mark, Party};
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    self, ApplicantStep, CheckOrder, DecisionOrder, Delegation, NotAccepted,
};
use creditbank_ledger::reads::{RequestState, RequestView};
use kit::{SCHOOL, TestBank, code_of, hand, keeper, outcome, stage, together};

const RULES: DecisionOrder = DecisionOrder::AsTheRulesSay;

fn ask(text: &str) -> DecisionOrder {
    DecisionOrder::Ask { text: text.into() }
}

fn refuse() -> DecisionOrder {
    DecisionOrder::Refuse {
        text: "材料不全".into(),
    }
}

/// The bank's check, two of the office, a leader.
fn three_stages(bank: &TestBank) {
    let stages = vec![
        (stage(Party::Bank, 1, 5), vec![]),
        (stage(Party::Receiving, 2, 15), vec![]),
        (stage(Party::Receiving, 1, 3), vec![hand(50), hand(51)]),
    ];
    assert!(bank.try_chain(bank_day(bank.now()), stages).unwrap());
}

/// A learner with a certificate, and the school's request for it.
fn request(bank: &TestBank, student: &str, certificates: &[&str]) -> RequestView {
    let mut number = None;
    for certificate in certificates {
        let report = outcome(certificate).student(student).build();
        number = Some(bank.post(SCHOOL, report).learner_no);
    }
    let mut cohort = bank.request(&[number.unwrap()]);
    cohort.requests.remove(0)
}

#[test]
fn a_certain_request_passes_the_banks_check_and_walks_two_stages_of_different_people() {
    let bank = TestBank::start();
    three_stages(&bank);
    let sent = request(&bank, "S1", &["CERT-A"]);
    let way = &sent.way;
    assert_eq!((way.stage_no, way.stages, way.version), (2, 3, 1));
    assert_eq!(
        (way.party.as_str(), way.turn.as_str()),
        ("receiving", "reviewers")
    );
    assert!(way.marks.is_empty() && way.due_on.is_some());
    let say =
        |who, order: &DecisionOrder| bank.say(who, (sent.request_id, None), order, bank.now());
    assert_eq!(say(2, &RULES).unwrap().way.stage_no, 2);
    assert_eq!(code_of(&say(2, &RULES)), "SPOKE_ALREADY");
    let passed = say(3, &RULES).unwrap();
    assert_eq!(
        (passed.way.stage_no, passed.state),
        (3, RequestState::Requested)
    );
    // Who spoke before, and who is not named, is no leader.
    assert_eq!(code_of(&say(3, &RULES)), "NOT_A_REVIEWER");
    let decided = say(50, &RULES).unwrap();
    assert_eq!(decided.state, RequestState::Granted);
    assert_eq!(
        (decided.way.turn.as_str(), decided.way.version),
        ("nobody", 4)
    );
    assert_eq!(code_of(&say(51, &RULES)), "ALREADY_DECIDED");
    let kinds: Vec<&str> = decided
        .way
        .steps
        .iter()
        .map(|step| step.kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        ["sent", "approved", "approved", "approved", "approved"]
    );
    let told = "select string_agg(kind, ' ' order by notice_id) from notices";
    assert_eq!(
        bank.database().sql(told).unwrap().trim(),
        "request_sent request_moved_on request_moved_on request_decided"
    );
}

#[test]
fn what_the_rules_are_not_certain_of_waits_for_the_bank_which_refuses_nothing() {
    let bank = TestBank::start();
    three_stages(&bank);
    let sent = request(&bank, "S1", &["CERT-LOW"]);
    assert_eq!(sent.way.marks, [Mark::NothingGranted]);
    assert_eq!((sent.way.stage_no, sent.way.party.as_str()), (1, "bank"));
    let early = bank.say(2, (sent.request_id, None), &RULES, bank.now());
    assert_eq!(code_of(&early), "NOT_THIS_STAGE");
    let missing = CheckOrder::Ask {
        text: "请说明专业".into(),
    };
    let asked = bank.check(sent.request_id, &missing, bank.now()).unwrap();
    assert_eq!(
        (asked.way.turn.as_str(), asked.way.due_on),
        ("applicant", None)
    );
    let twice = bank.check(sent.request_id, &CheckOrder::Pass, bank.now());
    assert_eq!(code_of(&twice), "SUPPLEMENT_AWAITED");
    let answer = ApplicantStep::Answer {
        text: "机电".into(),
        evidence: Vec::new(),
    };
    bank.applicant(sent.request_id, &answer, bank.now())
        .unwrap();
    let again = bank.applicant(sent.request_id, &answer, bank.now());
    assert_eq!(code_of(&again), "NOTHING_ASKED");
    let passed = bank
        .check(sent.request_id, &CheckOrder::Pass, bank.now())
        .unwrap();
    assert_eq!(passed.way.stage_no, 2);
    let late = bank.check(sent.request_id, &CheckOrder::Pass, bank.now());
    assert_eq!(code_of(&late), "NOT_THIS_STAGE");
}

#[test]
fn what_a_reviewer_does_not_accept_is_refused_in_those_words_and_replays_so() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A", "CERT-B", "CERT-C", "CERT-D"]);
    let out = sent.lines[0].outcome_id;
    let bar = |reason| {
        DecisionOrder::Without(vec![NotAccepted {
            outcome_id: out,
            accepted: Hundredths::ZERO,
            reason,
            text: "证书编号不符".into(),
        }])
    };
    let say = |order: &DecisionOrder| bank.say(2, (sent.request_id, None), order, bank.now());
    // A person does not say what the rules have to find.
    let ruled = say(&bar(ReasonCode::CapProgramme));
    assert_eq!(code_of(&ruled), "REASON_NOT_FOR_REVIEWERS");
    let decided = say(&bar(ReasonCode::EvidenceMismatch)).unwrap();
    let line = { decided.lines.iter() }
        .find(|line| line.outcome_id == out)
        .unwrap();
    assert_eq!(line.reason, Some(ReasonCode::EvidenceMismatch));
    assert!(line.explanation_zh.contains("证书编号不符") && line.granted.is_zero());
    // The other three fit under the cap that the four did not: nothing of them is cut.
    let others: Vec<_> = { decided.lines.iter() }
        .filter(|it| it.outcome_id != out)
        .collect();
    assert!(
        others.iter().all(|line| line.verdict == "granted"),
        "{others:#?}"
    );
    assert_eq!(decided.state, RequestState::Partly);
    let whole = authorize::<ReadConversion>(&Actor::operator(), Subject::Bank).unwrap();
    let replayed = flows::replay_decision(bank.ledger(), &whole, sent.request_id).unwrap();
    assert_eq!(replayed.decided, replayed.again);
}

#[test]
fn a_question_stops_the_clock_and_silence_releases_what_was_held() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A"]);
    let asked = bank
        .say(2, (sent.request_id, None), &ask("请补交证书"), bank.now())
        .unwrap();
    assert_eq!(
        (asked.way.turn.as_str(), asked.way.due_on),
        ("applicant", None)
    );
    let until = bank_day(asked.hold_expires_at);
    assert_eq!(
        Some(until),
        WorkCalendar::default().after(bank_day(bank.now()), 10)
    );
    let keeper = authorize::<KeepRegister>(&Actor::operator(), Subject::Bank).unwrap();
    let after = asked.hold_expires_at + TimeDelta::seconds(1);
    assert_eq!(
        flows::keep_house(bank.ledger(), &keeper, after)
            .unwrap()
            .lapsed,
        1
    );
    let learner = sent.learner_no;
    assert_eq!(
        bank.credits(learner),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
    let reasons = "select distinct reason from conversion_lines where stage = 'decision'";
    assert_eq!(
        bank.database().sql(reasons).unwrap().trim(),
        "EVIDENCE_MISSING"
    );
}

#[test]
fn a_request_that_is_taken_back_holds_nothing_and_stays_so() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A"]);
    let withdraw = ApplicantStep::Withdraw {
        text: "报错专业".into(),
    };
    let back = bank
        .applicant(sent.request_id, &withdraw, bank.now())
        .unwrap();
    assert_eq!(back.state, RequestState::Withdrawn);
    assert_eq!(back.lines[0].reason, Some(ReasonCode::RequestWithdrawn));
    let learner = sent.learner_no;
    assert_eq!(
        bank.credits(learner),
        ("6.00".into(), "0.00".into(), "0.00".into())
    );
    for answer in [
        code_of(&bank.applicant(sent.request_id, &withdraw, bank.now())),
        code_of(&bank.say(2, (sent.request_id, None), &RULES, bank.now())),
    ] {
        assert_eq!(answer, "ALREADY_DECIDED");
    }
    let appeal = bank.appeal(sent.request_id, bank.now());
    assert_eq!(code_of(&appeal), "NOTHING_TO_APPEAL");
    // Asked again it is a request of its own.
    let again = bank.request(&[learner]);
    assert_eq!(bank.decide(again.cohort_id).granted, 1);
}

#[test]
fn one_appeal_within_ten_working_days_goes_to_other_people() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A", "CERT-LOW"]);
    let now = bank.now();
    assert_eq!(
        code_of(&bank.appeal(sent.request_id, now)),
        "NOTHING_TO_APPEAL"
    );
    bank.say(2, (sent.request_id, None), &refuse(), now)
        .unwrap();
    let tenth = WorkCalendar::default().after(bank_day(now), 10).unwrap();
    let (last, late) = (first_moment(tenth), first_moment(tenth + Days::new(1)));
    let appeal = |now| bank.appeal(sent.request_id, now);
    assert_eq!(code_of(&appeal(late)), "APPEAL_TOO_LATE");
    let appeal = bank.appeal(sent.request_id, last).unwrap();
    assert_eq!(appeal.way.appeals, Some(sent.request_id));
    assert_eq!(appeal.lines.len(), 2);
    assert_eq!(
        code_of(&bank.appeal(sent.request_id, last)),
        "APPEALED_ALREADY"
    );
    let again = bank.say(2, (appeal.request_id, None), &RULES, last);
    assert_eq!(code_of(&again), "OWN_REQUEST");
    let decided = bank
        .say(3, (appeal.request_id, None), &RULES, last)
        .unwrap();
    assert_eq!(decided.state, RequestState::Partly);
    // 6.00 of what no rule lists, and 6.00 granted for the other.
    assert_eq!(bank.credits(sent.learner_no).0, "12.00");
    assert_eq!(
        code_of(&bank.appeal(appeal.request_id, last)),
        "APPEAL_ONCE"
    );
}

#[test]
fn whoever_stands_in_speaks_for_the_absent_and_not_beside_them() {
    let bank = TestBank::start();
    three_stages(&bank);
    let sent = request(&bank, "S1", &["CERT-A"]);
    let say = |who| bank.say(who, (sent.request_id, None), &RULES, bank.now());
    say(2).unwrap();
    say(3).unwrap();
    assert_eq!(code_of(&say(4)), "NOT_A_REVIEWER");
    let today = bank_day(bank.now());
    let stands_in = |absent, delegate| {
        let order = Delegation {
            institution: Some(
                creditbank_domain::text::InstitutionCode::new(kit::RECEIVING).unwrap(),
            ),
            absent: hand(absent),
            delegate: hand(delegate),
            valid_from: today,
            valid_to: today,
        };
        flows::delegate_reviews(bank.ledger(), &keeper(), &order, bank.now())
    };
    assert_eq!(code_of(&stands_in(50, 50)), "DELEGATION");
    // One who spoke at the stage before does not stand in at this one.
    stands_in(50, 2).unwrap();
    assert_eq!(code_of(&say(2)), "SPOKE_ALREADY");
    stands_in(50, 4).unwrap();
    let tomorrow = bank.now() + Days::new(1);
    let late = bank.say(4, (sent.request_id, None), &RULES, tomorrow);
    assert_eq!(code_of(&late), "NOT_A_REVIEWER");
    assert_eq!(say(4).unwrap().state, RequestState::Granted);
}

#[test]
fn an_older_version_changes_nothing_and_sixteen_reviewers_decide_once() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A"]);
    bank.say(2, (sent.request_id, Some(0)), &ask("请补交"), bank.now())
        .unwrap();
    let answer = ApplicantStep::Answer {
        text: "已补".into(),
        evidence: Vec::new(),
    };
    bank.applicant(sent.request_id, &answer, bank.now())
        .unwrap();
    let stale = bank.say(3, (sent.request_id, Some(0)), &refuse(), bank.now());
    assert!(
        matches!(stale, Err(LedgerError::Stale { seen: 0, now: 2 })),
        "{stale:?}"
    );
    let codes = together(|n| {
        let who = 100 + u128::try_from(n).unwrap();
        code_of(&bank.say(who, (sent.request_id, None), &RULES, bank.now()))
    });
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for code in codes {
        *counts.entry(code).or_default() += 1;
    }
    assert_eq!(counts, BTreeMap::from([("ok", 1), ("ALREADY_DECIDED", 15)]));
    assert_eq!(bank.credits(sent.learner_no).2, "6.00");
}
