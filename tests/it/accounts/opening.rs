//! Opening accounts, one by one and in bulk.

use std::collections::HashSet;

use creditbank_domain::institution::Standing;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::AccountAnswer;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome, person, resident_id};

use super::{CARD, STUDENT, count, try_open};

fn number(answer: &AccountAnswer) -> LearnerNo {
    match answer {
        AccountAnswer::Opened { learner_no, .. } | AccountAnswer::AlreadyOpen(learner_no) => {
            *learner_no
        }
        AccountAnswer::Rejected(fault) => panic!("{fault}"),
    }
}

#[test]
fn the_same_people_again_have_the_same_numbers() {
    let bank = TestBank::start();
    let people: Vec<_> = (0..500)
        .map(|at| {
            let card = resident_id(&format!("1990-{:02}-{:02}", at % 12 + 1, at % 28 + 1), at);
            person(
                &[(CARD, &card), (STUDENT, &format!("S{at}"))],
                &format!("学员{at}"),
            )
        })
        .collect();
    let first = try_open(&bank, UNIVERSITY, &people).unwrap();
    assert!(
        first
            .iter()
            .all(|it| matches!(it, AccountAnswer::Opened { warning: None, .. }))
    );
    let numbers: Vec<_> = first.iter().map(number).collect();
    assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), 500);
    let again = try_open(&bank, UNIVERSITY, &people).unwrap();
    assert!(
        again
            .iter()
            .all(|it| matches!(it, AccountAnswer::AlreadyOpen(_)))
    );
    assert_eq!(again.iter().map(number).collect::<Vec<_>>(), numbers);
    assert_eq!(
        (
            count(&bank, "learners"),
            count(&bank, "identity.identifiers")
        ),
        (500, 1000)
    );
    // What is posted later finds them, by either number.
    let report = outcome("MATH101").person(person(&[(STUDENT, "S7")], "学员7"));
    let posted = bank.post(UNIVERSITY, report.build());
    assert_eq!(
        (posted.learner_no, posted.account_opened),
        (numbers[7], false)
    );
}

#[test]
fn whoever_stands_twice_in_a_list_has_one_account() {
    let bank = TestBank::start();
    let card = resident_id("1990-01-01", 1);
    let people = [
        person(&[(STUDENT, "S1")], "张三"),
        person(&[(CARD, &card), (STUDENT, "S1")], "张三"),
        person(&[(STUDENT, "S2")], "李四"),
        person(&[(CARD, &card)], "李四"),
    ];
    let answers = try_open(&bank, UNIVERSITY, &people).unwrap();
    assert!(matches!(answers[0], AccountAnswer::Opened { .. }));
    assert!(matches!(answers[1], AccountAnswer::AlreadyOpen(_)));
    assert_eq!(number(&answers[0]), number(&answers[1]));
    assert!(matches!(answers[2], AccountAnswer::Opened { .. }));
    assert!(matches!(&answers[3], AccountAnswer::Rejected(fault) if fault.code == "NAME_MISMATCH"));
    assert_eq!(count(&bank, "learners"), 2);
}

#[test]
fn an_institution_that_may_not_open_accounts_opens_none() {
    let bank = TestBank::start();
    let people = [person(&[(STUDENT, "S1")], "张三")];
    let code = |result: Result<_, LedgerError>| match result {
        Err(LedgerError::Refused(fault)) => fault.code,
        other => panic!("{other:?}"),
    };
    bank.set_standing(UNIVERSITY, Standing::Suspended);
    assert_eq!(
        code(try_open(&bank, UNIVERSITY, &people)),
        "INSTITUTION_SUSPENDED"
    );
    bank.set_standing(UNIVERSITY, Standing::Active);
    let ban = format!("update institutions set may_open_accounts = false where code = '{SCHOOL}'");
    bank.database().sql(&ban).unwrap();
    assert_eq!(
        code(try_open(&bank, SCHOOL, &people)),
        "ACCOUNTS_NOT_ALLOWED"
    );
    assert_eq!(count(&bank, "learners"), 0);
    assert!(try_open(&bank, UNIVERSITY, &people).is_ok());
}
