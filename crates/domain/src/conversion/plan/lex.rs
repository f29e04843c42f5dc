//! The order in which plans are better than others: total, number of lots, age of lots, amounts.

use super::branch::forbid_lot;
use super::list::{at, put};
use super::model::{Choice, Model, Part, most_in_all};
use super::near::greedy;
use super::relax::Relaxation;
use super::search::{Answer, Node, Task, search};
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
pub(super) fn solve(part: &Part, steps: &mut Steps) -> Outcome {
    let mut solver = Solver::new(part);
    let bound = solver.largest_total(part, steps);
    let total = solver.total();
    let proven = bound == total
        && solver.fewest_lots(steps)
        && solver.oldest_lots(steps)
        && solver.fill_oldest(part, steps);
    Outcome {
        granted: solver.plan,
        proven,
        bound,
    }
}

/// The best plan so far and what is needed to better it.
#[derive(Debug)]
struct Solver {
    model: Model,
    relaxation: Relaxation,
    /// By the model's numbers.
    amounts: Vec<i64>,
    /// By the caller's numbers.
    plan: Vec<(usize, i64)>,
}

impl Solver {
    fn new(part: &Part) -> Self {
        let model = Model::new(part);
        Self {
            relaxation: Relaxation::new(&model),
            amounts: vec![0; model.options.len()],
            plan: Vec::new(),
            model,
        }
    }

    fn total(&self) -> i64 {
        let amounts = self.amounts.iter();
        amounts.fold(0, |sum: i64, amount| sum.saturating_add(*amount))
    }

    fn keep(&mut self, amounts: Vec<i64>) {
        self.plan = self.model.named(&amounts);
        self.amounts = amounts;
    }

    fn root(&self) -> Node {
        Node {
            allowed: vec![true; self.model.options.len()],
            forced: vec![false; self.model.by_lot.len()],
        }
    }

    /// Looks for the plan of the largest total; says what no plan exceeds.
    fn largest_total(&mut self, part: &Part, steps: &mut Steps) -> i64 {
        let most = most_in_all(&part.choices);
        let mut task = Task {
            weights: vec![1; self.model.options.len()],
            count_max: self.model.by_lot.len(),
            needed: 1,
            enough: most.into(),
        };
        let root = self.root();
        self.keep(greedy(&self.model, &task, &root));
        task.needed = i128::from(self.total()) + 1;
        let answer = search(&self.model, &mut self.relaxation, task, root, steps);
        let bound = i64::try_from(answer.bound).unwrap_or(i64::MAX).min(most);
        if let Some(amounts) = answer.amounts {
            self.keep(amounts);
        }
        bound.max(self.total())
    }

    /// Looks for a plan of the same total within a node.
    fn same_total(&mut self, node: Node, count_max: usize, steps: &mut Steps) -> Found {
        let total = i128::from(self.total());
        let task = Task {
            weights: vec![1; self.model.options.len()],
            count_max,
            needed: total,
            enough: total,
        };
        let answer = search(&self.model, &mut self.relaxation, task, node, steps);
        self.take(answer)
    }

