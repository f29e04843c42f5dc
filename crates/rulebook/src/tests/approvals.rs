use super::{GOOD, context, good, lines, read, with};
use crate::{LintContext, OtherVersion, may_be_approved};

#[test]
fn a_clean_document_whose_tests_pass_may_be_approved() {
    assert_eq!(may_be_approved(&good(), &context()), Ok(()));
}

#[test]
fn a_test_that_is_decided_otherwise_stands_in_the_way_with_both() {
    let text = with(
        "expect: {total: 6, lines: [{outcome: a, rule: R1, course: C1, granted: 6}]}",
        "expect: {total: 5, lines: [{outcome: a, granted: 5, cut: CAP_PERIOD}]}",
    );
    let faults = may_be_approved(&read(&text), &context()).unwrap_err();
    assert_eq!(
        lines(&faults),
        "38:21 /tests/0/expect/total RULES_TEST_FAILED: test \"一门\": expected 5.00, got 6.00\n\
         38:32 /tests/0/expect/lines/0 RULES_TEST_FAILED: test \"一门\": expected {outcome: a, \
         granted: 5.00, cut: CAP_PERIOD}, got {outcome: a, rule: R1, course: C1, granted: 6.00}"
    );
    assert_eq!(faults[0].fault.zh, "测试“一门”:应为 5.00,实为 6.00");
}

#[test]
fn a_warning_does_not_stand_in_the_way() {
    let text = GOOD.split("tests:").next().unwrap();
    assert_eq!(crate::lint(&read(text), &context()).len(), 1);
    assert_eq!(may_be_approved(&read(text), &context()), Ok(()));
}

#[test]
fn overlapping_dates_stand_in_the_way() {
    let other = |valid_from: &str, valid_to: Option<&str>| LintContext {
        others: vec![OtherVersion {
            version: 1,
            valid_from: super::day(valid_from),
            valid_to: valid_to.map(super::day),
        }],
        ..context()
    };
    let check = |context: &LintContext, expected: &str| {
        let found = may_be_approved(&good(), context);
        assert_eq!(
            found.err().map_or_else(String::new, |it| lines(&it)),
            expected
        );
    };
    check(&other("2020-01-01", Some("2021-08-31")), "");
    check(&other("2026-09-01", None), "");
    check(
        &other("2020-01-01", Some("2021-09-01")),
        "5:13 /valid_from RULES_OVERLAPPING_DATES: it is in force while version 1 is, from \
         2020-01-01 to 2021-09-01",
    );
    check(
        &other("2026-08-31", None),
        "5:13 /valid_from RULES_OVERLAPPING_DATES: it is in force while version 1 is, from \
         2026-08-31 on",
    );
}
