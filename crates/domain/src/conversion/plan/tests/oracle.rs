//! The planner against all plans there are.

use std::cmp::Reverse;

use super::random::{Numbers, Shape, problem_of};
use super::*;

/// What makes a plan better, largest first.
type Merit = (i64, Reverse<usize>, Reverse<Vec<usize>>, Vec<i64>);

/// Tries every choice of options with every amount.
struct Oracle<'a> {
    problem: &'a PlanProblem,
    /// The options in the order in which equal plans are told apart.
    order: Vec<usize>,
    amounts: Vec<i64>,
    rooms: Vec<i64>,
    best: Option<Merit>,
}

impl<'a> Oracle<'a> {
    fn best(problem: &'a PlanProblem) -> Merit {
        let mut order: Vec<usize> = (0..problem.options.len()).collect();
        let key = |place: &usize| {
            let option = &problem.options[*place];
            (option.lots.clone(), option.course, *place)
        };
        order.sort_by_key(key);
        let mut oracle = Self {
            problem,
            order,
            amounts: vec![0; problem.options.len()],
            rooms: problem.room.iter().map(|room| room.get()).collect(),
            best: None,
        };
        oracle.try_from_place(0);
        oracle.best.unwrap()
    }

    fn try_from_place(&mut self, place: usize) {
        let problem = self.problem;
        let Some(own) = self.order.get(place).copied() else {
            return self.judge();
        };
        self.try_from_place(place + 1);
        let option = &problem.options[own];
        let clashes = |other: usize| {
            let other = &problem.options[other];
            let shared = other.lots.iter().any(|lot| option.lots.contains(lot));
            other.course == option.course || shared && other.application != option.application
        };
        if (0..self.amounts.len()).any(|other| self.amounts[other] > 0 && clashes(other)) {
            return;
        }
        for amount in 1..=option.gross.get() {
            if option.caps.iter().any(|cap| self.rooms[*cap] < amount) {
                break;
            }
            self.amounts[own] = amount;
            option
                .caps
                .iter()
                .for_each(|cap| self.rooms[*cap] -= amount);
            self.try_from_place(place + 1);
            option
                .caps
                .iter()
                .for_each(|cap| self.rooms[*cap] += amount);
            self.amounts[own] = 0;
        }
    }

    fn judge(&mut self) {
        let total: i64 = self.amounts.iter().sum();
        if self.best.as_ref().is_some_and(|best| total < best.0) {
            return;
        }
        let merit = merit(self.problem, &self.order, &self.amounts);
        if self.best.as_ref().is_none_or(|best| merit > *best) {
            self.best = Some(merit);
        }
    }
}

fn merit(problem: &PlanProblem, order: &[usize], amounts: &[i64]) -> Merit {
    let options = problem.options.iter().zip(amounts);
    let used = options.filter(|(_, amount)| **amount > 0);
    let mut lots: Vec<usize> = used.flat_map(|(option, _)| option.lots.clone()).collect();
    lots.sort_unstable();
    lots.dedup();
    let total = amounts.iter().sum();
    let in_order = order.iter().map(|place| amounts[*place]).collect();
    (total, Reverse(lots.len()), Reverse(lots), in_order)
}

/// Asserts that the planner finds the oracle's plan, in `cases` problems of a shape.
fn agree(shape: Shape, cases: u64) {
    for seed in 0..cases {
        let mut numbers = Numbers(seed);
        let problem = problem_of(shape, &mut numbers);
        let plan = best_plan(&problem, STEPS_MAX);
        hold(&problem, &plan);
        assert!(plan.proven, "seed {seed}: {problem:#?}");
        let mut order: Vec<usize> = (0..problem.options.len()).collect();
        order.sort_by_key(|place| {
            let option = &problem.options[*place];
            (option.lots.clone(), option.course, *place)
        });
        let expected = Oracle::best(&problem);
        let found = merit(&problem, &order, &amounts(&problem, &plan));
        assert_eq!(found, expected, "seed {seed}: {problem:#?}");
        let steps_max = numbers.within(0, 12);
        let hasty = best_plan(&problem, steps_max);
        hold(&problem, &hasty);
        assert!(hasty.bound.get() >= expected.0, "seed {seed}: {hasty:?}");
        assert!(!hasty.proven || hasty == plan, "seed {seed}: {hasty:?}");
    }
}

const MIXED: Shape = Shape {
    lots: 4,
    courses: 4,
    caps: 3,
    chance: 2,
    options_max: 7,
    lots_each_max: 2,
    courses_each_max: 2,
    gross_max: 3,
    room_max: 6,
};

#[test]
fn the_planner_finds_the_best_of_all_plans() {
    agree(MIXED, 4_000);
}

#[test]
fn the_planner_finds_the_best_of_all_plans_under_crossing_caps() {
    let crossing = Shape {
        lots: 7,
        courses: 7,
        caps: 5,
        lots_each_max: 1,
        courses_each_max: 1,
        options_max: 7,
        room_max: 4,
        ..MIXED
    };
    agree(crossing, 3_000);
}

#[test]
fn the_planner_finds_the_best_of_all_plans_of_rules_with_many_lots_and_courses() {
    let many = Shape {
        lots: 5,
        courses: 5,
        caps: 2,
        options_max: 9,
        lots_each_max: 3,
        courses_each_max: 3,
        gross_max: 2,
        ..MIXED
    };
    agree(many, 3_000);
}

#[test]
fn the_planner_finds_the_best_of_all_plans_under_one_cap_over_everything() {
    let programme = Shape {
        lots: 6,
        courses: 6,
        caps: 1,
        chance: 1,
        options_max: 8,
        room_max: 12,
        ..MIXED
    };
    agree(programme, 2_000);
}
