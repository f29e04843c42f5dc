//! A planner for small cases, until the exact one takes its place.

use std::collections::BTreeSet;

use crate::amount::Hundredths;

/// One effect of one application that could be granted.
#[derive(Debug, Clone)]
pub(super) struct PlanOption {
    pub(super) application: usize,
    pub(super) lots: Vec<usize>,
    pub(super) course: usize,
    pub(super) gross: Hundredths,
    pub(super) caps: Vec<usize>,
}

/// What is planned.
#[derive(Debug, Clone)]
pub(super) struct PlanProblem {
    pub(super) lot_count: usize,
    pub(super) course_count: usize,
    pub(super) room: Vec<Hundredths>,
    pub(super) options: Vec<PlanOption>,
}

/// What is granted of an option.
#[derive(Debug, Clone)]
pub(super) struct PlannedGrant {
    pub(super) option: usize,
    pub(super) granted: Hundredths,
}

/// The plan.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) grants: Vec<PlannedGrant>,
    pub(super) total: Hundredths,
    pub(super) proven: bool,
    pub(super) bound: Hundredths,
}

/// Takes options, the oldest lots first, wherever there is room; tries leaving each one out while
/// the steps last.
pub(super) fn best_plan(problem: &PlanProblem, steps_max: u64) -> Plan {
    let mut order: Vec<usize> = (0..problem.options.len()).collect();
    order.sort_by_key(|at| problem.options.get(*at).map(|o| (o.lots.clone(), *at)));
    let mut search = Search {
        problem,
        order: &order,
        steps: steps_max.min(200_000),
        best: Vec::new(),
        best_total: -1,
    };
    let room: Vec<i64> = problem.room.iter().map(|room| room.get()).collect();
    search.next(0, &mut Vec::new(), &room, 0);
    let gross = |at: &usize| problem.options.get(*at).map_or(0, |o| o.gross.get());
    let all: i64 = order.iter().map(gross).sum();
    let proven = search.steps > 0 || search.best_total == all;
    let grants = search.best.iter().map(|(option, granted)| PlannedGrant {
        option: *option,
        granted: Hundredths::new(*granted).unwrap_or_default(),
    });
    let total = Hundredths::new(search.best_total.max(0)).unwrap_or_default();
    let bound = Hundredths::new(all).unwrap_or_default();
    Plan {
        grants: grants.collect(),
        total,
        proven,
        bound: if proven { total } else { bound },
    }
}

struct Search<'p> {
    problem: &'p PlanProblem,
    order: &'p [usize],
    steps: u64,
    best: Vec<(usize, i64)>,
    best_total: i64,
}

impl Search<'_> {
    fn lots(&self, taken: &[(usize, i64)]) -> BTreeSet<usize> {
        let options = taken
            .iter()
            .filter_map(|(at, _)| self.problem.options.get(*at));
        options.flat_map(|o| o.lots.iter().copied()).collect()
    }

    fn fits(&self, at: usize, taken: &[(usize, i64)]) -> bool {
        let Some(option) = self.problem.options.get(at) else {
            return false;
        };
        taken.iter().all(|(other, _)| {
            self.problem.options.get(*other).is_some_and(|other| {
                other.course != option.course
                    && (other.application == option.application
                        || other.lots.iter().all(|lot| !option.lots.contains(lot)))
            })
        })
    }

    fn next(&mut self, nth: usize, taken: &mut Vec<(usize, i64)>, room: &[i64], total: i64) {
        let better = total > self.best_total || {
            let (mine, best) = (self.lots(taken), self.lots(&self.best));
            total == self.best_total && (mine.len(), &mine) < (best.len(), &best)
        };
        if better {
            self.best = taken.clone();
            self.best_total = total;
        }
        let Some(at) = self.order.get(nth).copied() else {
            return;
        };
        if self.steps == 0 {
            return;
        }
        self.steps -= 1;
        let Some(option) = self.problem.options.get(at) else {
            return;
        };
        let caps = option.caps.iter().filter_map(|cap| room.get(*cap));
        let left = caps.copied().fold(option.gross.get(), i64::min);
        if left > 0 && self.fits(at, taken) {
            let mut room = room.to_vec();
            for cap in &option.caps {
                if let Some(room) = room.get_mut(*cap) {
                    *room -= left;
                }
            }
            taken.push((at, left));
            self.next(nth + 1, taken, &room, total + left);
            taken.pop();
        }
        self.next(nth + 1, taken, room, total);
    }
}
