//! Plans without proof: quickly put together near a point of the relaxation.

use std::collections::BTreeSet;

use super::amounts::Rooms;
use super::list::{at, put};
use super::model::Model;
use super::relax::{Point, SOME, whole_of};
use super::search::{Node, Task};

/// Up to so many lots, plans are made better by exchanges.
const SWAP_LOTS_MAX: usize = 16;

/// The most exchanges in one plan.
const SWAPS_MAX: usize = 8;

/// A plan near the relaxation's point: what it likes best first, then whatever still fits.
pub(super) fn near(model: &Model, task: &Task, node: &Node, point: &Point) -> Vec<i64> {
    let mut order: Vec<usize> = (0..model.applications.len()).collect();
    order.sort_by_cached_key(|application| {
        let lots = model.lots_of(*application);
        let forced = lots.iter().any(|lot| at(&node.forced, *lot));
        let share = at(&point.applications, *application);
        let share = if share < SOME { 0 } else { share };
        let options = model.options_of(*application).iter();
        let worth = options.map(|o| worth(model, task, *o)).max();
        std::cmp::Reverse((
            share > 0 && forced,
            share,
            worth,
            std::cmp::Reverse(*application),
        ))
    });
    let mut rooms = Rooms::new(model);
    let mut plan = Picked::new(model, task);
    let liked = |a: &usize| at(&point.applications, *a) >= SOME;
    let (liked, others): (Vec<usize>, Vec<usize>) = order.into_iter().partition(liked);
    for application in &liked {
        let share = |option: usize| at(&point.options, option);
        plan.pick(&mut rooms, node, *application, |option, gross| {
            whole_of(share(option), gross)
        });
    }
    plan.fill(&mut rooms);
    for application in &others {
        plan.pick(&mut rooms, node, *application, |_, gross| gross);
    }
    if task.count_max <= SWAP_LOTS_MAX && task.count_max < model.by_lot.len() {
        swap(&mut plan, &mut rooms, task, node);
    }
    plan.amounts()
}

/// Exchanges one application for another as long as that makes the plan better.
fn swap(plan: &mut Picked<'_>, rooms: &mut Rooms<'_>, task: &Task, node: &Node) {
    let model = plan.model;
    let candidates: Vec<usize> = (0..model.applications.len())
        .filter(|a| model.options_of(*a).iter().any(|o| at(&node.allowed, *o)))
        .collect();
    for _ in 0..SWAPS_MAX {
        let value = plan.value(task);
        if value >= task.enough {
            return;
        }
        let granted = plan.granted.iter();
        let chosen = granted.filter_map(|(place, _)| model.options.get(*place));
        let chosen: BTreeSet<usize> = chosen.map(|option| option.application).collect();
        let better = chosen.iter().find_map(|out| {
            let forced = model
                .lots_of(*out)
                .iter()
                .filter(|lot| at(&node.forced, **lot));
            let forced: Vec<usize> = forced.copied().collect();
            let (mut without, mut left) = (plan.clone(), rooms.clone());
            without.drop(&mut left, *out);
            candidates.iter().find_map(|application| {
                let lots = model.lots_of(*application);
                let free = !lots.iter().any(|lot| at(&without.lots, *lot));
                if application == out || !free || !forced.iter().all(|l| lots.contains(l)) {
                    return None;
                }
                let (mut other, mut left) = (without.clone(), left.clone());
                other.pick(&mut left, node, *application, |_, gross| gross);
                other.fill(&mut left);
                (other.value(task) > value).then_some((other, left))
            })
        });
        let Some((other, left)) = better else {
            return;
        };
        *plan = other;
        *rooms = left;
    }
}

/// A plan without any search: the dearest first.
pub(super) fn greedy(model: &Model, task: &Task, node: &Node) -> Vec<i64> {
    near(model, task, node, &Point::default())
}

fn worth(model: &Model, task: &Task, option: usize) -> i128 {
    let gross = model.options.get(option).map_or(0, |o| o.gross);
    i128::from(at(&task.weights, option)) * i128::from(gross)
}

/// A plan while it is put together.
#[derive(Debug, Clone)]
struct Picked<'a> {
    model: &'a Model,
    count_left: usize,
    lots: Vec<bool>,
    courses: Vec<bool>,
    /// What is granted, each (option, amount).
    granted: Vec<(usize, i64)>,
}

impl<'a> Picked<'a> {
    fn new(model: &'a Model, task: &Task) -> Self {
        Self {
            model,
            count_left: task.count_max,
            lots: vec![false; model.by_lot.len()],
            courses: vec![false; model.by_course.len()],
            granted: Vec::new(),
        }
    }

    /// Chooses an application if it still fits, with amounts up to the wish.
    fn pick(
        &mut self,
        rooms: &mut Rooms<'_>,
        node: &Node,
        application: usize,
        wish: impl Fn(usize, i64) -> i64,
    ) {
        let lots = self.model.lots_of(application);
        if lots.len() > self.count_left || lots.iter().any(|lot| at(&self.lots, *lot)) {
            return;
        }
        let mut chosen = false;
        for place in self.model.options_of(application) {
            let Some(option) = self.model.options.get(*place) else {
                continue;
            };
            if !at(&node.allowed, *place) || at(&self.courses, option.course) {
                continue;
            }
            let given = rooms.give(*place, wish(*place, option.gross));
            if given > 0 {
                chosen = true;
                put(&mut self.courses, option.course, true);
                self.granted.push((*place, given));
            }
        }
        if chosen {
            self.count_left = self.count_left.saturating_sub(lots.len());
            for lot in lots {
                put(&mut self.lots, *lot, true);
            }
        }
    }

    /// Takes an application out again.
    fn drop(&mut self, rooms: &mut Rooms<'_>, application: usize) {
        let model = self.model;
        let lots = model.lots_of(application);
        self.granted.retain(|(place, amount)| {
            let option = model.options.get(*place);
            let Some(option) = option.filter(|option| option.application == application) else {
                return true;
            };
            rooms.take_back(*place, *amount);
            put(&mut self.courses, option.course, false);
            false
        });
        self.count_left += lots.len();
        for lot in lots {
            put(&mut self.lots, *lot, false);
        }
    }

    /// Gives what was chosen all that there is room for.
    fn fill(&mut self, rooms: &mut Rooms<'_>) {
        for (place, amount) in &mut self.granted {
            let gross = self.model.options.get(*place).map_or(0, |o| o.gross);
            let more = rooms.give(*place, gross.saturating_sub(*amount));
            *amount = amount.saturating_add(more);
        }
    }

    fn value(&self, task: &Task) -> i128 {
        let granted = self
            .granted
            .iter()
            .map(|(place, amount)| i128::from(at(&task.weights, *place)) * i128::from(*amount));
        granted.fold(0, i128::saturating_add)
    }

    fn amounts(&self) -> Vec<i64> {
        let mut amounts = vec![0; self.model.options.len()];
        for (place, amount) in &self.granted {
            put(&mut amounts, *place, *amount);
        }
        amounts
    }
}
