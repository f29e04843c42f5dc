//! Many writers with the same people at the same moment.

use std::collections::HashSet;

use creditbank_ledger::flows::{AccountAnswer, PostAnswer};
use kit::{THREADS, TestBank, UNIVERSITY, outcome, person, resident_id, together};

use super::{CARD, PASSPORT, STUDENT, count, try_open};

#[test]
fn of_sixteen_accounts_that_claim_one_passport_exactly_one_gets_it() {
    let bank = TestBank::start();
    let people: Vec<_> = (0..THREADS)
        .map(|at| person(&[(STUDENT, &format!("S{at}"))], ""))
        .collect();
    try_open(&bank, UNIVERSITY, &people).unwrap();
    let answers = together(|writer| {
        let number = format!("S{writer}");
        let learner = person(&[(STUDENT, &number), (PASSPORT, "E1234567")], "");
        let report = outcome("MATH101").person(learner).build();
        bank.try_post(UNIVERSITY, &[report]).unwrap().remove(0)
    });
    let won = answers
        .iter()
        .filter(|it| matches!(it, PostAnswer::Posted(_)))
        .count();
    let refused = answers
        .iter()
        .filter(|it| matches!(it, PostAnswer::Rejected(fault) if fault.code == "IDENTITY_MISMATCH"))
        .count();
    assert_eq!((won, refused), (1, THREADS - 1), "{answers:?}");
    assert_eq!(count(&bank, "identity.identifiers"), THREADS + 1);
}

#[test]
fn of_sixteen_cards_for_one_account_exactly_one_is_taken() {
    let bank = TestBank::start();
    try_open(&bank, UNIVERSITY, &[person(&[(STUDENT, "S1")], "")]).unwrap();
    let answers = together(|writer| {
        let card = resident_id("1990-01-01", u32::try_from(writer).unwrap());
        let people = [person(&[(STUDENT, "S1"), (CARD, &card)], "")];
        try_open(&bank, UNIVERSITY, &people).unwrap().remove(0)
    });
    let won = answers
        .iter()
        .filter(|it| matches!(it, AccountAnswer::AlreadyOpen(_)))
        .count();
    assert_eq!(won, 1, "{answers:?}");
    assert_eq!(
        (
            count(&bank, "learners"),
            count(&bank, "identity.identifiers")
        ),
        (1, 2)
    );
}

#[test]
fn sixteen_writers_that_state_parts_of_the_same_people_open_each_account_once() {
    let bank = TestBank::start();
    let cards: Vec<String> = (0..40).map(|at| resident_id("1990-01-01", at)).collect();
    let answers = together(|writer| {
        // Everybody by card and number, by the card or by both in the other order.
        let mut people: Vec<_> = cards
            .iter()
            .enumerate()
            .map(|(at, card)| {
                let number = format!("S{at}");
                let name = format!("学员{at}");
                match (writer + at) % 3 {
                    0 => person(&[(CARD, card)], &name),
                    1 => person(&[(CARD, card), (STUDENT, &number)], &name),
                    _ => person(&[(STUDENT, &number), (CARD, card)], &name),
                }
            })
            .collect();
        if writer % 2 == 1 {
            people.reverse();
        }
        let mut answers = try_open(&bank, UNIVERSITY, &people).unwrap();
        if writer % 2 == 1 {
            answers.reverse();
        }
        answers
    });
    assert_eq!(count(&bank, "learners"), cards.len());
    for at in 0..cards.len() {
        let numbers: HashSet<_> = answers
            .iter()
            .map(|writer| match &writer[at] {
                AccountAnswer::Opened { learner_no, .. }
                | AccountAnswer::AlreadyOpen(learner_no) => *learner_no,
                AccountAnswer::Rejected(fault) => panic!("{fault}"),
            })
            .collect();
        assert_eq!(numbers.len(), 1);
    }
    let opened = answers.iter().flatten();
    let opened = opened.filter(|it| matches!(it, AccountAnswer::Opened { .. }));
    assert_eq!(opened.count(), cards.len());
}