    fn take(&mut self, answer: Answer) -> Found {
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
    fn fewest_lots(&mut self, steps: &mut Steps) -> bool {
        while let Some(fewer) = self.count().checked_sub(1) {
            match self.same_total(self.root(), fewer, steps) {
                Found::Better => {}
                Found::Nothing => return true,
                Found::Unknown => return false,
            }
        }
        true
    }

    /// Looks for as many lots, but older ones; false where that stays open.
    fn oldest_lots(&mut self, steps: &mut Steps) -> bool {
        let count = self.count();
        let mut node = self.root();
        let mut settled = 0;
        for lot in 0..self.model.by_lot.len() {
            if settled == count {
                return true;
            }
            if !at(&self.model.used(&self.amounts), lot) {
                let mut with_lot = node.clone();
                put(&mut with_lot.forced, lot, true);
                match self.same_total(with_lot, count, steps) {
                    Found::Better => {}
                    Found::Nothing => {
                        forbid_lot(&self.model, &mut node, lot);
                        continue;
                    }
                    Found::Unknown => return false,
                }
            }
            put(&mut node.forced, lot, true);
            settled += 1;
        }
        true
    }

    /// Gives the first options as much as possible, one after the other, from the lots that are
    /// settled; false where that stays open.
    fn fill_oldest(&mut self, part: &Part, steps: &mut Steps) -> bool {
        let used = self.used_names(part);
        let mut rest = part.clone();
        rest.choices
            .retain(|choice| choice.lots.iter().all(|lot| used.contains(lot)));
        let mut settled: Vec<(usize, i64)> = Vec::new();
        let mut amounts = std::mem::take(&mut self.plan);
        let mut proven = true;
        while proven {
            rest.tidy();
            amounts.retain(|(source, _)| rest.choices.iter().any(|c| c.source == *source));
            let mut solver = Self::new(&rest);
            solver.set(&amounts);
            let (first, complete) = solver.fill_first(&rest, steps);
            proven = complete;
            amounts.clone_from(&solver.plan);
            let Some((place, amount)) = first else {
                break;
            };
            let Some(choice) = rest.choices.get(place).cloned() else {
                break;
            };
            settled.push((choice.source, amount));
            amounts.retain(|(source, _)| *source != choice.source);
            settle(&mut rest, place, &choice, amount);
        }
        settled.extend(amounts);
        self.plan = settled;
        proven
    }

    /// The lots of the plan by the caller's numbers.
    fn used_names(&self, part: &Part) -> std::collections::BTreeSet<usize> {
        let choices = part.choices.iter().zip(&self.amounts);
        choices
            .filter(|(_, amount)| **amount > 0)
            .flat_map(|(choice, _)| choice.lots.iter().copied())
            .collect()
    }

    /// Starts from amounts by the caller's numbers.
    fn set(&mut self, plan: &[(usize, i64)]) {
        let options = self.model.options.iter().map(|option| {
            let named = plan.iter().find(|(source, _)| *source == option.source);
            named.map_or(0, |(_, amount)| *amount)
        });
        let amounts: Vec<i64> = options.collect();
        self.keep(amounts);
    }

    /// Finds the first option that can be granted anything, and grants it the most; with it
    /// whether that is proven.
    fn fill_first(&mut self, part: &Part, steps: &mut Steps) -> (Option<(usize, i64)>, bool) {
        let mut node = self.root();
        for (place, choice) in part.choices.iter().enumerate() {
            let mut proven = true;
            if at(&self.amounts, place) < choice.gross {
                proven = self.raise(place, choice, &node, steps);
            }
            let amount = at(&self.amounts, place);
            if amount > 0 || !proven {
                return (Some((place, amount)).filter(|_| amount > 0), proven);
            }
            put(&mut node.allowed, place, false);
        }
        (None, true)
    }

    /// Grants an option the most that leaves the total as it is; false where that stays open.
    fn raise(&mut self, place: usize, choice: &Choice, node: &Node, steps: &mut Steps) -> bool {
        let weight = choice.gross.saturating_add(1);
        let mut weights = vec![weight; self.model.options.len()];
        put(&mut weights, place, weight.saturating_add(1));
        let most = i128::from(weight) * i128::from(self.total());
        let task = Task {
            weights,
            count_max: self.model.by_lot.len(),
            needed: most + i128::from(at(&self.amounts, place)) + 1,
            enough: most + i128::from(choice.gross),
        };
        let answer = search(&self.model, &mut self.relaxation, task, node.clone(), steps);
        let complete = answer.complete;
        self.take(answer);
        complete
    }
}

/// What a search for something better came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It was found and kept.
    Better,
    /// There is nothing.
    Nothing,
    /// The search was cut short.
    Unknown,
}

/// Takes what one choice is granted out of a part, and everything that cannot stand beside it.
fn settle(rest: &mut Part, place: usize, settled: &Choice, amount: i64) {
    for cap in &settled.caps {
        let left = at(&rest.rooms, *cap).saturating_sub(amount);
        put(&mut rest.rooms, *cap, left);
    }
    let same = |c: &Choice| c.application == settled.application && c.lots == settled.lots;
    let before = |position: usize| position <= place;
    let mut position = 0_usize;
    rest.choices.retain(|choice| {
        let keep = !before(position)
            && choice.course != settled.course
            && (same(choice) || !choice.lots.iter().any(|lot| settled.lots.contains(lot)));
        position += 1;
        keep
    });
    for choice in rest.choices.iter_mut().filter(|choice| same(choice)) {
        // The lots are used already: its other courses cost no further ones.
        choice.lots.clear();
    }
}
