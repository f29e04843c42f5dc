//! All identifiers of a report lead to one account, or the report is refused.

use creditbank_ledger::flows::PostAnswer;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome, person, posting, resident_id};

use super::{CARD, PASSPORT, STUDENT, count, rejection};

#[test]
fn a_report_with_several_identifiers_opens_one_account_that_each_of_them_finds() {
    let bank = TestBank::start();
    let card = resident_id("1990-01-01", 1);
    let all = person(
        &[(CARD, &card), (STUDENT, "S1"), (PASSPORT, "E12345678")],
        "张三",
    );
    let first = bank.post(UNIVERSITY, outcome("MATH101").person(all).build());
    assert!(first.account_opened);
    for (number, one) in [
        (CARD, card.as_str()),
        (STUDENT, "S1"),
        (PASSPORT, "e12345678"),
    ]
    .into_iter()
    .enumerate()
    {
        let source = format!("by-{number}");
        let report = outcome("PE102").person(person(&[one], "")).source(&source);
        let posted = bank.post(UNIVERSITY, report.build());
        assert_eq!(
            (posted.learner_no, posted.account_opened),
            (first.learner_no, false)
        );
    }
    assert_eq!(
        (
            count(&bank, "learners"),
            count(&bank, "identity.identifiers")
        ),
        (1, 3)
    );
}

#[test]
fn an_identifier_that_is_not_known_yet_is_added_to_the_account_found() {
    let bank = TestBank::start();
    let card = resident_id("1990-01-01", 1);
    let by_number = |number: &str| outcome("MATH101").person(person(&[(STUDENT, number)], "张三"));
    let opened = bank.post(UNIVERSITY, by_number("S1").build()).learner_no;
    let both = person(&[(CARD, &card), (STUDENT, "S1")], "张三");
    let more = bank.post(UNIVERSITY, outcome("PE102").person(both).build());
    assert_eq!((more.learner_no, more.account_opened), (opened, false));
    // Another institution, which knows the card only, and then a student number of its own.
    let theirs = person(&[(CARD, &card), (STUDENT, "X9")], "张三");
    let elsewhere = bank.post(SCHOOL, outcome("CERT-A").person(theirs).build());
    assert_eq!(elsewhere.learner_no, opened);
    let again = outcome("CERT-B").person(person(&[(STUDENT, "X9")], ""));
    assert_eq!(bank.post(SCHOOL, again.build()).learner_no, opened);
    // The same number at the first institution is still somebody else's.
    let stranger = bank.post(UNIVERSITY, by_number("X9").build());
    assert!(stranger.account_opened && stranger.learner_no != opened);
}

#[test]
fn identifiers_of_two_accounts_are_refused_by_their_kinds_and_nothing_is_written() {
    let bank = TestBank::start();
    let (one, two) = (resident_id("1990-01-01", 1), resident_id("1991-02-02", 2));
    let post = |identifiers: &[_], source: &str| {
        let report = outcome("MATH101")
            .person(person(identifiers, ""))
            .source(source);
        bank.try_post(UNIVERSITY, &[report.build()])
            .unwrap()
            .remove(0)
    };
    post(&[(CARD, &one)], "a");
    post(&[(STUDENT, "S2")], "b");
    let rows = || ["learners", "identity.identifiers", "outcomes"].map(|table| count(&bank, table));
    let before = rows();
    let refused = post(
        &[(CARD, &one), (PASSPORT, "E1234567"), (STUDENT, "S2")],
        "c",
    );
    let (code, en) = rejection(&refused);
    assert_eq!(code, "IDENTITY_MISMATCH");
    assert!(
        en.contains("resident_id, student_number") && !en.contains("passport"),
        "{en}"
    );
    assert!(!format!("{refused:?}").contains("E1234567") && !format!("{refused:?}").contains(&one));
    // A number for life is one: the account of the student number gets a card, and no second one.
    assert!(matches!(
        post(&[(STUDENT, "S2"), (CARD, &two)], "d"),
        PostAnswer::Posted(_)
    ));
    let (third, fourth) = (resident_id("1992-03-03", 3), resident_id("1992-03-03", 4));
    let refused = post(&[(CARD, &third), (STUDENT, "S2")], "e");
    let (code, en) = rejection(&refused);
    assert_eq!(code, "IDENTITY_MISMATCH");
    assert!(
        en.contains("found by resident_id, student_number has another resident_id"),
        "{en}"
    );
    let refused = post(&[(CARD, &third), (CARD, &fourth)], "f");
    assert_eq!(rejection(&refused).0, "IDENTITY_MISMATCH");
    // Passports are renewed.
    assert!(matches!(
        post(&[(STUDENT, "S2"), (PASSPORT, "E7654321")], "g"),
        PostAnswer::Posted(_)
    ));
    assert!(matches!(
        post(&[(STUDENT, "S2"), (PASSPORT, "E7654322")], "h"),
        PostAnswer::Posted(_)
    ));
    let after = rows();
    assert_eq!(
        [after[0], after[1], after[2]],
        [before[0], before[1] + 3, before[2] + 3]
    );
}

