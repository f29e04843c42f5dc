//! Who may approve a rule set, and that it never changes afterwards.

use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    NewCommittee, NewMember, Vote, VoteCount, draft_rule_set, propose_rule_set, register_committee,
    retire_rule_set, vote_on_rule_set,
};
use creditbank_ledger::reads::{RuleSetState, list_rule_sets};
use kit::{RECEIVING, SCHOOL, TestBank, UNIVERSITY, day, keeper};

use super::{RULES, bank, code};

/// The rules with another way to be approved, from a later day.
fn rules_of(approval: &str) -> creditbank_rulebook::RuleDocument {
    let text = RULES
        .replace("{people: 2}", approval)
        .replace("2022-01-01", "2023-01-01");
    kit::document(&text).unwrap()
}

fn vote(
    bank: &TestBank,
    id: creditbank_domain::ids::RuleSetId,
    voter: &str,
) -> Result<VoteCount, LedgerError> {
    let vote = (voter, Vote::Approve);
    Ok(vote_on_rule_set(bank.ledger(), &keeper(), id, vote, bank.now())?.unwrap())
}

#[test]
fn two_people_beside_the_proposer_approve_each_once() {
    let bank = bank();
    let document = rules_of("{people: 2}");
    let (ledger, now) = (bank.ledger(), bank.now());
    let draft = draft_rule_set(ledger, &keeper(), &document, "proposer", now);
    let id = draft.unwrap().unwrap();
    assert_eq!(
        code(vote(&bank, id, "a")),
        "RULE_SET_STATE",
        "a draft is not voted on"
    );
    propose_rule_set(ledger, &keeper(), id, now)
        .unwrap()
        .unwrap();
    assert_eq!(code(vote(&bank, id, "proposer")), "RULE_SET_OWN_PROPOSAL");
    let first = vote(&bank, id, "a").unwrap();
    assert_eq!(
        (first.approvals, first.needed, first.approved),
        (1, 2, false)
    );
    assert_eq!(code(vote(&bank, id, "a")), "RULE_SET_VOTED");
    assert!(vote(&bank, id, "b").unwrap().approved);
    assert_eq!(code(vote(&bank, id, "c")), "RULE_SET_STATE");
    // The same document again is the same rule set, whatever it looks like on the page.
    let export = creditbank_rulebook::export(&document);
    let again = kit::document(&export).unwrap();
    let same = draft_rule_set(ledger, &keeper(), &again, "somebody", now);
    assert_eq!(same.unwrap().unwrap(), id);
}

#[test]
fn of_a_committee_of_nine_five_approve_and_the_concerned_college_is_recused() {
    let bank = bank();
    let member = |nth: usize| NewMember {
        member: format!("member {nth}"),
        institution: InstitutionCode::new([UNIVERSITY, SCHOOL, RECEIVING][nth % 3]).ok(),
        since: day("2021-06-18"),
    };
    let committee = NewCommittee {
        code: "CB".to_owned(),
        title: "学分银行专门委员会".to_owned(),
        members: (0..9).map(member).collect(),
    };
    let seated = register_committee(bank.ledger(), &keeper(), &committee, bank.now());
    assert_eq!(seated.unwrap(), 9);
    let again = register_committee(bank.ledger(), &keeper(), &committee, bank.now());
    assert_eq!(again.unwrap(), 0);
    let document = rules_of("{committee: CB, quorum: 5}");
    let id = kit::put_to_the_vote(bank.ledger(), &document, bank.now());
    assert_eq!(code(vote(&bank, id, "passer-by")), "COMMITTEE_NO_MEMBER");
    assert_eq!(code(vote(&bank, id, "member 2")), "COMMITTEE_RECUSED");
    for (nth, approvals) in [(0, 1), (1, 2), (3, 3), (4, 4)] {
        let count = vote(&bank, id, &format!("member {nth}")).unwrap();
        assert_eq!((count.approvals, count.approved), (approvals, false));
    }
    let rejection = ("member 6", Vote::Reject);
    let rejected = vote_on_rule_set(bank.ledger(), &keeper(), id, rejection, bank.now());
    assert!(
        !rejected.unwrap().unwrap().approved,
        "a rejection approves nothing"
    );
    assert!(vote(&bank, id, "member 7").unwrap().approved);
}

