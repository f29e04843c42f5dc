//! Branch and bound over which applications are chosen.

use super::amounts::{self, value_of};
use super::bound::Bound;
use super::branch::{branch, forbid_lot};
use super::list::{at, put};
use super::model::Model;
use super::near::near;
use super::relax::{Point, Relaxation, SOME};
use super::steps::Steps;

/// What is looked for: the plan with the largest `weights · amounts`.
#[derive(Debug, Clone)]
pub(super) struct Task {
    /// What a hundredth of each option is worth.
    pub(super) weights: Vec<i64>,
    /// The most lots that may be used.
    pub(super) count_max: usize,
    /// Plans worth less are of no interest.
    pub(super) needed: i128,
    /// A plan worth this ends the search.
    pub(super) enough: i128,
}

/// A part of the search: these options may be chosen and those are granted in full, these lots
/// have to be used, and of each group of lots at least and at most so many.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) allowed: Vec<bool>,
    pub(super) full: Vec<bool>,
    pub(super) forced: Vec<bool>,
    pub(super) counts: Vec<(usize, usize)>,
}

impl Node {
    /// All that there is.
    pub(super) fn root(model: &Model) -> Self {
        Self {
            allowed: vec![true; model.options.len()],
            full: vec![false; model.options.len()],
            forced: vec![false; model.by_lot.len()],
            counts: model.groups.iter().map(|lots| (0, lots.len())).collect(),
        }
    }
}

/// What a search came to.
#[derive(Debug)]
pub(super) struct Answer {
    /// The amounts of the best plan that is worth enough to be of interest.
    pub(super) amounts: Option<Vec<i64>>,
    /// No plan is worth more; below what was needed where there is none.
    pub(super) bound: i128,
    /// Whether the search came to its end.
    pub(super) complete: bool,
}

impl Answer {
    /// Nothing was looked at.
    pub(super) const fn unknown() -> Self {
        Self {
            amounts: None,
            bound: i128::MAX,
            complete: false,
        }
    }
}

/// One search under way.
#[derive(Debug)]
struct Search<'a> {
    model: &'a Model,
    task: Task,
    root: Node,
    best: Option<Vec<i64>>,
    /// The largest bound of what was left open.
    left_open: Option<i128>,
}

/// Looks for the best plan within a node. The answer uses the lots that `root` forces, and grants
/// in full what `root` does.
pub(super) fn search(
    model: &Model,
    relaxation: &mut Relaxation,
    task: Task,
    root: Node,
    steps: &mut Steps,
) -> Answer {
    let (needed, enough) = (task.needed, task.enough);
    let mut search = Search {
        model,
        task,
        root: root.clone(),
        best: None,
        left_open: None,
    };
    let mut open = vec![(root, i128::MAX)];
    while let Some((node, bound)) = open.pop() {
        if bound < search.task.needed {
            continue;
        }
        if search.task.needed > enough || !steps.take() {
            search.leave_open(bound);
            continue;
        }
        search.visit(relaxation, node, bound, &mut open, steps);
    }
    let reached = search.task.needed.saturating_sub(1);
    let found = search.best.is_some();
    Answer {
        amounts: search.best,
        bound: search.left_open.map_or(reached, |open| open.max(reached)),
        complete: search.left_open.is_none() || found && reached >= enough && needed <= reached,
    }
}

/// Settles in a node what its bounds decide; false where it holds nothing that is needed.
pub(super) fn tighten(
    model: &Model,
    relaxation: &mut Relaxation,
    task: &Task,
    node: &mut Node,
    steps: &mut Steps,
) -> bool {
    let point = relaxation.solve(model, task, node, steps);
    let bound = Bound::new(model, task, node, &point.prices);
    let some = bound.value() >= task.needed;
    if some {
        fix(model, task.needed, node, &bound, &point);
    }
    some
}

/// Settles what the bound already decides.
fn fix(model: &Model, needed: i128, node: &mut Node, bound: &Bound, point: &Point) {
    for (place, option) in model.options.iter().enumerate() {
        let open = at(&node.allowed, place) && !at(&node.full, place);
        if open && bound.with_option(place, option.application) < needed {
            put(&mut node.allowed, place, false);
        }
    }
    for lot in 0..node.forced.len() {
        if !at(&node.forced, lot) && bound.without_lot(model, &point.prices, lot) < needed {
            put(&mut node.forced, lot, true);
        }
    }
    fill_caps(model, needed, node, bound, point);
}

