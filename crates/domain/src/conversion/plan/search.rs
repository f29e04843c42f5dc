//! Branch and bound over which applications are chosen.

use super::amounts::{self, value_of};
use super::bound::Bound;
use super::branch::{branch, forbid_lot};
use super::list::{at, put};
use super::model::Model;
use super::near::near;
use super::relax::{Point, Relaxation};
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

/// A part of the search: these options may be chosen, these lots have to be used.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) allowed: Vec<bool>,
    pub(super) forced: Vec<bool>,
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

/// One search under way.
#[derive(Debug)]
struct Search<'a> {
    model: &'a Model,
    task: Task,
    must: Vec<bool>,
    best: Option<Vec<i64>>,
    /// The largest bound of what was left open.
    left_open: Option<i128>,
}

/// Looks for the best plan within a node. Lots that `root` forces are used by the answer.
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
        must: root.forced.clone(),
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
        let point = relaxation.solve(self.model, &self.task, &node, steps);
        let bound = Bound::new(self.model, &self.task, &node, &point.prices);
        let value = bound.value().min(parent);
        if value < self.task.needed {
            return;
        }
        self.offer(near(self.model, &self.task, &node, &point));
        if value < self.task.needed {
            return;
        }
        self.fix(&mut node, &bound, &point);
        match branch(self.model, &self.task, &node, &point) {
            Some([first, second]) => open.extend([(second, value), (first, value)]),
            None => {
                let options = (0..self.model.options.len()).filter(|o| at(&node.allowed, *o));
                let options: Vec<usize> = options.collect();
                let filled = amounts::best(self.model, &self.task.weights, &options, steps);
                let rest = filled.bound > value_of(&self.task.weights, &filled.amounts);
                self.offer(filled.amounts);
                if rest {
                    self.leave_open(value.min(filled.bound));
                }
            }
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
        let kept = self
            .must
            .iter()
            .zip(&used)
            .all(|(must, used)| *used || !*must);
        let count = used.iter().filter(|used| **used).count();
        if kept && count <= self.task.count_max {
            self.task.needed = value.saturating_add(1);
            self.best = Some(amounts);
        }
    }

    /// Settles what the bound already decides.
    fn fix(&self, node: &mut Node, bound: &Bound, point: &Point) {
        for (place, option) in self.model.options.iter().enumerate() {
            if at(&node.allowed, place)
                && bound.with_option(place, option.application) < self.task.needed
            {
                put(&mut node.allowed, place, false);
            }
        }
        for lot in 0..node.forced.len() {
            if !at(&node.forced, lot)
                && bound.without_lot(self.model, &point.prices, lot) < self.task.needed
            {
                put(&mut node.forced, lot, true);
            }
        }
    }
}
