//! Cases that people ask about, each with its answer.

use super::*;

/// Asserts what each option is granted, in the order of the options.
fn check(problem: &PlanProblem, expected: &[i64]) {
    let plan = best_plan(problem, STEPS_MAX);
    hold(problem, &plan);
    assert!(plan.proven, "{plan:?}");
    assert_eq!(amounts(problem, &plan), expected, "{plan:?}");
}

#[test]
fn nothing_to_choose_is_the_best_plan_of_nothing() {
    check(&PlanProblem::default(), &[]);
    check(&problem(&[], vec![option(0, &[0], 0, 0, &[])]), &[0]);
    check(&problem(&[0], vec![option(0, &[0], 0, 400, &[0])]), &[0]);
}

#[test]
fn what_fits_the_cap_exactly_is_granted_in_full() {
    let options = vec![
        option(0, &[0], 0, 1_570, &[0]),
        option(1, &[1], 1, 600, &[0]),
    ];
    check(&problem(&[2_170], options), &[1_570, 600]);
}

#[test]
fn the_item_that_straddles_the_cap_is_granted_in_part() {
    let options = || {
        vec![
            option(0, &[0], 0, 1_800, &[0]),
            option(1, &[1], 1, 600, &[0]),
        ]
    };
    check(&problem(&[2_170], options()), &[1_800, 370]);
    check(&problem(&[2_171], options()), &[1_800, 371]);
}

#[test]
fn the_oldest_first_is_not_the_best() {
    // Lot 0 alone can give course 1; taking the larger course 0 from it leaves lot 1 with nothing.
    let options = vec![
        option(0, &[0], 0, 400, &[]),
        option(1, &[0], 1, 300, &[]),
        option(2, &[1], 0, 400, &[]),
    ];
    check(&problem(&[], options), &[0, 300, 400]);
}

#[test]
fn the_largest_first_is_not_the_best() {
    // The rule of both lots gives most at once, the two others give more.
    let options = vec![
        option(0, &[0, 1], 0, 500, &[]),
        option(1, &[0], 1, 300, &[]),
        option(2, &[1], 2, 300, &[]),
    ];
    check(&problem(&[], options), &[0, 300, 300]);
}

#[test]
fn under_crossing_caps_the_naive_fill_loses() {
    // The oldest counts against both caps and would take the room of the two others.
    let options = vec![
        option(0, &[0], 0, 600, &[0, 1]),
        option(1, &[1], 1, 600, &[0]),
        option(2, &[2], 2, 600, &[1]),
    ];
    check(&problem(&[600, 600], options), &[0, 600, 600]);
}

#[test]
fn where_half_a_hundredth_would_be_best_whole_ones_are_granted() {
    // Three caps of 1, each over two of the three: 1.5 in fractions, 1 in whole hundredths.
    let options = vec![
        option(0, &[0], 0, 1, &[0, 1]),
        option(1, &[1], 1, 1, &[1, 2]),
        option(2, &[2], 2, 1, &[0, 2]),
    ];
    check(&problem(&[1, 1, 1], options), &[1, 0, 0]);
}

#[test]
fn two_courses_from_one_certificate_share_its_cap() {
    let options = |rooms: &[i64]| {
        let options = vec![option(0, &[0], 0, 500, &[0]), option(0, &[0], 1, 500, &[0])];
        problem(rooms, options)
    };
    check(&options(&[800]), &[500, 300]);
    check(&options(&[500]), &[500, 0]);
    check(&options(&[1_000]), &[500, 500]);
}

#[test]
fn of_equal_totals_fewer_lots_win_then_older_ones() {
    let fewer = vec![
        option(0, &[0], 0, 300, &[]),
        option(1, &[1], 1, 300, &[]),
        option(2, &[2], 2, 600, &[]),
    ];
    let fewer = problem(&[600], fewer.into_iter().map(|o| under(o, 0)).collect());
    check(&fewer, &[0, 0, 600]);
    let older = vec![
        option(0, &[2], 0, 300, &[]),
        option(1, &[1], 1, 300, &[]),
        option(2, &[0], 2, 300, &[]),
    ];
    let older = problem(&[600], older.into_iter().map(|o| under(o, 0)).collect());
    check(&older, &[0, 300, 300]);
}

fn under(mut option: PlanOption, cap: usize) -> PlanOption {
    option.caps.push(cap);
    option
}

#[test]
fn a_course_is_granted_once() {
    let options = vec![option(0, &[0], 0, 300, &[]), option(1, &[1], 0, 200, &[])];
    check(&problem(&[], options), &[300, 0]);
}

#[test]
fn an_option_that_names_what_is_not_there_is_never_chosen() {
    let known = || option(0, &[0], 0, 300, &[0]);
    let check = |unknown: PlanOption| {
        let mut problem = problem(&[1_000], vec![known()]);
        problem.options.push(unknown);
        let plan = best_plan(&problem, STEPS_MAX);
        assert_eq!(plan.total, amount(300));
        assert!(plan.proven);
    };
    check(option(1, &[1], 0, 400, &[]));
    check(option(1, &[0], 1, 400, &[]));
    check(option(1, &[0], 0, 400, &[1]));
}

#[test]
fn amounts_beyond_any_sense_do_no_harm() {
    let most = i64::MAX;
    let options = vec![
        option(0, &[0], 0, most, &[0]),
        option(1, &[1], 1, most, &[]),
    ];
    let problem = problem(&[most], options);
    hold(&problem, &best_plan(&problem, STEPS_MAX));
}
