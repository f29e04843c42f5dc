//! The order in which plans are better than others: total, number of lots, age of lots, amounts.

use super::branch::forbid_lot;
use super::list::{at, put};
use super::model::{Model, Part, most_in_all};
use super::near::greedy;
use super::relax::{Detail, Relaxation};
use super::search::{Answer, Node, Task, search, tighten};
use super::steps::Steps;

/// The best plan of a part.
#[derive(Debug)]
pub(super) struct Outcome {
    /// What each chosen option grants, by the caller's numbers.
    pub(super) granted: Vec<(usize, i64)>,
    pub(super) proven: bool,
    /// No plan of the part grants more.
    pub(super) bound: i64,
}

/// Finds the best plan of a part.
pub(super) fn solve(part: Part, steps: &mut Steps) -> Outcome {
    let mut solver = Solver::new(part);
    let bound = solver.largest_total(steps);
    let whole = solver.part.clone();
    let mut solver = solver.without_implied();
    let proven = bound == solver.total()
        && solver.fewest_lots(steps)
        && solver.oldest_lots(steps)
        && solver.fill_oldest(whole, steps);
    Outcome {
        granted: solver.plan,
        proven,
        bound,
    }
}

/// Steps for the quick attempt at a question about lots, before groups of them are looked at.
const QUICK: u64 = 400;

/// The best plan so far and what is needed to better it.
#[derive(Debug)]
pub(super) struct Solver {
    pub(super) part: Part,
    pub(super) model: Model,
    relaxations: Vec<Relaxation>,
    /// By the model's numbers.
    pub(super) amounts: Vec<i64>,
    /// By the caller's numbers.
    pub(super) plan: Vec<(usize, i64)>,
    /// What plans are cut back to.
    goal: Option<i64>,
    /// Whether quick attempts have ceased to help.
    thorough: bool,
}

impl Solver {
    pub(super) fn new(part: Part) -> Self {
        let model = Model::new(&part);
        Self {
            part,
            relaxations: Vec::new(),
            amounts: vec![0; model.options.len()],
            plan: Vec::new(),
            goal: None,
            thorough: false,
            model,
        }
    }

    pub(super) fn total(&self) -> i64 {
        let amounts = self.amounts.iter();
        amounts.fold(0, |sum: i64, amount| sum.saturating_add(*amount))
    }

    /// The same without the caps that the total keeps to: whatever grants as much without them can
    /// be cut back to it. With them, nothing would tell a plan that just reaches the total from one
    /// that could do far more, and that is where older lots can still be had.
    pub(super) fn without_implied(&self) -> Self {
        let total = self.total();
        let mut part = self.part.clone();
        for room in part.rooms.iter_mut().filter(|room| **room >= total) {
            *room = i64::MAX;
        }
        part.tidy();
        let mut other = Self::new(part);
        other.goal = Some(total);
        other.set(&self.plan);
        other
    }

    /// Settles what bounds decide about options.
    pub(super) fn settle_bounds(&mut self, node: &mut Node, steps: &mut Steps) {
        self.tighten(node, usize::MAX, Detail::Amounts, steps);
    }

    /// Keeps a plan, cut back to the total from its last option on.
    pub(super) fn keep(&mut self, mut amounts: Vec<i64>) {
        let sum = |sum: i64, amount: &i64| sum.saturating_add(*amount);
        let mut over = self.goal.map_or(0, |goal| {
            amounts.iter().fold(0, sum).saturating_sub(goal).max(0)
        });
        for amount in amounts.iter_mut().rev() {
            let less = over.min(*amount);
            *amount = amount.saturating_sub(less);
            over = over.saturating_sub(less);
        }
        self.plan = self.model.named(&amounts);
        self.amounts = amounts;
    }

    /// Looks for the plan of the largest total; says what no plan exceeds.
    fn largest_total(&mut self, steps: &mut Steps) -> i64 {
        let most = most_in_all(&self.part.choices);
        let mut task = Task {
            weights: vec![1; self.model.options.len()],
            count_max: self.model.by_lot.len(),
            needed: 1,
            enough: most.into(),
        };
        let root = Node::root(&self.model);
        self.keep(greedy(&self.model, &task, &root));
        task.needed = i128::from(self.total()) + 1;
        let answer = self.search(Detail::Amounts, task, root, steps);
        let bound = i64::try_from(answer.bound).unwrap_or(i64::MAX).min(most);
        if let Some(amounts) = answer.amounts {
            self.keep(amounts);
        }
        bound.max(self.total())
    }

    fn relaxation(&mut self, detail: Detail) -> (&Model, Option<&mut Relaxation>) {
        if self.relaxations.iter().all(|r| r.detail != detail) {
            self.relaxations.push(Relaxation::new(&self.model, detail));
        }
        let mut relaxations = self.relaxations.iter_mut();
        (&self.model, relaxations.find(|r| r.detail == detail))
    }

    pub(super) fn search(
        &mut self,
        detail: Detail,
        task: Task,
        root: Node,
        steps: &mut Steps,
    ) -> Answer {
        match self.relaxation(detail) {
            (model, Some(relaxation)) => search(model, relaxation, task, root, steps),
            (_, None) => Answer::unknown(),
        }
    }

