//! A name is compared with the one that is sealed, and neither is ever told.

use creditbank_ledger::flows::PostAnswer;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome, person, resident_id};

use super::{CARD, STUDENT, count, rejection, try_open};
use creditbank_ledger::flows::AccountAnswer;

#[test]
fn another_name_under_the_same_identifier_is_refused_and_other_spellings_are_not() {
    let bank = TestBank::start();
    let card = resident_id("1990-01-01", 1);
    let post = |name: &str, source: &str| {
        let learner = person(&[(CARD, &card)], name);
        let report = outcome("MATH101").person(learner).source(source).build();
        bank.try_post(UNIVERSITY, &[report]).unwrap().remove(0)
    };
    assert!(matches!(
        post("阿依古丽·买买提", "a"),
        PostAnswer::Posted(_)
    ));
    for (at, name) in [
        "阿依古丽•买买提",
        "阿依古丽.买买提",
        " 阿依古丽　买买提 ",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let answer = post(name, &format!("same-{at}"));
        assert!(
            matches!(answer, PostAnswer::Posted(_)),
            "{name}: {answer:?}"
        );
    }
    let before = count(&bank, "outcomes");
    for name in ["买买提·阿依古丽", "阿依古丽", "王小明"] {
        let answer = post(name, name);
        let (code, _) = rejection(&answer);
        assert_eq!(code, "NAME_MISMATCH");
        let told = format!("{answer:?}");
        assert!(!told.contains("阿依") && !told.contains("王小明") && !told.contains(&card));
    }
    assert_eq!(count(&bank, "outcomes"), before);
}

#[test]
fn the_first_name_that_anybody_states_is_kept() {
    let bank = TestBank::start();
    let card = resident_id("1990-01-01", 1);
    let try_post = |institution, code: &str, name: &str| {
        let report = outcome(code)
            .person(person(&[(CARD, &card)], name))
            .source(name);
        bank.try_post(institution, &[report.build()])
            .unwrap()
            .remove(0)
    };
    let posted = |answer: PostAnswer| matches!(answer, PostAnswer::Posted(_));
    let nameless = outcome("MATH101")
        .person(person(&[(CARD, &card)], ""))
        .build();
    bank.post(UNIVERSITY, nameless);
    assert_eq!(count(&bank, "identity.names"), 0);
    assert!(posted(try_post(SCHOOL, "CERT-A", "张三")));
    assert_eq!(count(&bank, "identity.names"), 1);
    assert_eq!(
        rejection(&try_post(UNIVERSITY, "PE102", "李四")).0,
        "NAME_MISMATCH"
    );
    assert!(posted(try_post(UNIVERSITY, "PE102", "张 三")));
}

#[test]
fn two_names_for_one_person_in_one_batch_are_a_contradiction() {
    let bank = TestBank::start();
    let line = |name: &str, source: &str| {
        outcome("MATH101")
            .person(person(&[(STUDENT, "S1")], name))
            .source(source)
            .build()
    };
    let lines = [
        line("", "a"),
        line("张三", "b"),
        line("李四", "c"),
        line("张三", "d"),
    ];
    let answers = bank.try_post(UNIVERSITY, &lines).unwrap();
    let codes: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            PostAnswer::Posted(_) => "posted",
            other => rejection(other).0,
        })
        .collect();
    assert_eq!(codes, ["posted", "posted", "NAME_MISMATCH", "posted"]);
    assert_eq!(
        (count(&bank, "learners"), count(&bank, "identity.names")),
        (1, 1)
    );
}

#[test]
fn the_same_content_under_another_name_is_other_content() {
    let bank = TestBank::start();
    let report = |name: &str| {
        outcome("MATH101")
            .person(person(&[(STUDENT, "S1")], name))
            .source("a")
            .build()
    };
    bank.post(UNIVERSITY, report("张三"));
    let again = |name: &str| {
        bank.try_post(UNIVERSITY, &[report(name)])
            .unwrap()
            .remove(0)
    };
    assert!(matches!(again("张三"), PostAnswer::AlreadyPosted(_)));
    assert!(matches!(again(""), PostAnswer::AlreadyPosted(_)));
    assert_eq!(rejection(&again("李四")).0, "NAME_MISMATCH");
}

#[test]
fn an_account_is_not_opened_for_somebody_else_under_the_same_number() {
    let bank = TestBank::start();
    let open = |name: &str| {
        let people = [person(&[(STUDENT, "S1")], name)];
        try_open(&bank, UNIVERSITY, &people).unwrap().remove(0)
    };
    assert!(matches!(open("张三"), AccountAnswer::Opened { .. }));
    assert!(
        matches!(open("李四"), AccountAnswer::Rejected(fault) if fault.code == "NAME_MISMATCH")
    );
    assert!(matches!(open("张三"), AccountAnswer::AlreadyOpen(_)));
}
