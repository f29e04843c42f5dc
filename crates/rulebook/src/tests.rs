mod approvals;
mod bad_files;
mod diffs;
mod hostile_files;
mod lints;
mod packs;
mod round_trip;
mod schemas;
mod schemes;
mod trials;

use chrono::NaiveDate;

use crate::{DocumentFault, LintContext, RuleDocument, parse};

/// A small document that says something of everything.
pub(super) const GOOD: &str = r#"format: 1
receiving: "90002"
code: R-T
document: {number: 〔2021〕12号, title: 规定}
valid_from: 2021-09-01
valid_to: 2026-08-31
approval: {people: 2}
courses:
  - {code: C1, title: 课程一, credits: 6}
  - {code: C2, title: 课程二, credits: 3.50}
  - {code: C9, title: 毕业设计, credits: 10}
parts:
  - {code: 必修, title: 必修课, credits: 20, courses: [C1, C2]}
  - {code: 实践, title: 实践, replaceable: false, courses: [C9]}
caps:
  - {code: P, shape: programme, part: 必修, most: {percent: 35}}
  - {code: Y, shape: period, begins: [03-01], most: {credits: 8}}
rules:
  - code: R1
    when: {entries: [95001/A], minimum_grade: 75, level: {framework: CN10, at_least: 4}}
    gives: [{course: C1}]
  - code: R2
    when:
      at_least:
        needed: 2
        of:
          - {entries: [95001/B], unit: hour}
          - {categories: [training], unit: hour, amount_at_least: 16}
          - {issuers: [95002], categories: [activity], earned_within_months: 24, unit: hour}
    gives: [{course: C2, ratio: 1/16, rounding: half_up, books: pass}]
tests:
  - name: 一门
    given:
      today: 2025-01-01
      programme_credits: 62
      outcomes:
        - {id: a, entry: 95001/A, amount: 6, grade: 82, level: {framework: CN10, value: 4}, awarded_on: 2024-01-01}
    expect: {total: 6, lines: [{outcome: a, rule: R1, course: C1, granted: 6}]}
"#;

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn context() -> LintContext {
    LintContext {
        today: day("2025-01-01"),
        others: Vec::new(),
        rivals: Vec::new(),
    }
}

pub(super) fn good() -> RuleDocument {
    read(GOOD)
}

pub(super) fn read(text: &str) -> RuleDocument {
    parse(text.as_bytes()).unwrap_or_else(|faults| panic!("{}\n{text}", lines(&faults)))
}

/// The good document with one piece written otherwise.
pub(super) fn with(piece: &str, other: &str) -> String {
    assert_eq!(GOOD.matches(piece).count(), 1, "{piece}");
    GOOD.replacen(piece, other, 1)
}

pub(super) fn lines(faults: &[DocumentFault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn a_document_of_everything_is_read() {
    let document = good();
    assert_eq!(document.rules.len(), 2);
    assert_eq!(document.courses[1].credits.to_string(), "3.50");
    let found = document.references();
    let codes: Vec<String> = found.entries.iter().map(ToString::to_string).collect();
    assert_eq!(
        codes,
        ["90002/C1", "90002/C2", "90002/C9", "95001/A", "95001/B"]
    );
    let institutions: Vec<&str> = found.institutions.iter().map(|it| it.as_str()).collect();
    assert_eq!(institutions, ["90002", "95001", "95002"]);
}

#[test]
fn what_was_not_found_is_told_where_it_stands() {
    use creditbank_domain::ids::RuleSetId;
    let document = good();
    let mut resolved = crate::Resolved::stand_in(&document.references());
    let lost = document.references().entries.into_iter().nth(4).unwrap();
    resolved.entries.remove(&lost);
    resolved.institutions.remove(
        &document
            .references()
            .institutions
            .into_iter()
            .nth(2)
            .unwrap(),
    );
    let identity = crate::RuleSetIdentity {
        id: RuleSetId::from_uuid(uuid::Uuid::from_u128(7)),
        version: 3,
        receiving: crate::references::stand_in_institution(&document.receiving),
    };
    let faults = document.compile(&resolved, identity).unwrap_err();
    assert_eq!(
        lines(&faults),
        "27:24 /rules/1/when/at_least/of/0/entries/0 RULES_UNKNOWN_ENTRY: the catalogue has no \
         entry 95001/B\n\
         29:24 /rules/1/when/at_least/of/2/issuers/0 RULES_UNKNOWN_INSTITUTION: no institution \
         has the code 95002"
    );
    let other = crate::RuleSetIdentity {
        receiving: creditbank_domain::ids::InstitutionId::from_uuid(uuid::Uuid::from_u128(9)),
        ..identity
    };
    let whole = crate::Resolved::stand_in(&document.references());
    assert_eq!(
        lines(&document.compile(&whole, other).unwrap_err()),
        "2:12 /receiving RULES_OTHER_RECEIVING: the document is of institution 90002, not of this \
         one"
    );
    let whole = crate::Resolved::stand_in(&document.references());
    let rule_set = document.compile(&whole, identity).unwrap();
    assert_eq!((rule_set.version, rule_set.rules.len()), (3, 2));
    assert_eq!(rule_set.titles.len(), 2);
}

#[test]
fn files_of_windows_and_of_json_writers_read_the_same() {
    assert_eq!(read(&GOOD.replace('\n', "\r\n")), good());
    assert_eq!(read(&format!("\u{feff}{GOOD}")), good());
    let json: serde_json::Value = serde_json::from_str(&crate::canonical_json(&good())).unwrap();
    let pretty = serde_json::to_string_pretty(&json).unwrap();
    assert_eq!(read(&pretty), good());
    assert_eq!(read(&pretty.replace("  ", "\t")), good());
}
