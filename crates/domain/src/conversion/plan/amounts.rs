//! How much each of a set of options grants, once it is settled that they can stand together.

use super::list::{at, put};
use super::lp::{BITS, Lp, ONE, ratio};
use super::model::Model;
use super::relax::whole_of;
use super::search::Node;
use super::steps::Steps;

/// What is left under each cap while amounts are given out.
#[derive(Debug, Clone)]
pub(super) struct Rooms<'a> {
    model: &'a Model,
    left: Vec<i64>,
}

impl<'a> Rooms<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        Self {
            model,
            left: model.rooms.clone(),
        }
    }

    /// Takes back what an option was given.
    pub(super) fn take_back(&mut self, option: usize, given: i64) {
        let caps = self.model.options.get(option).map(|o| o.caps.as_slice());
        for cap in caps.unwrap_or_default() {
            let left = at(&self.left, *cap).saturating_add(given);
            put(&mut self.left, *cap, left);
        }
    }

    /// Gives an option up to `wish` more, as far as its caps allow; says how much.
    pub(super) fn give(&mut self, option: usize, wish: i64) -> i64 {
        let caps = self.model.options.get(option).map(|o| o.caps.as_slice());
        let caps = caps.unwrap_or_default();
        let room = caps.iter().map(|cap| at(&self.left, *cap)).min();
        let given = wish.min(room.unwrap_or(wish)).max(0);
        for cap in caps {
            let left = at(&self.left, *cap).saturating_sub(given);
            put(&mut self.left, *cap, left);
        }
        given
    }
}

/// The best amounts of a set of options.
#[derive(Debug)]
pub(super) struct Filled {
    /// For every option of the model, 0 where it is not in the set.
    pub(super) amounts: Vec<i64>,
    /// No amounts are worth more.
    pub(super) bound: i128,
}

/// Ranges that amounts are searched in, each (option, least, most).
type Ranges = Vec<(usize, i64, i64)>;

/// Finds the amounts of the largest value, exactly: `weights · amounts` under the caps, of all
/// options that a node allows. They must be able to stand together.
///
/// Amounts worth less than `needed` are of no interest. Stops early when it runs out of steps; the
/// bound holds then too.
pub(super) fn best(
    model: &Model,
    weights: &[i64],
    needed: i128,
    node: &Node,
    steps: &mut Steps,
) -> Filled {
    let options = model.options.iter().enumerate();
    let whole: Ranges = options
        .filter(|(place, _)| at(&node.allowed, *place))
        .map(|(place, option)| {
            let least = if at(&node.full, place) {
                option.gross
            } else {
                0
            };
            (place, least, option.gross)
        })
        .collect();
    let mut best = vec![0; model.options.len()];
    let mut best_value = needed.saturating_sub(1);
    let mut cut_short = 0;
    let mut open = vec![(whole, i128::MAX)];
    while let Some((ranges, parent)) = open.pop() {
        if parent <= best_value {
            continue;
        }
        if !steps.take() {
            cut_short = cut_short.max(parent);
            continue;
        }
        let Some(relaxed) = Relaxed::new(model, weights, &ranges, steps) else {
            continue;
        };
        let bound = relaxed.bound.min(parent);
        let amounts = round(model, weights, &ranges, &relaxed.amounts);
        let value = value_of(weights, &amounts);
        if value > best_value {
            best_value = value;
            best = amounts;
        }
        if bound > best_value {
            open.extend(halves(ranges, &relaxed).map(|ranges| (ranges, bound)));
        }
    }
    Filled {
        amounts: best,
        bound: best_value.max(cut_short),
    }
}

/// What amounts are worth.
pub(super) fn value_of(weights: &[i64], amounts: &[i64]) -> i128 {
    let products = weights.iter().zip(amounts);
    products.fold(0, |sum, (weight, amount)| {
        sum.saturating_add(i128::from(*weight) * i128::from(*amount))
    })
}

/// Whole amounts near those of the relaxation, filled up where there is room, dearest first.
fn round(model: &Model, weights: &[i64], ranges: &Ranges, near: &[i64]) -> Vec<i64> {
    let mut rooms = Rooms::new(model);
    let mut amounts = vec![0; model.options.len()];
    let mut order: Vec<(usize, i64, i64)> = Vec::with_capacity(ranges.len());
    for ((option, _, most), near) in ranges.iter().zip(near) {
        put(&mut amounts, *option, rooms.give(*option, *near));
        order.push((*option, at(weights, *option), *most));
    }
    order.sort_by_key(|(option, weight, _)| (std::cmp::Reverse(*weight), *option));
    for (option, _, most) in order {
        let has = at(&amounts, option);
        let more = rooms.give(option, most.saturating_sub(has));
        put(&mut amounts, option, has.saturating_add(more));
    }
    amounts
}

/// Divides the widest open question in two, the likelier half last.
fn halves(ranges: Ranges, relaxed: &Relaxed) -> impl Iterator<Item = Ranges> {
    let open = ranges.iter().zip(&relaxed.amounts).zip(&relaxed.broken);
    let open = open.enumerate().filter(|(_, ((r, _), _))| r.1 < r.2);
    let chosen = open.max_by_key(|(_, ((r, _), broken))| (**broken, r.2.saturating_sub(r.1)));
    let chosen = chosen
        .map(|(place, (((_, _, most), near), _))| (place, (*near).min(most.saturating_sub(1))));
    chosen.into_iter().flat_map(move |(place, near)| {
        let mut above = ranges.clone();
        let mut below = ranges.clone();
        if let (Some(above), Some(below)) = (above.get_mut(place), below.get_mut(place)) {
            above.1 = near.saturating_add(1);
            below.2 = near;
        }
        [above, below]
    })
}

