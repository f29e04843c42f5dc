//! Several rule sets in force at one institution: by name for some programmes, and one for all.

use creditbank_domain::authz::{Grant, RequestConversion, Role};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::RuleSetId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    ConversionOrder, NewProgramme, OrderedLearner, Vote, WhatIfOrder, draft_rule_set,
    propose_rule_set, register_programmes, rehearse_rule_set, request_conversion_once,
    retire_rule_set, vote_on_rule_set, what_if,
};
use creditbank_ledger::reads::{CohortView, list_rule_sets};
use kit::{PROGRAMME, RECEIVING, SCHOOL, TestBank, hundredths, keeper};

use super::{code, posted};

/// Rules that give COURSE-B for CERT-A, where the general ones give COURSE-A.
fn rules(code: &str, programmes: &str, from: &str) -> String {
    let document = kit::rule_set_of_the_world().document_number;
    format!(
        "format: 1\nreceiving: \"90002\"\ncode: {code}\nprogrammes: [{programmes}]\n\
         document: {{number: {document}, title: 通知}}\nvalid_from: {from}\n\
         approval: {{people: 2}}\ncourses:\n  - {{code: COURSE-B, title: 课程乙, credits: 6}}\n\
         rules:\n  - code: R-OWN\n    when: {{entries: [95001/CERT-A]}}\n    \
         gives: [{{course: COURSE-B}}]\n"
    )
}

fn bank() -> TestBank {
    let bank = TestBank::start();
    let programme = NewProgramme {
        institution: InstitutionCode::new(RECEIVING).unwrap(),
        code: "P2".to_owned(),
        title: "第二专业".to_owned(),
        total_credits: hundredths("62.00"),
    };
    register_programmes(bank.ledger(), &keeper(), &[programme], bank.now()).unwrap();
    bank
}

fn put_in_force(bank: &TestBank, text: &str) -> RuleSetId {
    kit::put_in_force(bank.ledger(), &kit::document(text).unwrap(), bank.now())
}

fn ask(
    bank: &TestBank,
    learner: LearnerNo,
    programme: &str,
    rule_set: Option<&str>,
) -> Result<CohortView, LedgerError> {
    let order = ConversionOrder {
        receiving: InstitutionCode::new(RECEIVING).unwrap(),
        programme: programme.to_owned(),
        rule_set: rule_set.map(str::to_owned),
        learners: vec![OrderedLearner {
            learner: LearnerRef::Number(learner),
            outcomes: Vec::new(),
        }],
        basis: None,
    };
    let grant: Grant<RequestConversion> = bank.grant(Role::SchoolOfficer, SCHOOL);
    let now = bank.now();
    kit::once(|request| request_conversion_once(bank.ledger(), &grant, &order, request, now))
}

fn decided_by(bank: &TestBank, student: &str, programme: &str, named: Option<&str>) -> String {
    let learner = posted(bank, student, &["CERT-A"]);
    let cohort = ask(bank, learner, programme, named).unwrap();
    let decided = bank.decide(cohort.cohort_id);
    let request = &decided.requests[0];
    let target = request.lines[0].target_title.clone().unwrap_or_default();
    format!("{} {target}", request.rule_set_code)
}

#[test]
fn the_set_that_names_the_programme_decides_before_the_general_one_and_each_where_it_is_named() {
    let bank = bank();
    assert_eq!(decided_by(&bank, "S0", "P2", None), "RS-1 课程COURSE-A");
    put_in_force(&bank, &rules("R-P2", "P2", "2022-01-01"));
    assert_eq!(
        decided_by(&bank, "S1", PROGRAMME, None),
        "RS-1 课程COURSE-A"
    );
    assert_eq!(decided_by(&bank, "S2", "P2", None), "R-P2 课程COURSE-B");
    assert_eq!(
        decided_by(&bank, "S3", "P2", Some("R-P2")),
        "R-P2 课程COURSE-B"
    );
    assert_eq!(
        decided_by(&bank, "S4", "P2", Some("RS-1")),
        "RS-1 课程COURSE-A"
    );
    let learner = posted(&bank, "S5", &["CERT-A"]);
    let refused = |programme, named| match ask(&bank, learner, programme, Some(named)) {
        Err(LedgerError::Refused(fault)) => fault,
        other => panic!("{other:?}"),
    };
    let other = refused(PROGRAMME, "R-P2");
    assert_eq!(other.code, "RULE_SET_OTHER_PROGRAMME");
    assert_eq!(other.en, "rule set R-P2 is for P2 only, not for P1");
    let none = refused("P2", "R-P9");
    assert_eq!(none.code, "RULE_SET_NOT_IN_FORCE");
    assert!(none.zh.contains("R-P9") && none.en.contains("R-P9"));
    assert_eq!(bank.credits(learner).1, "0.00", "nothing is held");
}

#[test]
fn an_older_request_keeps_its_set_and_a_set_that_ends_gives_way_to_the_general_one() {
    let bank = bank();
    let learner = posted(&bank, "S1", &["CERT-A"]);
    let before = ask(&bank, learner, "P2", None).unwrap();
    let own = put_in_force(&bank, &rules("R-P2", "P2", "2022-01-01"));
    let decided = bank.decide(before.cohort_id);
    assert_eq!(decided.requests[0].rule_set_code, "RS-1");
    let learner = posted(&bank, "S2", &["CERT-A"]);
    let by_own = ask(&bank, learner, "P2", None).unwrap();
    retire_rule_set(bank.ledger(), &keeper(), own, "secretary", bank.now()).unwrap();
    assert_eq!(decided_by(&bank, "S3", "P2", None), "RS-1 课程COURSE-A");
    assert_eq!(
        bank.decide(by_own.cohort_id).requests[0].rule_set_code,
        "R-P2"
    );
    let learner = posted(&bank, "S4", &["CERT-A"]);
    assert_eq!(
        code(ask(&bank, learner, "P2", Some("R-P2"))),
        "RULE_SET_NOT_IN_FORCE"
    );
}

