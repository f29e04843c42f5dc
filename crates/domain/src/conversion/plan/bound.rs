//! An upper bound that holds for any prices, computed in whole numbers.
//!
//! Every lot, course, cap and the count of lots has a price of zero or more. A plan that keeps to
//! them all is worth at most what they cost in full, plus what each application gains beyond the
//! prices that it would pay. That is weak duality; which prices make the bound low does not matter
//! here.

use super::list::{at, row};
use super::lp::BITS;
use super::model::Model;
use super::search::{Node, Task};

/// Prices in units of the task's value, with [`BITS`] bits behind the point, none below zero.
#[derive(Debug, Clone, Default)]
pub(super) struct Prices {
    pub(super) lots: Vec<i128>,
    pub(super) courses: Vec<i128>,
    /// For one hundredth under the cap.
    pub(super) caps: Vec<i128>,
    /// For one more lot.
    pub(super) count: i128,
    /// For one more lot of a group where it is at its most, and for one less where at its least.
    pub(super) groups: Vec<(i128, i128)>,
}

impl Prices {
    /// What a lot costs by being counted.
    fn counted(&self, model: &Model, lot: usize) -> i128 {
        let groups = row(&model.groups_of, lot).iter();
        groups.fold(self.count, |sum, group| {
            let (most, least) = at(&self.groups, *group);
            sum.saturating_add(most).saturating_sub(least)
        })
    }
}

/// A count as a factor.
fn wide(count: usize) -> i128 {
    i128::try_from(count).unwrap_or(i128::MAX)
}

/// The bound, and what each piece adds to it.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    /// With [`BITS`] bits behind the point.
    exact: i128,
    /// What each option gains beyond its caps' and course's price; below zero for a loss.
    options: Vec<i128>,
    /// What each application gains beyond its lots' prices too.
    applications: Vec<i128>,
    /// What of that is in the bound.
    counted: Vec<i128>,
}

impl Bound {
    /// No plan of the node is worth more.
    pub(super) fn new(model: &Model, task: &Task, node: &Node, prices: &Prices) -> Self {
        let mut exact = 0_i128;
        let mut add = |value: i128| exact = exact.saturating_add(value);
        prices.courses.iter().for_each(|price| add(*price));
        for (price, room) in prices.caps.iter().zip(&model.rooms) {
            add(price.saturating_mul(i128::from(*room)));
        }
        add(prices.count.saturating_mul(wide(task.count_max)));
        for ((at_most, at_least), (least, most)) in prices.groups.iter().zip(&node.counts) {
            add(at_most.saturating_mul(wide(*most)));
            add(at_least.saturating_mul(wide(*least)).saturating_neg());
        }
        for lot in 0..model.by_lot.len() {
            let gain = at(&prices.lots, lot).saturating_sub(prices.counted(model, lot));
            add(if at(&node.forced, lot) {
                gain
            } else {
                gain.max(0)
            });
        }
        let options = option_gains(model, task, node, prices);
        let mut applications = Vec::with_capacity(model.applications.len());
        let mut counted = Vec::with_capacity(model.applications.len());
        for application in &model.applications {
            let its = application.options.iter().map(|option| {
                let gain = at(&options, *option);
                if at(&node.full, *option) {
                    gain
                } else {
                    gain.max(0)
                }
            });
            let lots = application.lots.iter().map(|lot| at(&prices.lots, *lot));
            let gain = its.fold(0, i128::saturating_add);
            let gain = gain.saturating_sub(lots.fold(0, i128::saturating_add));
            let chosen = application.options.iter().any(|o| at(&node.full, *o));
            applications.push(gain);
            counted.push(if chosen { gain } else { gain.max(0) });
        }
        counted.iter().for_each(|gain| add(*gain));
        Self {
            exact,
            options,
            applications,
            counted,
        }
    }

    /// The bound as a whole number.
    pub(super) const fn value(&self) -> i128 {
        self.exact >> BITS
    }

    /// What an application gains beyond all prices.
    pub(super) fn gain(&self, application: usize) -> i128 {
        at(&self.applications, application)
    }

    /// The bound for plans that choose an option.
    pub(super) fn with_option(&self, option: usize, application: usize) -> i128 {
        let gain = at(&self.applications, application);
        let chosen = gain.saturating_add(at(&self.options, option).min(0));
        let lost = at(&self.counted, application).saturating_sub(chosen);
        self.exact.saturating_sub(lost) >> BITS
    }

    /// What a plan worth `needed` may leave free under a cap at most.
    pub(super) fn free_under(&self, prices: &Prices, cap: usize, needed: i128) -> Option<i128> {
        let slack = self.exact.saturating_sub(needed.checked_shl(BITS)?);
        slack.checked_div(at(&prices.caps, cap))
    }

    /// The bound for plans that do not use a lot.
    pub(super) fn without_lot(&self, model: &Model, prices: &Prices, lot: usize) -> i128 {
        let counted = prices.counted(model, lot);
        let own = at(&prices.lots, lot).saturating_sub(counted).max(0);
        let gains = row(&model.by_lot, lot).iter();
        let gains = gains.map(|application| at(&self.counted, *application));
        let lost = gains.fold(own, i128::saturating_add);
        self.exact.saturating_sub(lost) >> BITS
    }
}

fn option_gains(model: &Model, task: &Task, node: &Node, prices: &Prices) -> Vec<i128> {
    let options = model.options.iter().enumerate();
    options
        .map(|(place, option)| {
            let course = at(&prices.courses, option.course);
            if !at(&node.allowed, place) {
                // Never chosen: no gain, and no reason to look at it again.
                return i128::MIN >> 1;
            }
            let caps = option.caps.iter().map(|cap| at(&prices.caps, *cap));
            let price = caps.fold(0, i128::saturating_add);
            let worth = i128::from(at(&task.weights, place)) << BITS;
            let gain = worth.saturating_sub(price);
            let full = at(&node.full, place);
            (if full { gain } else { gain.max(0) })
                .saturating_mul(i128::from(option.gross))
                .saturating_sub(course)
        })
        .collect()
}
