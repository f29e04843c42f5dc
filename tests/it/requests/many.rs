//! Many requests decided by one call.

use std::time::Instant;

use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::RequestId;
use creditbank_domain::process::Party;
use creditbank_ledger::flows::Chosen;
use creditbank_ledger::reads::{RequestState, RequestView};
use kit::{SCHOOL, TestBank, code_of, codes_together, hand, outcome, stage};

use super::{RULES, ask, refuse, request};

fn listed(requests: &[&RequestView]) -> Chosen {
    Chosen::These(requests.iter().map(|it| (it.request_id, None)).collect())
}

/// Of two cohorts one call takes what it can; each of the others says why, and first.
#[test]
fn what_cannot_be_decided_is_told_first_and_keeps_nothing_else_from_it() {
    let bank = TestBank::start();
    let certain = request(&bank, "S1", &["CERT-A"]);
    let low = request(&bank, "S2", &["CERT-LOW"]);
    let stale = request(&bank, "S3", &["CERT-B"]);
    let decided = request(&bank, "S4", &["CERT-A"]);
    let waiting = request(&bank, "S5", &["CERT-A"]);
    let say = |it: &RequestView, order| bank.say(2, (it.request_id, None), order, bank.now());
    say(&decided, &RULES).unwrap();
    say(&waiting, &ask("请补交")).unwrap();
    let unknown = RequestId::from_uuid(uuid::Uuid::from_u128(9));
    let chosen = Chosen::These(vec![
        (certain.request_id, Some(0)),
        (low.request_id, None),
        (stale.request_id, Some(7)),
        (decided.request_id, None),
        (waiting.request_id, None),
        (unknown, None),
        (certain.request_id, None),
    ]);
    let done = bank.decide_many(2, &chosen, &RULES).unwrap();
    let mut why: Vec<(RequestId, &str)> = { done.exceptions.iter() }
        .map(|it| (it.request_id, it.fault.code))
        .collect();
    why.sort_unstable();
    let mut expected = [
        (stale.request_id, "VERSION_STALE"),
        (decided.request_id, "ALREADY_DECIDED"),
        (waiting.request_id, "SUPPLEMENT_AWAITED"),
        (unknown, "NOT_FOUND"),
    ];
    expected.sort_unstable();
    assert_eq!(why, expected);
    let states: Vec<_> = done
        .decided
        .iter()
        .map(|it| (it.request_id, it.state))
        .collect();
    assert_eq!(
        states,
        [
            (low.request_id, RequestState::Refused),
            (certain.request_id, RequestState::Granted)
        ]
    );
    assert_eq!(bank.credits(stale.learner_no).1, "6.00");
}

#[test]
fn all_that_is_certain_is_decided_and_what_somebody_has_to_look_at_is_left() {
    let bank = TestBank::start();
    let certain = [
        request(&bank, "S1", &["CERT-A"]),
        request(&bank, "S2", &["CERT-B"]),
    ];
    let low = request(&bank, "S3", &["CERT-LOW"]);
    let done = bank.decide_many(2, &Chosen::Certain(1), &RULES).unwrap();
    assert_eq!((done.decided.len(), done.exceptions.len()), (1, 1));
    let done = bank.decide_many(2, &Chosen::Certain(500), &RULES).unwrap();
    assert_eq!(done.decided.len(), 1);
    assert_eq!(done.exceptions[0].request_id, low.request_id);
    assert_eq!(done.exceptions[0].fault.code, "NOTHING_GRANTED");
    for it in &certain {
        assert_eq!(bank.credits(it.learner_no).2, "6.00");
    }
    assert_eq!(bank.credits(low.learner_no).1, "6.00");
}

/// A quorum of two and a named leader: many are not decided by fewer people than one is.
#[test]
fn stages_quorum_and_four_eyes_hold_for_many_as_for_one() {
    let bank = TestBank::start();
    let stages = vec![
        (stage(Party::Receiving, 2, 15), vec![]),
        (stage(Party::Receiving, 1, 3), vec![hand(50)]),
    ];
    assert!(bank.try_chain(bank_day(bank.now()), stages).unwrap());
    let sent = [
        request(&bank, "S1", &["CERT-A"]),
        request(&bank, "S2", &["CERT-B"]),
    ];
    let chosen = listed(&[&sent[0], &sent[1]]);
    let many = |who| bank.decide_many(who, &chosen, &RULES).unwrap();
    let first = many(2);
    assert!(
        first
            .decided
            .iter()
            .all(|it| it.state == RequestState::Requested)
    );
    let again = many(2);
    assert!(
        again
            .exceptions
            .iter()
            .all(|it| it.fault.code == "SPOKE_ALREADY")
    );
    assert_eq!((again.decided.len(), again.exceptions.len()), (0, 2));
    assert_eq!(many(3).decided.len(), 2);
    assert!(
        many(4)
            .exceptions
            .iter()
            .all(|it| it.fault.code == "NOT_A_REVIEWER")
    );
    let last = many(50);
    assert!(
        last.decided
            .iter()
            .all(|it| it.state == RequestState::Granted)
    );
}

#[test]
fn sixteen_who_decide_the_same_many_at_one_moment_decide_each_once() {
    let bank = TestBank::start();
    let sent: Vec<RequestView> = (0..6)
        .map(|nth| request(&bank, &format!("S{nth}"), &["CERT-A", "CERT-B"]))
        .collect();
    let all: Vec<&RequestView> = sent.iter().collect();
    let (forth, back) = (
        listed(&all),
        listed(&all.iter().rev().copied().collect::<Vec<_>>()),
    );
    let codes = codes_together(|nth| {
        let chosen = if nth % 2 == 0 { &forth } else { &back };
        bank.decide_many(100 + u128::try_from(nth).unwrap(), chosen, &RULES)
    });
    assert_eq!(codes.get("ok"), Some(&kit::THREADS), "{codes:?}");
    let granted = "select count(*) from conversion_requests where state = 'granted'";
    assert_eq!(bank.database().sql(granted).unwrap().trim(), "6");
}

/// One person clears 500; said with `--nocapture` in seconds.
#[test]
fn one_person_clears_five_hundred() {
    let bank = TestBank::start();
    let learners: Vec<_> = (0..500)
        .map(|nth| {
            let report = outcome("CERT-A").student(&format!("S{nth}")).build();
            bank.post(SCHOOL, report).learner_no
        })
        .collect();
    for cohort in learners.chunks(125) {
        assert_eq!(bank.request(cohort).requests.len(), 125);
    }
    let begun = Instant::now();
    let done = bank.decide_many(2, &Chosen::Certain(500), &RULES).unwrap();
    println!("500 requests decided in {:?}", begun.elapsed());
    assert_eq!((done.decided.len(), done.exceptions.len()), (500, 0));
    assert!(
        done.decided
            .iter()
            .all(|it| it.state == RequestState::Granted)
    );
    let several = bank.decide_many(3, &Chosen::Certain(500), &RULES).unwrap();
    assert_eq!((several.decided.len(), several.exceptions.len()), (0, 0));
    let refused = bank.decide_many(2, &Chosen::These(Vec::new()), &refuse());
    assert_eq!(code_of(&refused), "ok");
}
