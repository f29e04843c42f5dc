//! Minimum grades across grading schemes, by a stated table and not otherwise.

use creditbank_ledger::flows::{Gradings, replay_all, replay_decision};
use creditbank_ledger::reads::LineView;
use kit::{RECEIVING, SCHOOL, TestBank, course, outcome};

use super::again::everything;
use crate::catalogue::gradings::{graded, gradings, load, table};

const RULES: &str = r#"
format: 1
receiving: "90002"
code: RS-1
document: {number: 继教合作联盟〔2021〕12号, title: 通知}
valid_from: 2022-01-01
approval: {people: 2}
schemes:
  - {code: CN5, steps: [优秀, 良好, 中等, 及格, 不及格], pass: 及格}
courses:
  - {code: G1, title: 电工基础, credits: 6}
rules:
  - code: R-GOOD
    when: {issuers: ["95001"], minimum_grade: 良好, grading: CN5}
    gives: [{course: G1}]
"#;

fn bank(gradings: &Gradings) -> TestBank {
    let bank = TestBank::start();
    load(&bank, gradings).unwrap();
    bank.publish(&[
        graded(SCHOOL, "NUMBER", "DE"),
        graded(SCHOOL, "WORD", "CN5"),
        course(SCHOOL, "NONE", "6.00"),
        graded(RECEIVING, "G1", "CN5"),
    ]);
    kit::put_in_force(bank.ledger(), &kit::document(RULES).unwrap(), bank.now());
    bank
}

fn decided(
    bank: &TestBank,
    code: &str,
    grade: &str,
) -> (creditbank_domain::ids::RequestId, LineView) {
    let student = format!("{code}-{grade}");
    let report = outcome(code).student(&student).grade(grade).build();
    let number = bank.post(SCHOOL, report).learner_no;
    let mut decided = bank.decide(bank.request(&[number]).cohort_id);
    let request = &mut decided.requests[0];
    (request.request_id, request.lines.remove(0))
}

fn reason(bank: &TestBank, code: &str, grade: &str) -> String {
    let (_, line) = decided(bank, code, grade);
    line.reason
        .map_or_else(String::new, |reason| reason.as_str().to_owned())
}

#[test]
fn a_minimum_of_another_scheme_is_reached_by_the_table_in_force_on_the_day_achieved() {
    let bank = bank(&gradings());
    assert_eq!(reason(&bank, "WORD", "good"), "");
    assert_eq!(reason(&bank, "WORD", "medium"), "GRADE_TOO_LOW");
    assert_eq!(reason(&bank, "NUMBER", "2.5"), "");
    assert_eq!(reason(&bank, "NUMBER", "2.6"), "GRADE_TOO_LOW");
    assert_eq!(reason(&bank, "NONE", "good"), "GRADE_NOT_COMPARABLE");
    // A 2.5 is booked with a course of the five words as an exemption, never as a score of 2.50.
    let booked = "select o.grade from outcomes o where o.origin = 'conversion' order by o.grade";
    assert_eq!(
        bank.database().sql(booked).unwrap().trim(),
        "exempted\ngood"
    );
    let (_, line) = decided(&bank, "NUMBER", "3");
    let told = &line.explanation_zh;
    assert!(told.contains("成绩对照〔2025〕2号 对照表 DE-CN5"), "{told}");
}

#[test]
fn without_a_table_on_that_day_it_is_refused_and_says_which_one_is_missing() {
    // The outcomes are of 2026-01-31.
    let mut over = gradings();
    over.tables = vec![table("DE-CN5", "2020-01-01", Some("2026-01-30"))];
    let bank = bank(&over);
    let (request, line) = decided(&bank, "NUMBER", "1");
    assert_eq!(line.reason.unwrap().as_str(), "GRADE_NOT_COMPARABLE");
    let remedy = line.remedy.clone().unwrap();
    assert_eq!(remedy.en, "a table from DE to CN5 in force on 2026-01-31");
    assert!(
        line.explanation_zh
            .contains("没有从成绩制 DE 到 CN5 的有效对照表")
    );
    // Loaded a day later it counts for who asks then, and changes nothing that was decided.
    let mut next = gradings();
    next.tables = vec![table("DE-CN5-2", "2026-01-31", None)];
    load(&bank, &next).unwrap();
    assert_eq!(reason(&bank, "NUMBER", "1.1"), "");
    let replay = replay_decision(bank.ledger(), &everything(), request).unwrap();
    assert_eq!(replay.decided, replay.again);
}

#[test]
fn a_decision_by_a_table_is_replayed_word_for_word_after_the_table_has_ended() {
    let bank = bank(&gradings());
    let (granted, _) = decided(&bank, "NUMBER", "2.5");
    let (refused, _) = decided(&bank, "NUMBER", "3");
    let mut ended = gradings();
    ended.tables = vec![table("DE-CN5", "2020-01-01", Some("2020-12-31"))];
    load(&bank, &ended).unwrap();
    assert_eq!(reason(&bank, "NUMBER", "2.4"), "GRADE_NOT_COMPARABLE");
    for request in [granted, refused] {
        let replay = replay_decision(bank.ledger(), &everything(), request).unwrap();
        assert_eq!(replay.decided, replay.again);
    }
    let (count, differing) = replay_all(bank.ledger(), &everything()).unwrap();
    assert_eq!((count, differing.len()), (3, 0));
}

#[test]
fn the_best_of_several_attempts_is_the_best_of_the_scheme_and_not_the_largest_number() {
    let bank = bank(&gradings());
    for (source, grade) in [("first", "3.7"), ("second", "1.3"), ("third", "4.0")] {
        let report = outcome("NUMBER")
            .student("S1")
            .source(source)
            .grade(grade)
            .build();
        bank.post(SCHOOL, report);
    }
    let number = bank
        .post(SCHOOL, outcome("NONE").student("S1").build())
        .learner_no;
    let decided = bank.decide(bank.request(&[number]).cohort_id);
    let granted = { decided.requests[0].lines.iter() }.filter(|line| !line.granted.is_zero());
    assert_eq!(granted.count(), 1);
}

#[test]
fn a_rule_set_with_a_scheme_that_is_registered_otherwise_is_no_draft() {
    let bank = bank(&gradings());
    let draft = |text: &str| {
        let document = kit::document(text).unwrap();
        let drafted = creditbank_ledger::flows::draft_rule_set(
            bank.ledger(),
            &kit::keeper(),
            &document,
            "p",
            bank.now(),
        );
        drafted.unwrap().map_err(|faults| faults[0].fault.code)
    };
    let later = RULES.replace("2022-01-01", "2023-01-01");
    assert_eq!(
        draft(&later.replace(", 中等", "")),
        Err("RULES_OTHER_SCHEME")
    );
    assert_eq!(
        draft(&later.replace("CN5", "CN6")),
        Err("RULES_UNKNOWN_SCHEME")
    );
    assert!(draft(&later).is_ok());
}
