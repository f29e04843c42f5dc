//! Candidate duplicates: found when an account is opened, told to the secretariat only.

use creditbank_domain::authz::{Actor, Subject, authorize};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{AccountAnswer, find_late_duplicates};
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome, person, resident_id};

use super::{CARD, STUDENT, count, try_open};

/// Opens an account and says whether a duplicate may exist.
fn warned(bank: &TestBank, institution: &str, card: &str, name: &str) -> (LearnerNo, bool) {
    let answer = try_open(bank, institution, &[person(&[(CARD, card)], name)]);
    match answer.unwrap().remove(0) {
        AccountAnswer::Opened {
            learner_no,
            warning,
        } => {
            let codes = warning.iter().map(|fault| fault.code).collect::<Vec<_>>();
            assert!(codes.is_empty() || codes == ["DUPLICATE_POSSIBLE"]);
            let told = format!("{warning:?}");
            assert!(!told.contains(name) && !told.contains(card) && !told.contains("1990"));
            (learner_no, !codes.is_empty())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_name_and_birth_date_under_another_number_is_a_candidate() {
    let bank = TestBank::start();
    let card = |born_on, sequence| resident_id(born_on, sequence);
    let (first, found) = warned(&bank, UNIVERSITY, &card("1990-01-01", 1), "王 小明");
    assert!(!found);
    assert!(!warned(&bank, UNIVERSITY, &card("1990-01-02", 1), "王小明").1);
    assert!(!warned(&bank, UNIVERSITY, &card("1990-01-01", 2), "王晓明").1);
    assert_eq!(count(&bank, "duplicate_candidates"), 0);
    let (second, found) = warned(&bank, SCHOOL, &card("1990-01-01", 3), "王小明");
    assert!(found && second != first);
    let pair = "select count(*) from duplicate_candidates c \
                join learners one on one.learner_id = c.learner_id \
                join learners two on two.learner_id = c.other_id where c.state = 'open'";
    let pair = format!(
        "{pair} and one.learner_no in ('{first}', '{second}') \
         and two.learner_no in ('{first}', '{second}')"
    );
    assert_eq!(bank.database().sql(&pair).unwrap().trim(), "1");
    assert_eq!(count(&bank, "duplicate_candidates"), 1);
}

#[test]
fn posting_finds_candidates_too_and_says_nothing_of_them() {
    let bank = TestBank::start();
    let post = |institution, code: &str, card: &str| {
        let learner = person(&[(CARD, card)], "王小明");
        bank.post(institution, outcome(code).person(learner).build())
    };
    post(UNIVERSITY, "MATH101", &resident_id("1990-01-01", 1));
    post(SCHOOL, "CERT-A", &resident_id("1990-01-01", 2));
    assert_eq!(count(&bank, "duplicate_candidates"), 1);
}

#[test]
fn an_account_becomes_a_candidate_when_its_card_or_name_becomes_known() {
    let bank = TestBank::start();
    let post = |learner, source: &str| {
        bank.post(
            UNIVERSITY,
            outcome("MATH101").person(learner).source(source).build(),
        )
    };
    post(
        person(&[(CARD, &resident_id("1990-01-01", 1))], "王小明"),
        "a",
    );
    // By student number first, and later the card beside it.
    post(person(&[(STUDENT, "S2")], "王小明"), "b");
    assert_eq!(count(&bank, "duplicate_candidates"), 0);
    let card = resident_id("1990-01-01", 2);
    post(person(&[(STUDENT, "S2"), (CARD, &card)], ""), "c");
    assert_eq!(count(&bank, "duplicate_candidates"), 1);
    // By card first, and later the name.
    let card = resident_id("1990-01-01", 3);
    post(person(&[(CARD, &card)], ""), "d");
    assert_eq!(count(&bank, "duplicate_candidates"), 1);
    post(person(&[(CARD, &card)], "王小明"), "e");
    assert_eq!(count(&bank, "duplicate_candidates"), 3);
}

#[test]
fn two_accounts_that_were_opened_at_one_moment_are_found_a_minute_later() {
    let bank = TestBank::start();
    warned(&bank, UNIVERSITY, &resident_id("1990-01-01", 1), "王小明");
    warned(&bank, SCHOOL, &resident_id("1990-01-01", 2), "王小明");
    // As if neither writer had seen the other.
    let forget = "set session_replication_role = replica; delete from duplicate_candidates";
    bank.database().sql(forget).unwrap();
    let keeper = authorize(&Actor::operator(), Subject::Bank).unwrap();
    let find = || find_late_duplicates(bank.ledger(), &keeper, bank.now()).unwrap();
    assert_eq!((find(), find()), (1, 0));
    assert_eq!(count(&bank, "duplicate_candidates"), 1);
}
