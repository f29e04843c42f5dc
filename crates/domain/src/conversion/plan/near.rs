//! Plans without proof: quickly put together near a point of the relaxation.

use super::amounts::Rooms;
use super::list::{at, put};
use super::model::Model;
use super::relax::{Point, SOME, whole_of};
use super::search::{Node, Task};

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
    plan.amounts
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
#[derive(Debug)]
struct Picked<'a> {
    model: &'a Model,
    count_left: usize,
    lots: Vec<bool>,
    courses: Vec<bool>,
    options: Vec<usize>,
    amounts: Vec<i64>,
}

impl<'a> Picked<'a> {
    fn new(model: &'a Model, task: &Task) -> Self {
        Self {
            model,
            count_left: task.count_max,
            lots: vec![false; model.by_lot.len()],
            courses: vec![false; model.by_course.len()],
            options: Vec::new(),
            amounts: vec![0; model.options.len()],
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
                put(&mut self.amounts, *place, given);
                put(&mut self.courses, option.course, true);
                self.options.push(*place);
            }
        }
        if chosen {
            self.count_left = self.count_left.saturating_sub(lots.len());
            for lot in lots {
                put(&mut self.lots, *lot, true);
            }
        }
    }

    /// Gives what was chosen all that there is room for.
    fn fill(&mut self, rooms: &mut Rooms<'_>) {
        for option in &self.options {
            let gross = self.model.options.get(*option).map_or(0, |o| o.gross);
            let has = at(&self.amounts, *option);
            let more = rooms.give(*option, gross.saturating_sub(has));
            put(&mut self.amounts, *option, has.saturating_add(more));
        }
    }
}
