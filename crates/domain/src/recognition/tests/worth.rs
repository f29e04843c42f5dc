//! What a recognised outcome earns: amounts, grades and how long they last.

use super::*;
use crate::grade::{GradeWord, Letter};

#[test]
fn a_fixed_amount_is_stated_exactly_or_not_at_all() {
    let stating = |amounts: &[(Unit, &str)], expected: &str| {
        let rules = [fixed(Unit::Credit, "3.00")];
        check(&Post::new().giving(&rules, amounts), expected);
    };
    stating(&[], EARNED);
    stating(&[(Unit::Credit, "3")], EARNED);
    stating(
        &[(Unit::Credit, "2.99")],
        "AMOUNT_MISMATCH: 2.99 ≠ 3.00 credit",
    );
    stating(
        &[(Unit::Credit, "3.01")],
        "AMOUNT_MISMATCH: 3.01 ≠ 3.00 credit",
    );
    stating(
        &[(Unit::Credit, "0")],
        "AMOUNT_MISMATCH: 0.00 ≠ 3.00 credit",
    );
}

#[test]
fn an_amount_up_to_a_limit_has_to_be_stated_and_kept() {
    let stating = |amounts: &[(Unit, &str)], expected: &str| {
        let rules = [up_to(Unit::Hour, "12.00")];
        check(&Post::new().giving(&rules, amounts), expected);
    };
    stating(&[(Unit::Hour, "12")], "[12.00 hour]");
    stating(&[(Unit::Hour, "0.01")], "[0.01 hour]");
    stating(
        &[(Unit::Hour, "12.01")],
        "AMOUNT_MISMATCH: 12.01 ≠ 12.00 hour",
    );
    stating(&[(Unit::Hour, "0")], "AMOUNT_MISMATCH: 0.00 ≠ 12.00 hour");
    stating(&[], "AMOUNT_MISMATCH: 0.00 ≠ 12.00 hour");
}

#[test]
fn units_never_stand_for_each_other() {
    let stating = |rules: &[AmountRule], amounts: &[(Unit, &str)], expected: &str| {
        check(&Post::new().giving(rules, amounts), expected);
    };
    let credit = [fixed(Unit::Credit, "3.00")];
    stating(
        &credit,
        &[(Unit::Hour, "3")],
        "AMOUNT_MISMATCH: 3.00 ≠ 0.00 hour",
    );
    stating(
        &credit,
        &[(Unit::Credit, "3"), (Unit::Hour, "48")],
        "AMOUNT_MISMATCH: 48.00 ≠ 0.00 hour",
    );
    // A column that is there and says zero claims nothing.
    stating(&credit, &[(Unit::Hour, "0")], EARNED);
    let both = [fixed(Unit::Credit, "3.00"), up_to(Unit::Hour, "48.00")];
    stating(&both, &[(Unit::Hour, "48")], "[3.00 credit, 48.00 hour]");
    stating(
        &both,
        &[(Unit::Hour, "40"), (Unit::Credit, "3")],
        "[3.00 credit, 40.00 hour]",
    );
    stating(
        &both,
        &[(Unit::Credit, "3")],
        "AMOUNT_MISMATCH: 0.00 ≠ 48.00 hour",
    );
    stating(
        &both,
        &[(Unit::Credit, "48"), (Unit::Hour, "3")],
        "AMOUNT_MISMATCH: 48.00 ≠ 3.00 credit",
    );
}

#[test]
fn an_activity_without_amounts_earns_no_lots_and_is_recorded() {
    check(&Post::new().giving(&[], &[]), "[]");
    check(&Post::new().giving(&[], &[(Unit::Point, "0")]), "[]");
    check(
        &Post::new().giving(&[], &[(Unit::Point, "0.01")]),
        "AMOUNT_MISMATCH: 0.01 ≠ 0.00 point",
    );
}

#[test]
fn a_result_that_does_not_pass_is_recorded_and_earns_nothing() {
    let graded = |grade, expected: &str| check(&Post::new().graded(grade), expected);
    graded(score("60"), EARNED);
    graded(score("59.99"), "nothing: GRADE_TOO_LOW");
    graded(score("0"), "nothing: GRADE_TOO_LOW");
    graded(Grade::Word(GradeWord::Pass), EARNED);
    graded(Grade::Word(GradeWord::Fail), "nothing: GRADE_TOO_LOW");
    graded(Grade::Letter(Letter::DMinus), EARNED);
    graded(Grade::Letter(Letter::F), "nothing: GRADE_TOO_LOW");
    graded(Grade::Passed, EARNED);
    graded(Grade::NotPassed, "nothing: GRADE_TOO_LOW");
    graded(Grade::Distinction, EARNED);
    graded(Grade::Exempted, EARNED);
    graded(Grade::Absent, "nothing: RESULT_WITHOUT_CREDIT");
    graded(Grade::Cheated, "nothing: RESULT_WITHOUT_CREDIT");
    graded(Grade::Cancelled, "nothing: RESULT_WITHOUT_CREDIT");
    graded(Grade::Withdrawn, "nothing: RESULT_WITHOUT_CREDIT");
}

