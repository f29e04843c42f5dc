//! Drafts, and asking again.

use chrono::TimeDelta;
use creditbank_domain::authz::{Actor, KeepRegister, Role, Subject, authorize};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::flows::{self, ApplicantStep, DraftView};
use creditbank_ledger::reads::RequestState;
use kit::{
    SCHOOL, TestBank, UNIVERSITY, code_of, codes_together, order_for, outcome,
    rule_set_of_the_world,
};

use super::{RULES, ask, refuse, request};

const NOTHING_HELD: (&str, &str, &str) = ("12.00", "0.00", "0.00");

fn granted(draft: &DraftView) -> String {
    let proposal = draft.learners[0].proposal.as_ref().unwrap();
    proposal.as_ref().unwrap().total.to_string()
}

fn credits(bank: &TestBank, learner: creditbank_domain::learner_no::LearnerNo) -> [String; 3] {
    let (available, held, used) = bank.credits(learner);
    [available, held, used]
}

/// What a draft shows and what its requests propose are the same lines.
#[test]
fn a_draft_holds_nothing_and_proposes_what_its_submission_does() {
    let bank = TestBank::start();
    let learner = bank
        .post(SCHOOL, outcome("CERT-A").student("S1").build())
        .learner_no;
    bank.post(SCHOOL, outcome("CERT-LOW").student("S1").build());
    let who = bank.school_asks();
    let draft = bank.draft_as(&who, &order_for(&[learner])).unwrap();
    assert_eq!((draft.state.as_str(), draft.version), ("open", 1));
    let (available, held, used) = NOTHING_HELD;
    assert_eq!(credits(&bank, learner), [available, held, used]);
    assert_eq!(
        bank.database()
            .sql("select count(*) from conversion_requests")
            .unwrap()
            .trim(),
        "0"
    );
    let drafted = draft.learners[0].proposal.clone().unwrap().unwrap();
    let sent = bank.submit_as(&who, (draft.draft_id, Some(1))).unwrap();
    assert_eq!(credits(&bank, learner), ["0.00", "12.00", "0.00"]);
    let told = |explanation: &str, granted: &str| format!("{explanation} {granted}");
    let proposed: Vec<String> = { sent.requests[0].lines.iter() }
        .map(|line| told(&line.explanation_zh, &line.granted.to_string()))
        .collect();
    let before: Vec<String> = { drafted.lines.iter() }
        .map(|line| told(&line.explanation.zh, &line.granted.to_string()))
        .collect();
    assert_eq!(before, proposed);
    // Once: it is submitted, and neither submitted, changed nor discarded again.
    let which = (draft.draft_id, None);
    for code in [
        code_of(&bank.submit_as(&who, which)),
        code_of(&bank.discard_as(&who, which)),
        code_of(&bank.revise_as(&who, which, &order_for(&[learner]))),
    ] {
        assert_eq!(code, "DRAFT_SUBMITTED");
    }
    let seen = flows::conversion_draft(bank.ledger(), &who, draft.draft_id, bank_day(bank.now()));
    assert_eq!(seen.unwrap().cohort_id, Some(sent.cohort_id));
    let direct = "update conversion_drafts set state = 'open', cohort_id = null";
    assert!(bank.database().sql(direct).is_err());
}

#[test]
fn a_draft_says_what_the_rules_of_the_day_give_and_changes_by_the_version_that_was_seen() {
    let bank = TestBank::start();
    let learner = bank
        .post(SCHOOL, outcome("CERT-A").student("S1").build())
        .learner_no;
    let who = bank.school_asks();
    let draft = bank.draft_as(&who, &order_for(&[learner])).unwrap();
    assert_eq!(granted(&draft), "6.00");
    bank.post(SCHOOL, outcome("CERT-B").student("S1").build());
    let today = bank_day(bank.now());
    let look = || flows::conversion_draft(bank.ledger(), &who, draft.draft_id, today).unwrap();
    assert_eq!(granted(&look()), "12.00");
    let mut less = order_for(&[learner]);
    less.rule_set = Some(rule_set_of_the_world().code);
    let revised = bank
        .revise_as(&who, (draft.draft_id, Some(1)), &less)
        .unwrap();
    assert_eq!(revised.version, 2);
    let stale = bank.revise_as(&who, (draft.draft_id, Some(1)), &less);
    assert_eq!(code_of(&stale), "VERSION_STALE");
    let listed = flows::conversion_drafts(bank.ledger(), &who, None, 10).unwrap();
    assert_eq!((listed.len(), listed[0].version), (1, 2));
    bank.discard_as(&who, (draft.draft_id, Some(2))).unwrap();
    assert_eq!(
        flows::conversion_drafts(bank.ledger(), &who, None, 10).unwrap(),
        []
    );
    assert_eq!(
        code_of(&bank.submit_as(&who, (draft.draft_id, None))),
        "DRAFT_DISCARDED"
    );
}

