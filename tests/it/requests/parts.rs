//! What a reviewer accepts in part.

use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Actor, ReadConversion, Subject, authorize};
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::flows::{self, DecisionOrder, NotAccepted};
use creditbank_ledger::reads::{RequestState, RequestView};
use kit::{TestBank, code_of, hundredths};

use super::request;

fn accepting(sent: &RequestView, nth: usize, accepted: Hundredths) -> DecisionOrder {
    DecisionOrder::Without(vec![NotAccepted {
        outcome_id: sent.lines[nth].outcome_id,
        accepted,
        reason: ReasonCode::ContentNotAlike,
        text: "仅前半部分内容相当".into(),
    }])
}

/// Of four that came to 6.00, 6.00, 6.00 and 3.70 under the cap, one is accepted at 2.50 only: that
/// much is granted of it, its rest is free, and the fourth has the room.
#[test]
fn a_part_of_an_outcome_is_granted_the_rest_released_and_the_replay_says_the_same() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A", "CERT-B", "CERT-C", "CERT-D"]);
    let order = accepting(&sent, 0, hundredths("2.50"));
    let decided = bank
        .say(2, (sent.request_id, None), &order, bank.now())
        .unwrap();
    assert_eq!(decided.state, RequestState::Partly);
    let out = sent.lines[0].outcome_id;
    let line = { decided.lines.iter() }
        .find(|it| it.outcome_id == out)
        .unwrap();
    assert_eq!(
        (line.granted, line.used),
        (hundredths("2.50"), hundredths("2.50"))
    );
    assert_eq!(line.reason, Some(ReasonCode::ContentNotAlike));
    assert!(line.explanation_zh.contains("仅前半部分内容相当") && line.remedy.is_none());
    let granted = Hundredths::sum(decided.lines.iter().map(|it| it.granted)).unwrap();
    assert_eq!(granted, hundredths("20.50"));
    // 24.00 were held; 20.50 are used, the rest is there again, and nothing is held.
    let (available, held, used) = bank.credits(sent.learner_no);
    assert_eq!(
        (available.as_str(), held.as_str(), used.as_str()),
        ("24.00", "0.00", "20.50")
    );
    let told = &decided.way.steps[1].not_accepted[0];
    assert_eq!(told.accepted, hundredths("2.50"));
    let whole = authorize::<ReadConversion>(&Actor::operator(), Subject::Bank).unwrap();
    let replayed = flows::replay_decision(bank.ledger(), &whole, sent.request_id).unwrap();
    assert!(replayed.is_identical() && !replayed.again.is_empty());
}

#[test]
fn a_reviewer_who_accepts_more_than_the_rules_give_adds_nothing() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A", "CERT-LOW"]);
    let say = |order: &DecisionOrder| bank.say(2, (sent.request_id, None), order, bank.now());
    let mut ruled = accepting(&sent, 0, hundredths("1.00"));
    if let DecisionOrder::Without(bars) = &mut ruled {
        bars[0].reason = ReasonCode::GradeTooLow;
    }
    assert_eq!(code_of(&say(&ruled)), "REASON_NOT_FOR_REVIEWERS");
    // What no rule lists is not granted by being accepted.
    let low = sent
        .lines
        .iter()
        .position(|it| it.granted.is_zero())
        .unwrap();
    let decided = say(&accepting(&sent, low, hundredths("6.00"))).unwrap();
    let granted: Vec<String> = { decided.lines.iter() }
        .map(|it| it.granted.to_string())
        .collect();
    let proposed: Vec<String> = { sent.lines.iter() }
        .map(|it| it.granted.to_string())
        .collect();
    assert_eq!(granted, proposed);
}

/// At each stage the last word on an outcome counts, and every one is kept.
#[test]
fn a_later_stage_may_accept_less_and_the_first_word_is_kept() {
    let bank = TestBank::start();
    super::three_stages(&bank);
    let sent = request(&bank, "S1", &["CERT-A"]);
    let say = |who, accepted: &str| {
        let order = accepting(&sent, 0, hundredths(accepted));
        bank.say(who, (sent.request_id, None), &order, bank.now())
            .unwrap()
    };
    say(2, "5.00");
    say(3, "4.00");
    let decided = say(50, "3.00");
    assert_eq!(decided.lines[0].granted, hundredths("3.00"));
    let said: Vec<Hundredths> = { decided.way.steps.iter() }
        .flat_map(|step| step.not_accepted.iter().map(|it| it.accepted))
        .collect();
    assert_eq!(said, ["5.00", "4.00", "3.00"].map(hundredths));
}
