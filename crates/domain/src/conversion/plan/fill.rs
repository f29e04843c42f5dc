//! The last order of plans: of equal plans with equal lots, the one that fills the first options
//! first.

use std::collections::BTreeSet;

use super::branch::grant_in_full;
use super::lex::{Found, Solver};
use super::list::{at, put};
use super::model::{Choice, Part};
use super::relax::Detail;
use super::search::{Node, Task};
use super::steps::Steps;

impl Solver {
    /// Gives the first options as much as possible, one after the other, from the lots that are
    /// settled; false where that stays open.
    pub(super) fn fill_oldest(&mut self, whole: Part, steps: &mut Steps) -> bool {
        let used = self.used_names();
        let mut rest = whole;
        rest.choices
            .retain(|choice| choice.lots.iter().all(|lot| used.contains(lot)));
        let mut settled: Vec<(usize, i64)> = Vec::new();
        let mut open = std::mem::take(&mut self.plan);
        let mut filled = Filled::InPart;
        while filled == Filled::InPart {
            rest.tidy();
            let mut solver = Self::new(rest);
            solver.set(&open);
            solver.shrink(usize::MAX, Detail::Amounts, steps);
            let (granted, how) = solver.fill(steps);
            filled = how;
            rest = solver.part;
            for (source, amount) in &granted {
                settle(&mut rest, *source, *amount);
            }
            open = solver.plan;
            open.retain(|(source, _)| granted.iter().all(|(other, _)| other != source));
            settled.extend(granted);
        }
        settled.extend(open);
        self.plan = settled;
        filled == Filled::All
    }

    /// The lots of the plan by the caller's numbers.
    fn used_names(&self) -> BTreeSet<usize> {
        let choices = self.part.choices.iter().zip(&self.amounts);
        choices
            .filter(|(_, amount)| **amount > 0)
            .flat_map(|(choice, _)| choice.lots.iter().copied())
            .collect()
    }

    /// Grants options the most, one after the other, until one is granted in part: the rest is a
    /// smaller problem then.
    ///
    /// Most is decided without the caps that the total keeps to. Their groups are others, which
    /// does not matter: any number of lots may be used here, so the node's counts are not read.
    fn fill(&mut self, steps: &mut Steps) -> (Vec<(usize, i64)>, Filled) {
        let mut loose = self.without_implied();
        let mut node = Node::root(&self.model);
        let mut granted = Vec::new();
        let mut left = self.total();
        for place in 0..self.model.options.len() {
            if left == 0 {
                break;
            }
            let Some((source, gross)) = self.model.options.get(place).map(|o| (o.source, o.gross))
            else {
                break;
            };
            if !at(&node.allowed, place) {
                continue;
            }
            if at(&self.amounts, place) < gross.min(left) {
                if !self.raise(&mut loose, place, &node, steps) {
                    return (granted, Filled::CutShort);
                }
                loose.settle_bounds(&mut node, steps);
            }
            let amount = at(&self.amounts, place);
            if amount == 0 {
                put(&mut node.allowed, place, false);
                continue;
            }
            granted.push((source, amount));
            left = left.saturating_sub(amount);
            if amount < gross {
                return (granted, Filled::InPart);
            }
            grant_in_full(&self.model, &mut node, place);
        }
        (granted, Filled::All)
    }

    /// Grants an option the most that leaves the total as it is; false where that stays open.
    fn raise(&mut self, loose: &mut Self, place: usize, node: &Node, steps: &mut Steps) -> bool {
        let mut full = node.clone();
        grant_in_full(&self.model, &mut full, place);
        let answer = loose.search(Detail::Amounts, loose.same(usize::MAX), full, steps);
        match loose.take(answer) {
            Found::Better => {
                self.keep(loose.amounts.clone());
                true
            }
            Found::Unknown => false,
            // Where no cap is in the way, an option is granted in full or cut back to the total.
            Found::Nothing if !loose.is_capped(place) => true,
            Found::Nothing => self.raise_in_part(place, node, steps),
        }
    }

    fn is_capped(&self, place: usize) -> bool {
        let option = self.model.options.get(place);
        option.is_some_and(|option| !option.caps.is_empty())
    }

    /// Grants an option the most under the caps as they are, but not all.
    fn raise_in_part(&mut self, place: usize, node: &Node, steps: &mut Steps) -> bool {
        let gross = self.model.options.get(place).map_or(0, |o| o.gross);
        if at(&self.amounts, place).saturating_add(1) >= gross {
            return true;
        }
        let dearest = self.model.options.iter().map(|option| option.gross).max();
        let weight = dearest.unwrap_or(0).saturating_add(1);
        let mut weights = vec![weight; self.model.options.len()];
        put(&mut weights, place, weight.saturating_add(1));
        let most = i128::from(weight) * i128::from(self.total());
        let task = Task {
            weights,
            count_max: self.model.by_lot.len(),
            needed: most + i128::from(at(&self.amounts, place)) + 1,
            enough: most + i128::from(gross) - 1,
        };
        let answer = self.search(Detail::Amounts, task, node.clone(), steps);
        let complete = answer.complete;
        self.take(answer);
        complete
    }
}

/// How far the amounts were settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// All of them.
    All,
    /// Up to an option that is granted in part.
    InPart,
    /// Up to where the search was cut short.
    CutShort,
}

/// Takes what one choice is granted out of a part, with everything before it in the order, and
/// everything that cannot stand beside it.
fn settle(rest: &mut Part, source: usize, amount: i64) {
    let Some(place) = rest.choices.iter().position(|c| c.source == source) else {
        return;
    };
    let mut after = rest.choices.split_off(place).into_iter();
    let Some(settled) = after.next() else {
        return;
    };
    for cap in &settled.caps {
        let left = at(&rest.rooms, *cap).saturating_sub(amount);
        put(&mut rest.rooms, *cap, left);
    }
    let same = |c: &Choice| c.application == settled.application && c.lots == settled.lots;
    let beside = |c: &Choice| {
        let apart = !c.lots.iter().any(|lot| settled.lots.contains(lot));
        c.course != settled.course && (same(c) || apart)
    };
    rest.choices = after.filter(beside).collect();
    for choice in rest.choices.iter_mut().filter(|choice| same(choice)) {
        // The lots are used already: its other courses cost no further ones.
        choice.lots.clear();
    }
}
