//! Decisions made again: replayed, rehearsed, asked what-if.

use creditbank_domain::authz::{Actor, Grant, ReadConversion, Subject, authorize};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::conversion::Fit;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    DecisionOrder, WhatIfOrder, draft_rule_set, rehearse_rule_set, replay_all, replay_decision,
    what_if,
};
use kit::{PROGRAMME, RECEIVING, SCHOOL, TestBank, grade, keeper, outcome};

use super::{RULES, bank, posted};

pub(super) fn everything() -> Grant<ReadConversion> {
    authorize(&Actor::operator(), Subject::Bank).unwrap()
}

fn decided(bank: &TestBank, student: &str, codes: &[&str]) -> creditbank_domain::ids::RequestId {
    let number = posted(bank, student, codes);
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    decided.requests[0].request_id
}

#[test]
fn a_decision_replayed_says_the_same_word_for_word_whatever_came_after_it() {
    let bank = bank();
    let report = outcome("PART-1").student("S1").source("first").build();
    bank.post(SCHOOL, report);
    let request = decided(&bank, "S1", &["PART-2", "SENIOR", "SAFETY"]);
    // Later the facts are others, the rules are others, and the conversion is another.
    bank.correct(SCHOOL, "first", grade("59"));
    let other = RULES
        .replace("2022-01-01", "2023-01-01")
        .replace("percent: 35", "percent: 10");
    kit::put_in_force(bank.ledger(), &kit::document(&other).unwrap(), bank.now());
    assert_ne!(
        bank.request_seen(request)
            .lines
            .iter()
            .map(|it| it.granted)
            .max(),
        None
    );
    let replay = replay_decision(bank.ledger(), &everything(), request).unwrap();
    assert_eq!(replay.decided, replay.again);
    assert_eq!(replay.decided.len(), 5);
    let (count, differing) = replay_all(bank.ledger(), &everything()).unwrap();
    assert_eq!((count, differing.len()), (1, 0));
}

#[test]
fn what_was_refused_by_hand_or_is_still_open_has_nothing_to_replay() {
    let bank = bank();
    let number = posted(&bank, "S1", &["SENIOR"]);
    let asked = bank.request(&[number]);
    let request = asked.requests[0].request_id;
    let none = || replay_decision(bank.ledger(), &everything(), request);
    assert!(matches!(none(), Err(LedgerError::NotFound)));
    let by_hand = DecisionOrder::Refuse {
        text: "材料不齐".to_owned(),
    };
    bank.try_decide(asked.cohort_id, &by_hand).unwrap();
    assert!(matches!(none(), Err(LedgerError::NotFound)));
}

#[test]
fn a_draft_put_to_past_requests_says_which_it_would_change_and_by_how_much() {
    let bank = bank();
    let changed = decided(&bank, "S1", &["SENIOR"]);
    decided(&bank, "S2", &["SAFETY"]);
    let draft = RULES
        .replace("2022-01-01", "2023-01-01")
        .replace("most: {credits: 8}", "most: {credits: 7}");
    let draft = kit::document(&draft).unwrap();
    let id = draft_rule_set(bank.ledger(), &keeper(), &draft, "p", bank.now());
    let id = id.unwrap().unwrap();
    let rehearsal = rehearse_rule_set(bank.ledger(), &keeper(), id, None).unwrap();
    assert_eq!((rehearsal.requests, rehearsal.changed), (2, 1));
    assert_eq!(
        (
            rehearsal.granted_before.to_string(),
            rehearsal.granted_now.to_string()
        ),
        ("10.50".into(), "9.50".into())
    );
    let one = &rehearsal.told[0];
    assert_eq!(one.request_id, changed);
    assert!(one.learner.ends_with("-****-****"), "{}", one.learner);
    assert_eq!(
        (
            one.changes.total_before.to_string(),
            one.changes.total_now.to_string()
        ),
        ("8.00".into(), "7.00".into())
    );
    let later = Some(kit::day("2099-01-01"));
    let none = rehearse_rule_set(bank.ledger(), &keeper(), id, later).unwrap();
    assert_eq!((none.requests, none.changed), (0, 0));
}

#[test]
fn what_if_says_what_a_request_then_gets_and_holds_nothing() {
    let bank = bank();
    let number = posted(&bank, "S1", &["SENIOR", "PART-1"]);
    let (own, today) = (bank.own_account(number), bank_day(bank.now()));
    let ask = |order: &WhatIfOrder| what_if(bank.ledger(), &own, order, today);
    let outlook = &ask(&WhatIfOrder::default()).unwrap()[0];
    assert_eq!(outlook.programme_code, PROGRAMME);
    assert_eq!(outlook.outlook.fit, Fit::Maybe);
    let missing: Vec<&str> = outlook
        .outlook
        .missing
        .iter()
        .map(|it| it.title.as_str())
        .collect();
    assert_eq!(missing, ["安全教育", "综合实践"]);
    assert_eq!(bank.credits(number).1, "0.00", "nothing is held");
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    let lines = decided.requests[0].lines.iter();
    let granted: Vec<_> = lines.map(|it| (it.outcome_id, it.granted)).collect();
    let foreseen = outlook.outlook.decision.lines.iter();
    let foreseen: Vec<_> = foreseen.map(|it| (it.outcome_id, it.granted)).collect();
    assert_eq!(granted, foreseen);
    let nowhere = WhatIfOrder {
        institution: Some(InstitutionCode::new(RECEIVING).unwrap()),
        programme: Some("P9".to_owned()),
    };
    assert!(matches!(ask(&nowhere), Err(LedgerError::NotFound)));
}