/// The relaxation of one node: amounts need not be whole.
#[derive(Debug)]
struct Relaxed {
    bound: i128,
    /// Rounded down, one for each range.
    amounts: Vec<i64>,
    /// How far an amount is from a whole one, with [`BITS`] bits behind the point.
    broken: Vec<i64>,
}

impl Relaxed {
    /// `None` where the least amounts do not fit under the caps.
    fn new(model: &Model, weights: &[i64], ranges: &Ranges, steps: &mut Steps) -> Option<Self> {
        let mut rooms = model.rooms.clone();
        for (option, least, _) in ranges {
            for cap in caps_of(model, *option) {
                let left = at(&rooms, *cap).saturating_sub(*least);
                put(&mut rooms, *cap, left);
            }
        }
        if rooms.iter().any(|room| *room < 0) {
            return None;
        }
        let widths = widths(model, ranges, &rooms);
        let worth = |option: usize, width: i64| i128::from(at(weights, option)) * i128::from(width);
        let scale = ranges
            .iter()
            .zip(&widths)
            .map(|(r, w)| worth(r.0, *w))
            .max();
        let scale = scale.unwrap_or(1).max(1);
        let mut lp = table(model, ranges, &widths, &rooms);
        for (column, (range, width)) in ranges.iter().zip(&widths).enumerate() {
            lp.set_cost(column, ratio(worth(range.0, *width), scale));
        }
        lp.solve(steps);
        let prices = lp.prices();
        let prices = prices.iter().zip(&rooms).map(|(price, room)| {
            let price = i128::from(*price).saturating_mul(scale);
            // A cap without room forbids: any price will do, so the highest.
            price
                .checked_div(i128::from(*room))
                .unwrap_or(scale << BITS)
        });
        let prices: Vec<i128> = prices.take(rooms.len()).collect();
        let shares = lp.values();
        let near = ranges.iter().zip(&widths).zip(&shares);
        let amounts = near
            .clone()
            .map(|((range, width), share)| range.1.saturating_add(whole_of(*share, *width)));
        let broken = near.map(|((_, width), share)| {
            let exact = i128::from(*share) * i128::from(*width);
            let part = exact & i128::from(ONE - 1);
            let part = part.min(i128::from(ONE) - part);
            i64::try_from(part >> 20).unwrap_or(0)
        });
        Some(Self {
            bound: bound(model, weights, ranges, &widths, &prices, &rooms),
            amounts: amounts.collect(),
            broken: broken.collect(),
        })
    }
}

fn caps_of(model: &Model, option: usize) -> &[usize] {
    model.options.get(option).map_or(&[], |o| o.caps.as_slice())
}

/// How far each amount can rise above its least.
fn widths(model: &Model, ranges: &Ranges, rooms: &[i64]) -> Vec<i64> {
    let widths = ranges.iter().map(|(option, least, most)| {
        let room = caps_of(model, *option).iter().map(|cap| at(rooms, *cap));
        let width = most.saturating_sub(*least);
        room.min().map_or(width, |room| room.min(width))
    });
    widths.collect()
}

/// A row for each cap, then one for each range; a column for each range.
fn table(model: &Model, ranges: &Ranges, widths: &[i64], rooms: &[i64]) -> Lp {
    let columns = ranges.iter().zip(widths).enumerate();
    let columns = columns.map(|(place, ((option, _, _), width))| {
        let caps = caps_of(model, *option).iter();
        let open = caps.filter(|cap| at(rooms, **cap) > 0);
        let entry = |cap: &usize| (*cap, ratio((*width).into(), at(rooms, *cap).into()));
        let mut column: Vec<(usize, i64)> = open.map(entry).collect();
        column.push((rooms.len() + place, ONE));
        column
    });
    let columns: Vec<_> = columns.collect();
    Lp::new(&columns, &vec![ONE; rooms.len() + ranges.len()])
}

/// Weak duality in whole numbers, as in `bound.rs`.
fn bound(
    model: &Model,
    weights: &[i64],
    ranges: &Ranges,
    widths: &[i64],
    prices: &[i128],
    rooms: &[i64],
) -> i128 {
    let mut bound = 0_i128;
    for (price, room) in prices.iter().zip(rooms) {
        bound = bound.saturating_add(price.saturating_mul(i128::from(*room)));
    }
    for ((option, least, _), width) in ranges.iter().zip(widths) {
        let worth = i128::from(at(weights, *option)) << BITS;
        let caps = caps_of(model, *option).iter().map(|cap| at(prices, *cap));
        let price = caps.fold(0, i128::saturating_add);
        let gain = worth.saturating_sub(price).max(0);
        bound = bound
            .saturating_add(worth.saturating_mul(i128::from(*least)))
            .saturating_add(gain.saturating_mul(i128::from(*width)));
    }
    bound >> BITS
}
