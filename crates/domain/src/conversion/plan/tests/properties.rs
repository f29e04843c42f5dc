//! What holds for every problem, also for those too large to try all plans.

use proptest::prelude::*;

use super::random::{Numbers, Shape, problem_of};
use super::*;

const LARGER: Shape = Shape {
    lots: 10,
    courses: 8,
    caps: 5,
    chance: 2,
    options_max: 24,
    lots_each_max: 3,
    courses_each_max: 2,
    gross_max: 600,
    room_max: 1_200,
};

fn problems() -> impl Strategy<Value = PlanProblem> {
    any::<u64>().prop_map(|seed| problem_of(LARGER, &mut Numbers(seed)))
}

/// What the best plan grants: proven for the total, also where the order among equals is not.
fn best_total(problem: &PlanProblem) -> Hundredths {
    let plan = best_plan(problem, STEPS_MAX);
    hold(problem, &plan);
    assert_eq!(plan.total, plan.bound, "{problem:?}");
    plan.total
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_same_problem_has_the_same_plan(problem in problems(), steps_max in 0..2_000_u64) {
        prop_assert_eq!(best_plan(&problem, STEPS_MAX), best_plan(&problem, STEPS_MAX));
        prop_assert_eq!(best_plan(&problem, steps_max), best_plan(&problem, steps_max));
    }

    #[test]
    fn the_order_of_caps_and_options_changes_nothing(problem in problems(), seed in any::<u64>()) {
        let plan = best_plan(&problem, STEPS_MAX);
        let mut numbers = Numbers(seed);
        let mut shuffled = problem.clone();
        let caps = numbers.order_of(problem.room.len());
        shuffled.room = caps.iter().map(|cap| problem.room[*cap]).collect();
        // Options that differ in nothing but their place are told apart by it, so equal keys keep
        // their order.
        let mut order = numbers.order_of(problem.options.len());
        let key = |place: &usize| {
            let option = &problem.options[*place];
            (option.lots.clone(), option.course)
        };
        for place in 0..order.len() {
            for later in place + 1..order.len() {
                if key(&order[place]) == key(&order[later]) && order[place] > order[later] {
                    order.swap(place, later);
                }
            }
        }
        shuffled.options = order.iter().map(|place| problem.options[*place].clone()).collect();
        for option in &mut shuffled.options {
            for cap in &mut option.caps {
                *cap = caps.iter().position(|old| old == cap).unwrap();
            }
            option.caps.reverse();
            option.application = 1_000 - option.application;
        }
        let other = best_plan(&shuffled, STEPS_MAX);
        let given = amounts(&problem, &plan);
        let expected: Vec<i64> = order.iter().map(|place| given[*place]).collect();
        prop_assert_eq!(amounts(&shuffled, &other), expected);
    }

    #[test]
    fn more_room_never_grants_less(problem in problems(), cap in 0..5_usize, more in 1..400_i64) {
        let mut roomier = problem.clone();
        roomier.room[cap] = amount(roomier.room[cap].get() + more);
        prop_assert!(best_total(&roomier) >= best_total(&problem));
    }

    #[test]
    fn one_more_option_never_grants_less(problem in problems()) {
        let mut fewer = problem.clone();
        fewer.options.pop();
        prop_assert!(best_total(&problem) >= best_total(&fewer));
    }

    #[test]
    fn a_search_cut_short_is_honest(problem in problems(), steps_max in 0..200_u64) {
        let total = best_total(&problem);
        let hasty = best_plan(&problem, steps_max);
        hold(&problem, &hasty);
        prop_assert!(hasty.total <= total && total <= hasty.bound, "{:?}", hasty);
    }
}