#[test]
fn a_later_version_may_be_for_other_programmes_and_the_code_has_one_version_in_force() {
    let bank = bank();
    put_in_force(&bank, &rules("R-OWN", "P1, P2", "2022-01-01"));
    assert_eq!(decided_by(&bank, "S1", "P1", None), "R-OWN 课程COURSE-B");
    put_in_force(&bank, &rules("R-OWN", "P2", "2023-01-01"));
    assert_eq!(decided_by(&bank, "S2", "P1", None), "RS-1 课程COURSE-A");
    assert_eq!(decided_by(&bank, "S3", "P2", None), "R-OWN 课程COURSE-B");
}

#[test]
fn two_sets_for_one_programme_or_two_general_ones_are_never_in_force_on_one_day() {
    let bank = bank();
    let (ledger, now) = (bank.ledger(), bank.now());
    put_in_force(&bank, &rules("R-P2", "P2", "2022-01-01"));
    let drafted = |text: &str| {
        let document = kit::document(text).unwrap();
        draft_rule_set(ledger, &keeper(), &document, "p", now)
            .unwrap()
            .unwrap()
    };
    let faults = |text: &str| {
        let proposed = propose_rule_set(ledger, &keeper(), drafted(text), now).unwrap();
        let faults = proposed.map_or_else(|faults| faults, |()| Vec::new());
        faults
            .into_iter()
            .map(|it| it.fault.code)
            .collect::<Vec<_>>()
    };
    let overlap = ["RULES_OVERLAPPING_SETS"];
    assert_eq!(faults(&rules("R-X", "P1, P2", "2024-01-01")), overlap);
    let general = rules("R-Y", "", "2024-01-01").replace("programmes: []\n", "");
    assert_eq!(faults(&general), overlap);
    assert_eq!(faults(&rules("R-Z", "P1", "2024-01-01")), [""; 0]);
    // The database refuses it where somebody gets past the lint.
    let past_lint = drafted(&rules("R-W", "P2", "2024-01-01"));
    let attack = format!(
        "update rule_sets set state = 'approved', approved_by = 'x', approved_at = now() \
         where rule_set_id = '{past_lint}'"
    );
    let refused = bank.database().sql(&attack).unwrap_err();
    assert!(
        refused.contains("R-P2 version 1 is for the same programme"),
        "{refused}"
    );
}

#[test]
fn of_two_sets_that_are_approved_at_one_moment_one_is() {
    let bank = bank();
    let ids: Vec<RuleSetId> = (0..8)
        .map(|nth| {
            let text = rules(&format!("R-{nth}"), "P2", "2022-01-01");
            let document = kit::document(&text).unwrap();
            let id = kit::put_to_the_vote(bank.ledger(), &document, bank.now());
            let first = ("a", Vote::Approve);
            vote_on_rule_set(bank.ledger(), &keeper(), id, first, bank.now())
                .unwrap()
                .unwrap();
            id
        })
        .collect();
    let votes = kit::together(|nth| {
        let second = ("b", Vote::Approve);
        let id = ids[nth % ids.len()];
        vote_on_rule_set(bank.ledger(), &keeper(), id, second, bank.now())
    });
    let approved = { votes.iter() }.filter(|vote| matches!(vote, Ok(Ok(count)) if count.approved));
    assert_eq!(approved.count(), 1);
    let listed = list_rule_sets(bank.ledger(), &keeper()).unwrap();
    let scoped = listed.iter().filter(|it| it.programmes == ["P2"]);
    let in_force = scoped.filter(|it| it.state.as_str() == "approved");
    assert_eq!(in_force.count(), 1);
}

#[test]
fn outlooks_and_rehearsals_follow_the_programme() {
    let bank = bank();
    put_in_force(&bank, &rules("R-P2", "P2", "2022-01-01"));
    let learner = posted(&bank, "S1", &["CERT-A"]);
    let own = bank.own_account(learner);
    let today = bank_day(bank.now());
    let outlooks = what_if(bank.ledger(), &own, &WhatIfOrder::default(), today).unwrap();
    let mut by: Vec<(&str, &str)> = { outlooks.iter() }
        .map(|it| (it.programme_code.as_str(), it.rule_set_code.as_str()))
        .collect();
    by.sort_unstable();
    assert_eq!(by, [("P1", "RS-1"), ("P2", "R-P2")]);
    decided_by(&bank, "S2", "P1", None);
    decided_by(&bank, "S3", "P2", None);
    decided_by(&bank, "S4", "P2", Some("RS-1"));
    let rehearsed = |text: &str| {
        let document = kit::document(text).unwrap();
        let id = draft_rule_set(bank.ledger(), &keeper(), &document, "p", bank.now());
        let id = id.unwrap().unwrap();
        let seen = rehearse_rule_set(bank.ledger(), &keeper(), id, None).unwrap();
        seen.requests
    };
    // A set for P2 would have decided both of P2; a general one what general ones did.
    assert_eq!(rehearsed(&rules("R-NEW", "P2", "2024-01-01")), 2);
    assert_eq!(rehearsed(&rules("R-NEW-1", "P1", "2024-01-01")), 1);
    let general = rules("RS-1", "", "2024-01-01").replace("programmes: []\n", "");
    assert_eq!(rehearsed(&general), 2);
}