/// A cap that has to be filled so far needs so many lots of its group.
fn fill_caps(model: &Model, needed: i128, node: &mut Node, bound: &Bound, point: &Point) {
    let caps = model.rooms.iter().zip(&model.most_of).enumerate();
    for (cap, (room, most_of)) in caps {
        let (Some((group, most)), Some(free)) =
            (most_of, bound.free_under(&point.prices, cap, needed))
        else {
            continue;
        };
        let filled = i128::from(*room).saturating_sub(free);
        let short = most.partition_point(|most| i128::from(*most) < filled);
        if filled > 0 {
            let (least, all) = at(&node.counts, *group);
            put(&mut node.counts, *group, (least.max(short + 1), all));
        }
    }
}

/// Whether all that a node allows can be granted at once, but for caps.
fn stand_together(model: &Model, node: &Node) -> bool {
    let mut lots = vec![None; model.by_lot.len()];
    let mut courses = vec![false; model.by_course.len()];
    let options = model.options.iter().zip(&node.allowed);
    let mut chosen = options.filter(|(_, allowed)| **allowed);
    chosen.all(|(option, _)| {
        let taken = at(&courses, option.course);
        put(&mut courses, option.course, true);
        let free = model.lots_of(option.application).iter().all(|lot| {
            let other = at(&lots, *lot);
            put(&mut lots, *lot, Some(option.application));
            other.is_none_or(|other| other == option.application)
        });
        !taken && free
    })
}

impl Search<'_> {
    fn leave_open(&mut self, bound: i128) {
        self.left_open = Some(self.left_open.map_or(bound, |open| open.max(bound)));
    }

    /// Bounds a node, and closes it or divides it in two.
    fn visit(
        &mut self,
        relaxation: &mut Relaxation,
        mut node: Node,
        parent: i128,
        open: &mut Vec<(Node, i128)>,
        steps: &mut Steps,
    ) {
        if !self.settle_count(&mut node) {
            return;
        }
        let remembered = relaxation.closing.iter().rposition(|prices| {
            Bound::new(self.model, &self.task, &node, prices).value() < self.task.needed
        });
        if let Some(place) = remembered {
            let prices = relaxation.closing.remove(place);
            relaxation.closing.push(prices);
            return;
        }
        let point = relaxation.solve(self.model, &self.task, &node, steps);
        let bound = Bound::new(self.model, &self.task, &node, &point.prices);
        let value = bound.value().min(parent);
        if value < self.task.needed {
            relaxation.closed_by(point.prices);
            return;
        }
        self.offer(near(self.model, &self.task, &node, &point));
        if value >= self.task.needed {
            self.round(&node, &point, steps);
        }
        if value < self.task.needed {
            return;
        }
        fix(self.model, self.task.needed, &mut node, &bound, &point);
        match branch(self.model, &self.task, &node, &point) {
            Some([first, second]) => open.extend([(second, value), (first, value)]),
            None => {
                let filled = self.fill(&node, steps);
                if filled >= self.task.needed {
                    self.leave_open(value.min(filled));
                }
            }
        }
    }

    /// Offers the best amounts of what a node allows, which must be able to stand together; says
    /// what no amounts exceed.
    fn fill(&mut self, node: &Node, steps: &mut Steps) -> i128 {
        let task = &self.task;
        let filled = amounts::best(self.model, &task.weights, task.needed, node, steps);
        self.offer(filled.amounts);
        filled.bound
    }

    /// Offers what the relaxation chooses, where it leaves nothing but amounts open.
    fn round(&mut self, node: &Node, point: &Point, steps: &mut Steps) {
        let mut chosen = node.clone();
        for (place, allowed) in chosen.allowed.iter_mut().enumerate() {
            *allowed &= at(&point.options, place) >= SOME;
        }
        if stand_together(self.model, &chosen) {
            self.fill(&chosen, steps);
        }
    }

    /// Where the forced lots are as many as may be used, nothing else is; false for too many.
    fn settle_count(&self, node: &mut Node) -> bool {
        let forced = node.forced.iter().filter(|forced| **forced).count();
        if forced == self.task.count_max {
            for lot in 0..node.forced.len() {
                if !at(&node.forced, lot) {
                    forbid_lot(self.model, node, lot);
                }
            }
        }
        forced <= self.task.count_max
    }

    /// Takes a plan that is good enough and better than what there is.
    fn offer(&mut self, amounts: Vec<i64>) {
        let value = value_of(&self.task.weights, &amounts);
        if value < self.task.needed {
            return;
        }
        let used = self.model.used(&amounts);
        let all = |must: &[bool], is: &[bool]| must.iter().zip(is).all(|(must, is)| *is || !*must);
        let full = self.model.options.iter().zip(&amounts);
        let full: Vec<bool> = full
            .map(|(option, amount)| option.gross == *amount)
            .collect();
        let kept = all(&self.root.forced, &used) && all(&self.root.full, &full);
        let count = used.iter().filter(|used| **used).count();
        if kept && count <= self.task.count_max {
            self.task.needed = value.saturating_add(1);
            self.best = Some(amounts);
        }
    }
}