    /// Looks for a plan of the same total within limits: quickly, as long as that helps, then by
    /// groups of lots.
    fn same_total(&mut self, limits: &Limits, lot: Option<usize>, steps: &mut Steps) -> Found {
        let task = self.same(limits.count_max);
        let with_lot = |node: &Node| {
            let mut node = node.clone();
            if let Some(lot) = lot {
                put(&mut node.forced, lot, true);
            }
            node
        };
        if !self.thorough {
            let mut quick = steps.lend(QUICK);
            let answer = self.search(
                Detail::Lots,
                task.clone(),
                with_lot(&limits.node),
                &mut quick,
            );
            steps.take_back(&quick);
            let found = self.take(answer);
            if found != Found::Unknown {
                return found;
            }
            self.thorough = true;
        }
        let answer = self.search(Detail::Groups, task, with_lot(&limits.node), steps);
        self.take(answer)
    }

    /// The task of finding the total again with so many lots.
    pub(super) fn same(&self, count_max: usize) -> Task {
        let total = i128::from(self.total());
        Task {
            weights: vec![1; self.model.options.len()],
            count_max,
            needed: total,
            enough: total,
        }
    }

    /// Settles in a node what bounds decide where less than the total is of no interest.
    /// False where nothing of interest is left.
    fn tighten(
        &mut self,
        node: &mut Node,
        count_max: usize,
        detail: Detail,
        steps: &mut Steps,
    ) -> bool {
        let task = self.same(count_max);
        match self.relaxation(detail) {
            (model, Some(relaxation)) => tighten(model, relaxation, &task, node, steps),
            (_, None) => true,
        }
    }

    /// Takes options away that no plan of the same total with so few lots chooses.
    pub(super) fn shrink(&mut self, count_max: usize, detail: Detail, steps: &mut Steps) {
        let mut node = Node::root(&self.model);
        self.tighten(&mut node, count_max, detail, steps);
        let allowed = node.allowed.iter().filter(|allowed| **allowed).count();
        if allowed == node.allowed.len() {
            return;
        }
        let mut part = std::mem::take(&mut self.part);
        let mut allowed = node.allowed.iter();
        part.choices
            .retain(|_| allowed.next().copied().unwrap_or(true));
        part.tidy();
        let (plan, goal) = (std::mem::take(&mut self.plan), self.goal);
        *self = Self::new(part);
        self.goal = goal;
        self.set(&plan);
    }

    pub(super) fn take(&mut self, answer: Answer) -> Found {
        match answer.amounts {
            Some(amounts) => {
                self.keep(amounts);
                Found::Better
            }
            None if answer.complete => Found::Nothing,
            None => Found::Unknown,
        }
    }

    fn count(&self) -> usize {
        let used = self.model.used(&self.amounts);
        used.into_iter().filter(|used| *used).count()
    }

    /// Looks for plans of the same total with fewer lots; false where that stays open.
    ///
    /// Starts from the smallest number that is not refuted at once: that is nearly always it.
    fn fewest_lots(&mut self, steps: &mut Steps) -> bool {
        self.shrink(usize::MAX, Detail::Amounts, steps);
        let mut least = self.refuted_below(steps);
        while least < self.count() {
            let limits = self.limits(least, steps);
            match self.same_total(&limits, None, steps) {
                Found::Better => {}
                Found::Nothing => least += 1,
                Found::Unknown => return false,
            }
        }
        true
    }

    /// All plans of so many lots, but for what bounds of the total decide.
    fn limits(&mut self, count_max: usize, steps: &mut Steps) -> Limits {
        let mut node = Node::root(&self.model);
        self.tighten(&mut node, usize::MAX, Detail::Amounts, steps);
        Limits { node, count_max }
    }

    /// A number of lots that the total needs at least, by bounds alone.
    fn refuted_below(&mut self, steps: &mut Steps) -> usize {
        let (mut refuted, mut open) = (0, self.count());
        while refuted < open {
            let middle = refuted.midpoint(open);
            let Limits { mut node, .. } = self.limits(middle, steps);
            if self.tighten(&mut node, middle, Detail::Groups, steps) {
                open = middle;
            } else {
                refuted = middle + 1;
            }
        }
        open
    }

    /// Looks for as many lots, but older ones; false where that stays open.
    fn oldest_lots(&mut self, steps: &mut Steps) -> bool {
        let count = self.count();
        self.shrink(count, Detail::Lots, steps);
        let mut limits = self.limits(count, steps);
        let mut settled = 0;
        for lot in 0..self.model.by_lot.len() {
            if settled == count {
                break;
            }
            if !at(&self.model.used(&self.amounts), lot) {
                match self.same_total(&limits, Some(lot), steps) {
                    Found::Better => {}
                    Found::Nothing => {
                        forbid_lot(&self.model, &mut limits.node, lot);
                        continue;
                    }
                    Found::Unknown => return false,
                }
            }
            put(&mut limits.node.forced, lot, true);
            settled += 1;
        }
        true
    }

    /// Starts from amounts by the caller's numbers.
    pub(super) fn set(&mut self, plan: &[(usize, i64)]) {
        let options = self.model.options.iter().map(|option| {
            let named = plan.iter().find(|(source, _)| *source == option.source);
            named.map_or(0, |(_, amount)| *amount)
        });
        let amounts: Vec<i64> = options.collect();
        self.keep(amounts);
    }
}

/// Where a plan of the same total is looked for.
#[derive(Debug)]
struct Limits {
    node: Node,
    /// The most lots that may be used.
    count_max: usize,
}

/// What a search for something better came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It was found and kept.
    Better,
    /// There is nothing.
    Nothing,
    /// The search was cut short.
    Unknown,
}