#[test]
fn the_lines_of_a_batch_name_the_same_person_in_any_order() {
    let card = resident_id("1990-01-01", 1);
    let lines: [&[_]; 4] = [
        &[(CARD, card.as_str())],
        &[(STUDENT, "S1")],
        &[(PASSPORT, "E1234567")],
        &[
            (STUDENT, "S1"),
            (CARD, card.as_str()),
            (PASSPORT, "E1234567"),
        ],
    ];
    for first in 0..lines.len() {
        let bank = TestBank::start();
        let reports: Vec<_> = (0..lines.len())
            .map(|offset| (first + offset) % lines.len())
            .map(|line| {
                let learner = person(lines[line], "张三");
                outcome("MATH101")
                    .person(learner)
                    .source(&format!("line-{line}"))
                    .build()
            })
            .collect();
        let answers = bank.try_post(UNIVERSITY, &reports).unwrap();
        let numbers: std::collections::HashSet<_> = answers
            .iter()
            .map(|answer| match answer {
                PostAnswer::Posted(posted) => posted.learner_no,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            (numbers.len(), count(&bank, "learners")),
            (1, 1),
            "beginning with {first}"
        );
    }
}

#[test]
fn a_line_that_contradicts_its_batch_is_refused_and_its_neighbours_are_posted() {
    let bank = TestBank::start();
    let (one, two) = (resident_id("1990-01-01", 1), resident_id("1991-02-02", 2));
    let line = |identifiers: &[_], source: &str| {
        outcome("MATH101")
            .person(person(identifiers, ""))
            .source(source)
            .build()
    };
    let answers = bank
        .try_post(
            UNIVERSITY,
            &[
                line(&[(CARD, &one), (STUDENT, "S1")], "a"),
                line(&[(CARD, &two), (STUDENT, "S2")], "b"),
                line(&[(CARD, &one), (STUDENT, "S2")], "c"),
                line(&[(STUDENT, "S1")], "d"),
            ],
        )
        .unwrap();
    assert_eq!(rejection(&answers[2]).0, "IDENTITY_MISMATCH");
    let number = |at: usize| match &answers[at] {
        PostAnswer::Posted(posted) => posted.learner_no,
        other => panic!("{other:?}"),
    };
    assert!(number(0) == number(3) && number(0) != number(1));
    assert_eq!(
        (
            count(&bank, "learners"),
            count(&bank, "identity.identifiers")
        ),
        (2, 4)
    );
}

#[test]
fn a_report_that_is_refused_for_another_reason_adds_no_identifier() {
    let bank = TestBank::start();
    bank.post(UNIVERSITY, outcome("MATH101").build());
    let card = resident_id("1990-01-01", 1);
    let learner = person(&[(STUDENT, "S1"), (CARD, &card)], "");
    let report = outcome("NOWHERE").person(learner).build();
    let answer = bank.try_post(UNIVERSITY, &[report]).unwrap().remove(0);
    assert_eq!(rejection(&answer).0, "OUTCOME_UNKNOWN");
    assert_eq!(count(&bank, "identity.identifiers"), 1);
}

#[test]
fn fifteen_and_eighteen_digits_are_one_account() {
    let bank = TestBank::start();
    let old = outcome("MATH101").person(person(&[(CARD, "110105491231002")], "张三"));
    let new = outcome("CERT-A").person(person(&[(CARD, "11010519491231002X")], "张三"));
    let opened = bank.post(UNIVERSITY, old.build());
    let found = bank.post(SCHOOL, new.build());
    assert_eq!(
        (found.learner_no, found.account_opened),
        (opened.learner_no, false)
    );
    assert_eq!(count(&bank, "duplicate_candidates"), 0);
}

#[test]
fn a_file_with_both_columns_joins_the_files_that_have_one_of_them() {
    let bank = TestBank::start();
    let card = resident_id("1990-01-01", 1);
    let import = |text: String| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("transcript.csv");
        std::fs::write(&path, text).unwrap();
        let view = bank.import(UNIVERSITY, &path, &posting());
        (view.posted, view.rejected, view.accounts_opened)
    };
    let head = "姓名,课程代码,获得日期,成绩";
    let by_number = format!("学号,{head}\nS1,张三,MATH101,2024-07-01,80\n");
    assert_eq!(import(by_number), (1, 0, 1));
    let by_both = format!(
        "学号,身份证号,{head}\nS1,{card},张三,PE102,2024-07-01,80\n\
         S1,{card},李四,PE102,2025-07-01,80\nS2,{card},张三,PE102,2026-01-01,80\n"
    );
    // Another name is refused; a further student number of the same card is one of the same person.
    assert_eq!(import(by_both), (2, 1, 0));
    let by_card = format!("身份证号,{head}\n{card},张 三,MATH101,2024-12-01,90\n");
    assert_eq!(import(by_card), (1, 0, 0));
    assert_eq!(
        (
            count(&bank, "learners"),
            count(&bank, "identity.identifiers")
        ),
        (1, 3)
    );
}