#[test]
fn a_minimum_that_is_a_score_is_reached_or_not() {
    let graded = |grade, minimum: &str, expected: &str| {
        let mut post = Post::new().graded(grade);
        post.version.minimum_grade = minimum.parse().unwrap();
        check(&post, expected);
    };
    graded(score("75"), "75", EARNED);
    graded(score("74.99"), "75", "nothing: GRADE_TOO_LOW");
    graded(Grade::Word(GradeWord::Good), "80", EARNED);
    graded(
        Grade::Word(GradeWord::Medium),
        "80",
        "nothing: GRADE_TOO_LOW",
    );
    graded(Grade::Exempted, "60", EARNED);
    graded(Grade::Exempted, "60.01", "nothing: GRADE_TOO_LOW");
    // Not even a minimum of nothing makes these pass.
    graded(score("0"), "0", EARNED);
    graded(Grade::Cheated, "0", "nothing: RESULT_WITHOUT_CREDIT");
    graded(Grade::NotPassed, "0", "nothing: GRADE_TOO_LOW");
}

#[test]
fn what_an_institution_claims_for_a_fail_earns_nothing_either() {
    let rules = [fixed(Unit::Credit, "3.00")];
    let post = Post::new().giving(&rules, &[(Unit::Credit, "3")]);
    check(&post.graded(score("59")), "nothing: GRADE_TOO_LOW");
    let zero = Post::new().giving(&rules, &[(Unit::Credit, "0")]);
    check(&zero.graded(score("59")), "nothing: GRADE_TOO_LOW");
}

#[test]
fn a_lot_lapses_on_the_same_day_of_a_later_month_or_on_its_last() {
    let usable = |awarded_on: &str, months: u32, expected: &str| {
        let mut post = Post::new().on(awarded_on);
        post.version.usable_months = Some(months);
        check(&post, expected);
    };
    usable("2023-08-31", 6, "[3.00 credit until 2024-02-29]");
    usable("2022-08-31", 6, "[3.00 credit until 2023-02-28]");
    usable("2024-02-29", 12, "[3.00 credit until 2025-02-28]");
    usable("2024-02-29", 48, "[3.00 credit until 2028-02-29]");
    usable("2023-02-28", 12, "[3.00 credit until 2024-02-28]");
    usable("2023-12-31", 84, "[3.00 credit until 2030-12-31]");
    usable("2023-12-31", 2, "[3.00 credit until 2024-02-29]");
    usable("2024-01-31", 1, "[3.00 credit until 2024-02-29]");
    usable("2024-06-15", 0, "[3.00 credit until 2024-06-15]");
    // Beyond every calendar: for ever.
    usable("2024-06-15", u32::MAX, EARNED);
}

#[test]
fn all_lots_of_an_outcome_lapse_together() {
    let rules = [fixed(Unit::Credit, "3"), fixed(Unit::Hour, "48")];
    let mut post = Post::new().giving(&rules, &[]).on("2024-01-31");
    post.version.usable_months = Some(1);
    check(
        &post,
        "[3.00 credit until 2024-02-29, 48.00 hour until 2024-02-29]",
    );
}

proptest! {
    #[test]
    fn no_lot_is_more_than_the_catalogue_gives_or_other_than_stated(
        limit in 1..2_000_i64,
        claimed in 0..2_000_i64,
    ) {
        let limit = Hundredths::new(limit).unwrap();
        let claimed = Hundredths::new(claimed).unwrap();
        let mut post = Post::new();
        post.outcome.stated = vec![StatedAmount { unit: Unit::Hour, hundredths: claimed }];
        let most = Amount::new(Unit::Hour, limit).unwrap();
        for rule in [AmountRule::Fixed(most), AmountRule::StatedUpTo(most)] {
            post.version.amounts = vec![rule];
            match post.decide() {
                Ok(Recognition::Earns(lots)) => {
                    prop_assert_eq!(lots.len(), 1);
                    prop_assert_eq!(lots[0].amount.hundredths(), claimed);
                    prop_assert!(claimed <= limit);
                }
                Ok(Recognition::EarnsNothing(reason)) => prop_assert!(false, "{}", reason),
                Err(refusal) => {
                    prop_assert_eq!(refusal.code, ReasonCode::AmountMismatch);
                    let exact = matches!(rule, AmountRule::Fixed(_)) && claimed != limit;
                    prop_assert!(exact || claimed > limit || claimed.is_zero());
                }
            }
        }
    }
}