#[test]
fn drafts_are_seen_by_whoever_made_them_and_submitted_once_by_sixteen() {
    let bank = TestBank::start();
    let learner = bank
        .post(SCHOOL, outcome("CERT-A").student("S1").build())
        .learner_no;
    let (school, own) = (bank.school_asks(), bank.learner_asks(learner));
    let elsewhere = bank.grant(Role::SchoolOfficer, UNIVERSITY);
    let of_school = bank.draft_as(&school, &order_for(&[learner])).unwrap();
    let of_learner = bank.draft_as(&own, &order_for(&[learner])).unwrap();
    let today = bank_day(bank.now());
    for (who, draft) in [
        (&own, &of_school),
        (&elsewhere, &of_school),
        (&school, &of_learner),
    ] {
        let look = flows::conversion_draft(bank.ledger(), who, draft.draft_id, today);
        assert_eq!(code_of(&look), "NOT_FOUND");
        assert_eq!(
            code_of(&bank.submit_as(who, (draft.draft_id, None))),
            "NOT_FOUND"
        );
    }
    let unknown = bank.draft_as(&elsewhere, &order_for(&[learner])).unwrap();
    let why = unknown.learners[0]
        .proposal
        .as_ref()
        .unwrap()
        .as_ref()
        .unwrap_err();
    assert_eq!(why.code, "NO_CONVERTIBLE_OUTCOMES");
    let codes = codes_together(|_| bank.submit_as(&school, (of_school.draft_id, None)));
    assert_eq!(codes.get("ok"), Some(&1), "{codes:?}");
    assert_eq!(
        codes.get("DRAFT_SUBMITTED"),
        Some(&(kit::THREADS - 1)),
        "{codes:?}"
    );
    // What the school holds the learner cannot ask for.
    let late = bank.submit_as(&own, (of_learner.draft_id, None));
    assert_eq!(code_of(&late), "NO_CONVERTIBLE_OUTCOMES");
    assert_eq!(credits(&bank, learner), ["0.00", "6.00", "0.00"]);
}

#[test]
fn what_was_taken_back_is_asked_again_once_and_names_what_it_follows() {
    let bank = TestBank::start();
    let sent = request(&bank, "S1", &["CERT-A"]);
    let who = bank.school_asks();
    assert_eq!(
        code_of(&bank.resubmit_as(&who, sent.request_id)),
        "REQUEST_STILL_OPEN"
    );
    let withdraw = ApplicantStep::Withdraw {
        text: "报错".into(),
    };
    bank.step_as(&who, sent.request_id, &withdraw).unwrap();
    let again = bank.resubmit_as(&who, sent.request_id).unwrap();
    assert_eq!(again.way.resubmits, Some(sent.request_id));
    assert_eq!(again.lines[0].outcome_id, sent.lines[0].outcome_id);
    assert_eq!(
        code_of(&bank.resubmit_as(&who, sent.request_id)),
        "RESUBMITTED_ALREADY"
    );
    bank.step_as(&who, again.request_id, &withdraw).unwrap();
    assert_eq!(
        code_of(&bank.resubmit_as(&who, sent.request_id)),
        "RESUBMITTED_ALREADY"
    );
    let third = bank.resubmit_as(&who, again.request_id).unwrap();
    let decided = bank
        .say(2, (third.request_id, None), &RULES, bank.now())
        .unwrap();
    assert_eq!(decided.state, RequestState::Granted);
    assert_eq!(
        code_of(&bank.resubmit_as(&who, third.request_id)),
        "DECIDED_NOT_RESUBMITTED"
    );
}

#[test]
fn what_was_not_answered_in_time_is_asked_again_and_what_was_refused_is_not() {
    let bank = TestBank::start();
    let who = bank.school_asks();
    let refused = request(&bank, "S1", &["CERT-A"]);
    bank.say(2, (refused.request_id, None), &refuse(), bank.now())
        .unwrap();
    assert_eq!(
        code_of(&bank.resubmit_as(&who, refused.request_id)),
        "DECIDED_NOT_RESUBMITTED"
    );
    let sent = request(&bank, "S2", &["CERT-A"]);
    let asked = bank
        .say(2, (sent.request_id, None), &ask("请补交"), bank.now())
        .unwrap();
    let keeper = authorize::<KeepRegister>(&Actor::operator(), Subject::Bank).unwrap();
    let after = asked.hold_expires_at + TimeDelta::seconds(1);
    assert_eq!(
        flows::keep_house(bank.ledger(), &keeper, after)
            .unwrap()
            .lapsed,
        1
    );
    let again = bank.resubmit_as(&who, sent.request_id).unwrap();
    assert_eq!(again.way.resubmits, Some(sent.request_id));
    assert_eq!(bank.credits(sent.learner_no).1, "6.00");
}
