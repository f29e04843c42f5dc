//! Rule sets from their documents, and what they decide on the real books.

mod again;
mod applications;
mod grades;
mod scope;
mod voting;

use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::LedgerError;
use creditbank_ledger::reads::LineView;
use kit::{RECEIVING, SCHOOL, TestBank, course};

/// Rules of several sources, courses and units, for the programme of 62.00 credits.
const RULES: &str = r#"
format: 1
receiving: "90002"
code: RS-1
document: {number: 继教合作联盟〔2021〕12号, title: 通知}
valid_from: 2022-01-01
approval: {people: 2}
courses:
  - {code: M1, title: 电工基础, credits: 6}
  - {code: M2, title: 电工实训, credits: 6}
  - {code: M3, title: 安全教育, credits: 3}
  - {code: M4, title: 综合实践, credits: 8}
  - {code: THESIS, title: 毕业论文, credits: 10}
parts:
  - {code: 毕业环节, title: 毕业环节, courses: [THESIS], replaceable: false}
caps:
  - {code: 比例, shape: programme, most: {percent: 35}}
  - {code: 每证, shape: certificate, categories: [course], most: {credits: 8}}
rules:
  - code: R-SENIOR
    when: {entries: [95001/SENIOR, 95001/SENIOR-2]}
    gives: [{course: M1, books: pass}, {course: M2, books: exempt}]
  - code: R-HOURS
    when: {entries: [95001/SAFETY], unit: hour, amount_at_least: 16}
    gives: [{course: M3, ratio: 1/16, rounding: down}]
  - code: R-BOTH
    when: {all_of: [{entries: [95001/PART-1]}, {entries: [95001/PART-2]}]}
    gives: [{course: M4}]
"#;

/// The world with these rules in force beside nothing else.
fn bank() -> TestBank {
    let bank = TestBank::start();
    let mut safety = course(SCHOOL, "SAFETY", "1.00");
    let hours = creditbank_domain::amount::Amount::new(
        creditbank_domain::amount::Unit::Hour,
        kit::hundredths("40.00"),
    );
    safety.amounts = vec![creditbank_domain::catalogue::AmountRule::Fixed(
        hours.unwrap(),
    )];
    bank.publish(&[
        course(SCHOOL, "SENIOR", "12.00"),
        course(SCHOOL, "SENIOR-2", "12.00"),
        course(SCHOOL, "PART-1", "4.00"),
        course(SCHOOL, "PART-2", "4.00"),
        safety,
        course(RECEIVING, "M1", "6.00"),
        course(RECEIVING, "M2", "6.00"),
        course(RECEIVING, "M3", "3.00"),
        course(RECEIVING, "M4", "8.00"),
        course(RECEIVING, "THESIS", "10.00"),
    ]);
    kit::put_in_force(bank.ledger(), &kit::document(RULES).unwrap(), bank.now());
    bank
}

fn posted(bank: &TestBank, student: &str, codes: &[&str]) -> LearnerNo {
    let mut number = None;
    for code in codes {
        let report = kit::outcome(code).student(student).build();
        number = Some(bank.post(SCHOOL, report).learner_no);
    }
    number.unwrap()
}

/// Rule, course, granted, used and reason of each line.
fn told(lines: &[LineView]) -> Vec<(String, String, String, String, String)> {
    let line = |line: &LineView| {
        (
            line.rule_code.clone().unwrap_or_default(),
            line.target_title.clone().unwrap_or_default(),
            line.granted.to_string(),
            line.used.to_string(),
            line.reason
                .map(|code| code.as_str())
                .unwrap_or_default()
                .to_owned(),
        )
    };
    lines.iter().map(line).collect()
}

fn line(
    rule: &str,
    course: &str,
    granted: &str,
    used: &str,
    reason: &str,
) -> (String, String, String, String, String) {
    (
        rule.into(),
        course.into(),
        granted.into(),
        used.into(),
        reason.into(),
    )
}

fn code<T: std::fmt::Debug>(refused: Result<T, LedgerError>) -> String {
    match refused.unwrap_err() {
        LedgerError::Refused(fault) | LedgerError::Conflict(fault) => fault.code.to_owned(),
        other => panic!("{other}"),
    }
}
