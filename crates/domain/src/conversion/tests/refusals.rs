//! Every reason for which a line is refused, each beside the nearest line that is granted.

use super::*;

pub(super) const GRANTED: &str = "granted 6.00 of 6.00";

/// The standard request after a change to its one candidate and that candidate's rule.
pub(super) fn one(change: impl Fn(&mut Candidate, &mut ArticulationRule), expected: &str) {
    let mut request = Request::new();
    change(&mut request.candidates[0], &mut request.rule_set.rules[0]);
    check(&request, &[expected]);
}

#[test]
fn an_outcome_that_no_rule_lists_is_refused() {
    let of_entry = |number: u128, expected: &str| {
        one(|candidate, _| candidate.entry_id = entry(number), expected);
    };
    of_entry(1, GRANTED);
    of_entry(9, "refused 0.00 of 100.00: NOT_IN_LIST");
    // A course that is given is not itself a source.
    of_entry(101, "refused 0.00 of 100.00: NOT_IN_LIST");
}

#[test]
fn a_lot_that_is_not_there_for_the_request_is_refused() {
    let in_state = |state: LotState, expected: &str| {
        one(|candidate, _| candidate.state = state, expected);
    };
    in_state(LotState::Usable(hundredths("6")), GRANTED);
    in_state(
        LotState::HeldElsewhere,
        "refused 0.00 of 6.00: ALREADY_RESERVED",
    );
    in_state(LotState::Used, "refused 0.00 of 6.00: OUTCOME_ALREADY_USED");
    in_state(LotState::Expired, "refused 0.00 of 6.00: EXPIRED");
}

#[test]
fn a_level_counts_on_the_rules_own_framework_only() {
    let of_level = |of: Option<Level>, expected: &str| {
        one(
            |candidate, rule| {
                candidate.level.clone_from(&of);
                only_source(rule).level_floor = Some(level("CN10", 4));
            },
            expected,
        );
    };
    let too_low = "refused 0.00 of 6.00: LEVEL_TOO_LOW";
    of_level(Some(level("CN10", 4)), GRANTED);
    of_level(Some(level("CN10", 5)), GRANTED);
    of_level(Some(level("CN10", 3)), too_low);
    of_level(Some(level("SCQF", 4)), too_low);
    of_level(Some(level("SCQF", 12)), too_low);
    of_level(None, too_low);
    one(
        |candidate, _| candidate.level = Some(level("SCQF", 1)),
        GRANTED,
    );
}

#[test]
fn a_grade_below_the_rules_minimum_is_refused() {
    let graded = |grade: &str, minimum: &str, expected: &str| {
        one(
            |candidate, rule| {
                candidate.grade = grade.parse().unwrap();
                only_source(rule).minimum_grade = floor(minimum);
            },
            expected,
        );
    };
    let too_low = "refused 0.00 of 6.00: GRADE_TOO_LOW";
    graded("60", "pass", GRANTED);
    graded("59.99", "pass", too_low);
    graded("75", "75", GRANTED);
    graded("74.99", "75", too_low);
    graded("B-", "80", GRANTED);
    graded("C+", "80", too_low);
    graded("passed", "60", GRANTED);
    graded("passed", "60.01", too_low);
    graded("exempted", "pass", GRANTED);
    graded("fail", "0", too_low);
    graded("absent", "0", too_low);
    graded("cheated", "pass", too_low);
}

#[test]
fn an_outcome_counts_until_the_last_day_of_its_age() {
    let aged = |awarded_on: &str, months: u32, today: &str, expected: &str| {
        let mut request = Request::new();
        request.candidates[0].awarded_on = day(awarded_on);
        only_source(&mut request.rule_set.rules[0]).earned_within_months = Some(months);
        request.today = day(today);
        check(&request, &[expected]);
    };
    let expired = "refused 0.00 of 6.00: EXPIRED";
    aged("2024-02-29", 12, "2025-02-28", GRANTED);
    aged("2024-02-29", 12, "2025-03-01", expired);
    aged("2024-02-29", 48, "2028-02-29", GRANTED);
    aged("2024-02-29", 48, "2028-03-01", expired);
    aged("2023-08-31", 6, "2024-02-29", GRANTED);
    aged("2023-08-31", 6, "2024-03-01", expired);
    aged("2022-12-31", 12, "2023-12-31", GRANTED);
    aged("2022-12-31", 12, "2024-01-01", expired);
    aged("2024-01-10", 0, "2024-01-10", GRANTED);
    aged("2024-01-10", 0, "2024-01-11", expired);
    aged("2024-01-10", u32::MAX, "2044-01-10", GRANTED);
}

#[test]
fn a_lot_with_less_than_the_course_is_refused_and_one_with_more_is_not_drained() {
    let with = |usable: &str, expected: &str| {
        one(
            |candidate, _| candidate.state = LotState::Usable(hundredths(usable)),
            expected,
        );
    };
    with("6.01", GRANTED);
    with("6", GRANTED);
    with("5.99", "refused 0.00 of 5.99: CREDITS_TOO_FEW");
    with("0.01", "refused 0.00 of 0.01: CREDITS_TOO_FEW");
    with("0", "refused 0.00 of 0.00: CREDITS_TOO_FEW");
}

