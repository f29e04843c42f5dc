use super::refusals::{GRANTED, one};
use super::*;
use crate::grading::tests::{five, german, hundred, table};
use crate::grading::{ComparisonTable, GradingScheme, SchemeGrade};

fn at_least(scheme: GradingScheme, grade: &str) -> GradeFloor {
    let grade = grade.to_owned();
    GradeFloor::InScheme(Box::new(SchemeFloor { scheme, grade }))
}

/// The lot's grade of a scheme, by these tables, against a minimum.
fn check(
    (grade, scheme): (&str, Option<GradingScheme>),
    tables: &[ComparisonTable],
    minimum: &GradeFloor,
    expected: &str,
) {
    one(
        |candidate, rule| {
            candidate.grade = grade.parse().unwrap();
            candidate.awarded_on = day("2025-06-01");
            candidate.graded = scheme.as_ref().map(|scheme| {
                SchemeGrade::of(candidate.grade, scheme, tables, candidate.awarded_on)
            });
            only_source(rule).minimum_grade = minimum.clone();
        },
        expected,
    );
}

const TOO_LOW: &str = "refused 0.00 of 6.00: GRADE_TOO_LOW";
const NOT_COMPARABLE: &str = "refused 0.00 of 6.00: GRADE_NOT_COMPARABLE";

#[test]
fn a_pass_is_one_by_the_outcomes_own_scheme() {
    let pass = floor("pass");
    let graded = |grade, scheme, expected| check((grade, Some(scheme)), &[], &pass, expected);
    graded("4", german(), GRANTED);
    graded("4.1", german(), TOO_LOW);
    graded("good", five(), GRANTED);
    graded("60", hundred(), GRANTED);
    graded("exempted", german(), GRANTED);
    // Without a scheme the same figure is a score far below a pass.
    check(("4", None), &[], &pass, TOO_LOW);
}

#[test]
fn a_score_of_no_scheme_is_reached_on_the_scale_from_0_to_100_only() {
    let graded = |grade, scheme, expected| check((grade, scheme), &[], &floor("75"), expected);
    graded("80", None, GRANTED);
    graded("80", Some(hundred()), GRANTED);
    graded("74", Some(hundred()), TOO_LOW);
    graded("1.3", Some(german()), NOT_COMPARABLE);
    graded("good", Some(five()), NOT_COMPARABLE);
}

#[test]
fn a_minimum_of_a_scheme_is_reached_in_it_or_by_a_stated_table_and_not_otherwise() {
    let tables = [table()];
    let good = at_least(five(), "良好");
    let graded = |grade, scheme, tables: &[ComparisonTable], expected| {
        check((grade, scheme), tables, &good, expected);
    };
    graded("good", Some(five()), &[], GRANTED);
    graded("medium", Some(five()), &[], TOO_LOW);
    graded("2.5", Some(german()), &tables, GRANTED);
    graded("3.7", Some(german()), &tables, TOO_LOW);
    // No table, no row, a table of other days, two tables, no scheme: nothing is guessed.
    graded("2.5", Some(german()), &[], NOT_COMPARABLE);
    graded("3.0", Some(german()), &tables, NOT_COMPARABLE);
    let over = ComparisonTable {
        valid_to: Some(day("2025-05-31")),
        ..table()
    };
    graded("2.5", Some(german()), &[over], NOT_COMPARABLE);
    let second = ComparisonTable {
        code: "U".to_owned(),
        ..table()
    };
    graded("2.5", Some(german()), &[table(), second], NOT_COMPARABLE);
    graded("good", None, &tables, NOT_COMPARABLE);
    // The table leads in its own direction only.
    check(
        ("excellent", Some(five())),
        &tables,
        &at_least(german(), "2"),
        NOT_COMPARABLE,
    );
}

#[test]
fn the_refusal_names_the_table_that_is_missing_and_the_one_that_was_used() {
    let told = |tables: &[ComparisonTable], grade: &str| {
        let mut request = Request::new();
        let candidate = &mut request.candidates[0];
        candidate.grade = grade.parse().unwrap();
        candidate.awarded_on = day("2025-06-01");
        candidate.graded = Some(SchemeGrade::of(
            candidate.grade,
            &german(),
            tables,
            candidate.awarded_on,
        ));
        request.today = day("2025-07-01");
        only_source(&mut request.rule_set.rules[0]).minimum_grade = at_least(five(), "良好");
        let line = request.decide().unwrap().lines.remove(0);
        (line.explanation, line.remedy.unwrap())
    };
    let (explanation, remedy) = told(&[], "1.3");
    assert!(
        explanation
            .zh
            .contains("2025-06-01:没有从成绩制 DE 到 CN5 的有效对照表")
    );
    assert!(
        explanation
            .en
            .contains("on 2025-06-01: no table in force leads from DE to CN5"),
        "{explanation:?}"
    );
    assert_eq!(remedy.en, "a table from DE to CN5 in force on 2025-06-01");
    let (explanation, remedy) = told(&[table()], "3.7");
    assert!(
        explanation
            .en
            .contains("DE 3.70 (及格 by table T of 例〔2025〕1号)"),
        "{explanation:?}"
    );
    assert_eq!(
        remedy.zh,
        "成绩 CN5 良好 而不是 DE 3.70(按 例〔2025〕1号 对照表 T 为 及格)"
    );
}