#[test]
fn of_sixteen_who_approve_at_once_two_are_enough_and_it_is_approved_once() {
    let bank = bank();
    let id = kit::put_to_the_vote(bank.ledger(), &rules_of("{people: 2}"), bank.now());
    let votes = kit::together(|nth| vote(&bank, id, &format!("voter {nth}")));
    let counted = votes.iter().filter(|vote| vote.is_ok()).count();
    let approving = votes.iter().flatten().filter(|vote| vote.approved).count();
    assert_eq!((counted, approving), (2, 1));
}

#[test]
fn a_retired_rule_set_takes_no_request_and_what_was_asked_under_it_is_decided_by_it() {
    let bank = bank();
    let number = super::posted(&bank, "S1", &["SENIOR"]);
    let cohort = bank.request(&[number]).cohort_id;
    let listed = list_rule_sets(bank.ledger(), &keeper()).unwrap();
    let mut approved = listed
        .iter()
        .filter(|it| it.state == RuleSetState::Approved);
    for rule_set in approved.by_ref() {
        let id = rule_set.rule_set_id;
        retire_rule_set(bank.ledger(), &keeper(), id, "secretary", bank.now()).unwrap();
        let twice = retire_rule_set(bank.ledger(), &keeper(), id, "secretary", bank.now());
        assert_eq!(code(twice), "RULE_SET_STATE");
    }
    assert_eq!(code(bank.try_request(&[number])), "NO_RULES_IN_FORCE");
    assert_eq!(bank.decide(cohort).requests[0].rule_set_code, "RS-1");
}

#[test]
fn a_document_that_fails_its_own_tests_or_the_lint_is_not_put_to_the_vote() {
    let bank = bank();
    let failing = RULES.replace("2022-01-01", "2023-01-01")
        + "tests:\n  - name: 证书\n    given:\n      today: 2025-09-01\n      \
           programme_credits: 62\n      outcomes:\n        - {id: 证书, entry: 95001/SENIOR, \
           amount: 12, awarded_on: 2025-01-12}\n    expect: {total: 12.00}\n";
    // A version that would begin on the day of one that is in force.
    let overlapping = RULES.replace("R-HOURS", "R-HOURS-2");
    for (text, expected) in [(failing, "RULES_TEST"), (overlapping, "RULES_OVERLAP")] {
        let document = kit::document(&text).unwrap();
        let (ledger, now) = (bank.ledger(), bank.now());
        let id = draft_rule_set(ledger, &keeper(), &document, "proposer", now);
        let refused = propose_rule_set(ledger, &keeper(), id.unwrap().unwrap(), now);
        let faults = refused.unwrap().unwrap_err();
        assert!(
            faults.iter().any(|it| it.fault.code.starts_with(expected)),
            "{expected}: {faults:?}"
        );
    }
}

#[test]
fn a_document_that_names_what_is_not_registered_is_refused_with_its_place() {
    let bank = bank();
    let text = RULES.replace("95001/PART-2", "95001/PART-9");
    let document = kit::document(&text).unwrap();
    let refused = draft_rule_set(bank.ledger(), &keeper(), &document, "p", bank.now());
    let faults = refused.unwrap().unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].fault.code, "RULES_UNKNOWN_ENTRY");
    assert_eq!(faults[0].pointer, "/rules/2/when/all_of/1/entries/0");
    let text = RULES.replace("〔2021〕12号", "〔2099〕1号");
    let unregistered = kit::document(&text).unwrap();
    let refused = draft_rule_set(bank.ledger(), &keeper(), &unregistered, "p", bank.now());
    assert_eq!(code(refused), "RULE_SET_DOCUMENT_UNKNOWN");
}

#[test]
fn nobody_changes_what_was_approved_not_even_the_owner_of_the_tables() {
    let bank = bank();
    for attack in [
        "update rule_set_documents set content = '{}'",
        "delete from rule_set_documents",
        "truncate rule_set_documents",
        "update rule_sets set valid_from = '2020-01-01' where state = 'approved'",
        "update rule_sets set state = 'draft', approved_by = null, approved_at = null \
         where state = 'approved'",
        "delete from rule_sets where state = 'approved'",
        "update rule_set_votes set voter = 'somebody else'",
        "delete from documents",
    ] {
        let refused = bank.database().sql(attack);
        assert!(refused.is_err(), "{attack}");
    }
}