#[test]
fn a_course_is_given_once() {
    let converted = "refused 0.00 of 6.00: COURSE_ALREADY_CONVERTED";
    let mut request = Request::new();
    // Another certificate gives the same course.
    request.rule_set.rules.push(rule(4, 101, "6"));
    let older = candidate(1, 1, "2024-01-10");
    let newer = candidate(2, 4, "2024-01-11");
    let again = candidate(3, 1, "2024-01-12");
    let ask = |candidates: &[Candidate], expected: &[&str]| {
        check(&request.clone().of(candidates), expected);
    };
    ask(&[older.clone(), newer.clone()], &[GRANTED, converted]);
    ask(&[newer.clone(), older.clone()], &[converted, GRANTED]);
    ask(
        &[again.clone(), newer.clone(), older.clone()],
        &[converted, converted, GRANTED],
    );
    ask(
        &[older.clone(), candidate(4, 2, "2024-01-11")],
        &[GRANTED, "granted 4.00 of 4.00"],
    );
    // One lot named twice is one lot.
    ask(
        &[older.clone(), older.clone()],
        &[GRANTED, "refused 0.00 of 0.00: OUTCOME_ALREADY_USED"],
    );
    // What was refused leaves the course to the next one.
    let failed = Candidate {
        grade: Grade::NotPassed,
        ..older
    };
    ask(
        &[failed, newer.clone()],
        &["refused 0.00 of 6.00: GRADE_TOO_LOW", GRANTED],
    );
    // What was given in part is given.
    let nearly_full = request.clone().granted_before("18");
    check(
        &nearly_full.of(&[again, newer]),
        &[converted, "cut 3.70 of 6.00: CAP_PROGRAMME"],
    );
}

#[test]
fn a_course_given_by_an_earlier_request_is_not_given_again() {
    let given = |courses: &[u128], expected: &str| {
        let mut request = Request::new();
        request.history.courses = courses.iter().map(|number| entry(*number)).collect();
        check(&request, &[expected]);
    };
    given(&[], GRANTED);
    given(&[102, 103], GRANTED);
    // That the source was given as a course somewhere says nothing of the target.
    given(&[1], GRANTED);
    given(&[101], "refused 0.00 of 6.00: COURSE_ALREADY_CONVERTED");
}

#[test]
fn a_refusal_says_what_there_is_and_what_is_needed() {
    let explained = |change: fn(&mut Candidate, &mut ArticulationRule), en: &str, zh: &str| {
        let mut request = Request::new();
        change(&mut request.candidates[0], &mut request.rule_set.rules[0]);
        let decision = request.decide().unwrap();
        hold(&request, &decision);
        let explanation = &decision.lines[0].explanation;
        let cited = "under 继教合作联盟〔2021〕12号 (ANHUI-TECH version 2 R1)";
        assert_eq!(explanation.en, format!("{en}: {cited}"));
        let cited = "依据继教合作联盟〔2021〕12号(ANHUI-TECH 第2版 R1)";
        assert_eq!(explanation.zh, format!("{cited}:{zh}"));
    };
    explained(
        |candidate, rule| {
            candidate.level = Some(level("CN10", 3));
            only_source(rule).level_floor = Some(level("CN10", 4));
        },
        "the level is below the rule's floor, has CN10 3, needs CN10 4",
        "成果等级低于规则要求,现为 CN10 3,要求 CN10 4",
    );
    explained(
        |_, rule| only_source(rule).level_floor = Some(level("CN10", 4)),
        "the level is below the rule's floor, has –, needs CN10 4",
        "成果等级低于规则要求,现为 –,要求 CN10 4",
    );
    explained(
        |candidate, rule| {
            candidate.grade = "medium".parse().unwrap();
            only_source(rule).minimum_grade = floor("80");
        },
        "the grade is below the minimum, has medium, needs 80.00",
        "成绩低于最低要求,现为 中等,要求 80.00",
    );
    explained(
        |candidate, _| candidate.grade = Grade::Absent,
        "the grade is below the minimum, has absent, needs pass",
        "成绩低于最低要求,现为 缺考,要求 60.00",
    );
    explained(
        |candidate, rule| {
            candidate.awarded_on = day("2019-06-30");
            only_source(rule).earned_within_months = Some(60);
        },
        "the outcome is no longer valid, has 2019-06-30, needs 60 months",
        "成果已超过有效期,现为 2019-06-30,要求 60 个月",
    );
    explained(
        |candidate, _| candidate.state = LotState::Usable(hundredths("5.99")),
        "there are fewer credits than the rule asks for, has 5.99, needs 6.00",
        "学分少于规则要求,现为 5.99,要求 6.00",
    );
    explained(
        |candidate, _| candidate.state = LotState::Used,
        "the outcome was already used",
        "该成果已使用",
    );
}
