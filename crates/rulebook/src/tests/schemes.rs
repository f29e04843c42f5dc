use super::bad_files::first;
use super::{day, good, lines, read, with};
use crate::{LintContext, OtherVersion, Rival, lint, run_tests};

const SCHEMES: &str = "schemes:\n  - {code: CN5, steps: [优秀, 良好, 及格, 不及格], pass: 及格}\n  \
     - {code: DE, worst: 5, best: 1, pass: 4}\n";

/// The good document with two schemes, R1 asking for a grade of one of them, and its test saying so.
fn graded(minimum: &str, outcome: &str) -> String {
    let text = with("courses:\n", &format!("{SCHEMES}courses:\n"));
    let text = text.replacen("minimum_grade: 75", minimum, 1);
    text.replacen("grade: 82", outcome, 1)
}

#[test]
fn a_minimum_of_a_scheme_is_decided_by_the_schemes_order() {
    let passed = |minimum: &str, outcome: &str| {
        let trials = run_tests(&read(&graded(minimum, outcome))).unwrap();
        lines(&trials[0].faults)
    };
    let good_of_five = "minimum_grade: 良好, grading: CN5";
    assert_eq!(passed(good_of_five, "grade: good, grading: CN5"), "");
    assert_eq!(passed(good_of_five, "grade: excellent, grading: CN5"), "");
    let refused = |minimum: &str, outcome: &str, code: &str| {
        let told = passed(minimum, outcome);
        assert!(told.contains(code), "{told}");
    };
    refused(good_of_five, "grade: pass, grading: CN5", "GRADE_TOO_LOW");
    // No table stands in a document, so nothing of another scheme is comparable in its tests.
    refused(
        good_of_five,
        "grade: 1.3, grading: DE",
        "GRADE_NOT_COMPARABLE",
    );
    refused(good_of_five, "grade: good", "GRADE_NOT_COMPARABLE");
    assert_eq!(
        passed("minimum_grade: 2.5, grading: DE", "grade: 2.5, grading: DE"),
        ""
    );
    refused(
        "minimum_grade: 2.5, grading: DE",
        "grade: 2.6, grading: DE",
        "GRADE_TOO_LOW",
    );
}

#[test]
fn a_grade_that_is_none_of_its_scheme_is_told_where_it_stands() {
    let check = |minimum: &str, outcome: &str, expected: &str| {
        assert_eq!(first(graded(minimum, outcome).as_bytes()), expected);
    };
    let fine = "grade: good, grading: CN5";
    check(
        "minimum_grade: 75, grading: CN5",
        fine,
        "23:47 /rules/0/when/minimum_grade RULES_GRADE",
    );
    check(
        "minimum_grade: 良好, grading: CN6",
        fine,
        "23:60 /rules/0/when/grading RULES_UNKNOWN_SCHEME",
    );
    check(
        "grading: CN5",
        fine,
        "23:11 /rules/0/when/minimum_grade RULES_MISSING_FIELD",
    );
    check(
        "minimum_grade: 良好, grading: CN5",
        "grade: 82, grading: CN5",
        "40:53 /tests/0/given/outcomes/0/grade RULES_GRADE",
    );
    let wrong = |from: &str, to: &str| {
        let text = graded("minimum_grade: 良好, grading: CN5", fine).replacen(from, to, 1);
        first(text.as_bytes())
    };
    assert_eq!(
        wrong("pass: 及格", "pass: 合格"),
        "9:5 /schemes/0 GRADING_GRADE_UNKNOWN"
    );
    assert_eq!(
        wrong("优秀, 良好", "HD, 良好"),
        "9:5 /schemes/0 GRADING_NOT_RECORDED"
    );
    assert_eq!(
        wrong("worst: 5, best: 1", "worst: 5"),
        "10:5 /schemes/1 RULES_SCHEME"
    );
    assert_eq!(
        wrong("code: DE", "code: CN5"),
        "10:12 /schemes/1/code RULES_TWICE"
    );
}

#[test]
fn the_schemes_are_those_of_the_register() {
    let document = read(&graded(
        "minimum_grade: 良好, grading: CN5",
        "grade: good, grading: CN5",
    ));
    let mut registered = document.schemes.clone();
    assert_eq!(document.check_schemes(&registered), []);
    registered[1].pass = "4.00".to_owned();
    assert_eq!(document.check_schemes(&registered), []);
    registered[1].pass = "3".to_owned();
    registered.remove(0);
    assert_eq!(
        lines(&document.check_schemes(&registered)),
        "9:5 /schemes/0 RULES_UNKNOWN_SCHEME: no grading scheme has the code CN5; register it \
         first\n10:5 /schemes/1 RULES_OTHER_SCHEME: grading scheme DE is registered as 5.00 – \
         1.00, passing with 3"
    );
}

#[test]
fn a_set_of_another_code_for_the_same_programme_and_days_is_in_the_way() {
    let document = read(&with(
        "code: R-T\n",
        "code: R-T\nprogrammes: [机电, 数控]\n",
    ));
    assert_eq!(document.references().programmes.len(), 2);
    let found = |programme: Option<&str>, from: &str, to: Option<&str>| {
        let rival = Rival {
            code: "R-X".to_owned(),
            version: OtherVersion {
                version: 3,
                valid_from: day(from),
                valid_to: to.map(day),
            },
            programme: programme.map(str::to_owned),
        };
        let context = LintContext {
            rivals: vec![rival],
            ..super::context()
        };
        let findings = lint(&document, &context);
        let faults: Vec<_> = findings.into_iter().map(|it| it.fault).collect();
        lines(&faults)
    };
    assert_eq!(
        found(Some("机电"), "2026-08-31", None),
        "4:13 /programmes RULES_OVERLAPPING_SETS: R-X version 3, from 2026-08-31 on, is for \
         programme 机电 too; retire it or choose other days"
    );
    assert!(found(None, "2020-01-01", Some("2021-09-01")).contains("every programme"));
    // The day after, and the day before.
    assert_eq!(found(Some("机电"), "2026-09-01", None), "");
    assert_eq!(found(Some("机电"), "2020-01-01", Some("2021-08-31")), "");
}

#[test]
fn a_programme_stands_once_and_is_told_where_it_is_unknown() {
    let twice = with("code: R-T\n", "code: R-T\nprogrammes: [A, B, A]\n");
    assert_eq!(first(twice.as_bytes()), "4:20 /programmes/2 RULES_TWICE");
    let document = read(&with("code: R-T\n", "code: R-T\nprogrammes: [A, B]\n"));
    let mut resolved = crate::Resolved::stand_in(&document.references());
    resolved.programmes.remove("B");
    let identity = crate::RuleSetIdentity {
        id: creditbank_domain::ids::RuleSetId::from_uuid(uuid::Uuid::from_u128(7)),
        version: 1,
        receiving: crate::references::stand_in_institution(&document.receiving),
    };
    assert_eq!(
        lines(&document.compile(&resolved, identity).unwrap_err()),
        "4:17 /programmes/1 RULES_UNKNOWN_PROGRAMME: the receiving institution has no programme B"
    );
    let whole = crate::Resolved::stand_in(&document.references());
    assert_eq!(
        document.compile(&whole, identity).unwrap().programmes.len(),
        2
    );
    let whole = crate::Resolved::stand_in(&good().references());
    assert!(
        good()
            .compile(&whole, identity)
            .unwrap()
            .programmes
            .is_empty()
    );
}
