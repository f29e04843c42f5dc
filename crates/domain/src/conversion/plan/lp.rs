//! A simplex method in fixed point: it suggests prices and points out where to look.
//!
//! Nothing it says is trusted. Its arithmetic rounds; every bound is computed again from its prices
//! in whole numbers (`bound.rs`), and every plan is checked in whole numbers. Rounding may cost
//! time, never correctness.
//!
//! `maximise cost · x, matrix · x ≤ right side, x ≥ 0`, kept as a table of rows for the variables
//! in the basis and columns for those outside it.

use super::list::{at, put};
use super::steps::Steps;

/// Bits behind the point.
pub(super) const BITS: u32 = 40;
/// The number one.
pub(super) const ONE: i64 = 1 << BITS;
/// Smaller entries are taken for rounding, and for nothing.
const NOISE: i64 = 1 << 8;
/// The smallest entry to divide by.
const PIVOT_MIN: i64 = 1 << 22;
/// What may be missing to zero.
const TOLERANCE: i64 = 1 << 13;
/// Where numbers too large for the table end.
const VAST: i64 = 1 << 62;
/// Pivots without gain before the rule that cannot cycle takes over.
const STALLED_MAX: u32 = 400;
/// Dual pivots before the table is set up anew: so many mean that rounding has spoilt it.
const MENDS_MAX: u32 = 200;

/// The product of two fixed-point numbers.
pub(super) fn times(a: i64, b: i64) -> i64 {
    fit((i128::from(a) * i128::from(b)) >> BITS)
}

/// `a / b` as a fixed-point number; `b` is not zero.
pub(super) fn ratio(a: i128, b: i128) -> i64 {
    a.checked_shl(BITS)
        .and_then(|a| a.checked_div(b))
        .map_or(0, fit)
}

/// The nearest value that the table holds.
fn fit(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { -VAST } else { VAST })
}

#[derive(Debug, Clone)]
struct Row {
    variable: usize,
    right: i64,
    entries: Vec<i64>,
}

/// The table. Variables are one slack for each row, then the columns.
#[derive(Debug, Clone)]
pub(super) struct Lp {
    rows: Vec<Row>,
    outside: Vec<usize>,
    reduced: Vec<i64>,
    cost: Vec<i64>,
    rights: Vec<i64>,
}

/// What a call of [`Lp::solve`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Solved {
    /// Solved, or stopped: the prices are worth reading.
    Priced,
    /// No point meets the right sides.
    Empty,
}

impl Lp {
    /// Takes the columns as lists of (row, entry), and the right side of each row.
    pub(super) fn new(columns: &[Vec<(usize, i64)>], rights: &[i64]) -> Self {
        let mut rows: Vec<Row> = rights
            .iter()
            .enumerate()
            .map(|(row, right)| Row {
                variable: row,
                right: right.saturating_add(nudge(row)),
                entries: vec![0; columns.len()],
            })
            .collect();
        for (column, entries) in columns.iter().enumerate() {
            for (row, entry) in entries {
                if let Some(row) = rows.get_mut(*row) {
                    put(&mut row.entries, column, *entry);
                }
            }
        }
        Self {
            rows,
            outside: (rights.len()..rights.len() + columns.len()).collect(),
            reduced: vec![0; columns.len()],
            cost: vec![0; columns.len() + rights.len()],
            rights: rights.to_vec(),
        }
    }

    /// Sets what a column is worth.
    pub(super) fn set_cost(&mut self, column: usize, cost: i64) {
        let variable = self.rights.len() + column;
        put(
            &mut self.cost,
            variable,
            cost.saturating_add(nudge(variable)),
        );
    }

    /// Adds a column without cost; says which one it is.
    pub(super) fn add_column(&mut self, entries: &[(usize, i64)]) -> usize {
        let mut outside: Vec<Option<usize>> = vec![None; self.rights.len()];
        for (column, variable) in self.outside.iter().enumerate() {
            put(&mut outside, *variable, Some(column));
        }
        for row in &mut self.rows {
            let mut sum = 0_i64;
            for (slack, entry) in entries {
                sum = sum.saturating_add(match at(&outside, *slack) {
                    Some(column) => times(*entry, at(&row.entries, column)),
                    None if row.variable == *slack => *entry,
                    None => 0,
                });
            }
            row.entries.push(sum);
        }
        self.outside.push(self.cost.len());
        self.reduced.push(0);
        self.cost.push(0);
        self.cost.len() - 1 - self.rights.len()
    }

    /// Changes the right side of a row.
    pub(super) fn set_right(&mut self, row: usize, right: i64) {
        let change = right.saturating_sub(at(&self.rights, row));
        if change == 0 {
            return;
        }
        put(&mut self.rights, row, right);
        let slack = row;
        let outside = self.outside.iter().position(|v| *v == slack);
        for row in &mut self.rows {
            let by = match outside {
                Some(column) => times(change, at(&row.entries, column)),
                None if row.variable == slack => change,
                None => 0,
            };
            row.right = row.right.saturating_add(by);
        }
    }

    /// Moves to the best point under the costs and right sides as they are now.
    pub(super) fn solve(&mut self, steps: &mut Steps) -> Solved {
        self.reprice();
        if self.rows.iter().any(|row| row.right < -TOLERANCE) {
            for reduced in &mut self.reduced {
                *reduced = (*reduced).min(0);
            }
            if !self.mend(steps) {
                return Solved::Empty;
            }
            self.reprice();
        }
        self.improve(steps);
        Solved::Priced
    }

    /// The value of every column.
    pub(super) fn values(&self) -> Vec<i64> {
        let mut values = vec![0; self.cost.len()];
        for row in &self.rows {
            put(&mut values, row.variable, row.right.max(0));
        }
        values.split_off(self.rights.len())
    }

    /// The price of every row, none below zero.
    pub(super) fn prices(&self) -> Vec<i64> {
        let mut prices = vec![0; self.rows.len()];
        for (variable, reduced) in self.outside.iter().zip(&self.reduced) {
            // Slacks come first, so the others fall off the end.
            put(&mut prices, *variable, reduced.saturating_neg().max(0));
        }
        prices
    }

    fn reprice(&mut self) {
        let cost = &self.cost;
        self.reduced = self.outside.iter().map(|v| at(cost, *v)).collect();
        for row in &self.rows {
            let cost = at(cost, row.variable);
            if cost == 0 {
                continue;
            }
            for (reduced, entry) in self.reduced.iter_mut().zip(&row.entries) {
                if *entry != 0 {
                    *reduced = reduced.saturating_sub(times(cost, *entry));
                }
            }
        }
    }

    /// Primal pivots until no column is worth anything.
    fn improve(&mut self, steps: &mut Steps) {
        let mut stalled = 0;
        while let Some(column) = self.entering(stalled >= STALLED_MAX) {
            let Some((row, gain)) = self.leaving(column, stalled >= STALLED_MAX) else {
                // Without a row to stop it the column has no limit: rounding, for every column
                // here has one.
                put(&mut self.reduced, column, 0);
                continue;
            };
            if stalled > STALLED_MAX.saturating_mul(4) || !steps.take() {
                return;
            }
            stalled = if gain > TOLERANCE { 0 } else { stalled + 1 };
            self.pivot(row, column);
        }
    }

    fn entering(&self, lowest: bool) -> Option<usize> {
        let worth = self.reduced.iter().enumerate();
        let worth = worth.filter(|(_, reduced)| **reduced > TOLERANCE);
        let chosen = if lowest {
            worth.min_by_key(|(column, _)| at(&self.outside, *column))
        } else {
            worth.max_by_key(|(column, reduced)| (**reduced, std::cmp::Reverse(*column)))
        };
        chosen.map(|(column, _)| column)
    }

    /// The row that limits a column first, and how far the column goes.
    fn leaving(&self, column: usize, lowest: bool) -> Option<(usize, i64)> {
        let mut best: Option<(usize, i64, i64, usize)> = None;
        for (place, row) in self.rows.iter().enumerate() {
            let entry = at(&row.entries, column);
            if entry < PIVOT_MIN {
                continue;
            }
            let right = row.right.max(0);
            let better = best.is_none_or(|(_, best_right, best_entry, best_variable)| {
                let mine = i128::from(right) * i128::from(best_entry);
                let theirs = i128::from(best_right) * i128::from(entry);
                mine < theirs
                    || mine == theirs
                        && if lowest {
                            row.variable < best_variable
                        } else {
                            entry > best_entry
                        }
            });
            if better {
                best = Some((place, right, entry, row.variable));
            }
        }
        best.map(|(place, right, entry, _)| (place, ratio(right.into(), entry.into())))
    }

    /// Dual pivots until no right side is below zero; false where that cannot be.
    fn mend(&mut self, steps: &mut Steps) -> bool {
        for _ in 0..MENDS_MAX {
            let lowest = self.rows.iter().enumerate();
            let lowest = lowest.min_by_key(|(_, row)| row.right);
            let Some((place, row)) = lowest.filter(|(_, row)| row.right < -TOLERANCE) else {
                return true;
            };
            let mut best: Option<(usize, i64, i64)> = None;
            let entries = row.entries.iter().zip(&self.reduced).enumerate();
            for (column, (entry, reduced)) in entries {
                if *entry > -PIVOT_MIN {
                    continue;
                }
                let better = best.is_none_or(|(_, best_entry, best_reduced)| {
                    let mine = i128::from(*reduced) * i128::from(best_entry);
                    let theirs = i128::from(best_reduced) * i128::from(*entry);
                    mine < theirs || mine == theirs && *entry < best_entry
                });
                if better {
                    best = Some((column, *entry, *reduced));
                }
            }
            let Some((column, _, _)) = best else {
                return false;
            };
            if !steps.take() {
                return true;
            }
            self.pivot(place, column);
        }
        false
    }

    /// Exchanges the variable of a row with that of a column.
    fn pivot(&mut self, place: usize, column: usize) {
        let Some(row) = self.rows.get_mut(place) else {
            return;
        };
        let divisor = i128::from(at(&row.entries, column));
        if divisor == 0 {
            return;
        }
        let inverse = ratio(ONE.into(), divisor);
        let mut pivot_row = std::mem::take(&mut row.entries);
        for entry in pivot_row.iter_mut().filter(|entry| **entry != 0) {
            *entry = ratio((*entry).into(), divisor);
        }
        put(&mut pivot_row, column, 0);
        let right = ratio(row.right.into(), divisor);
        row.right = right;
        let filled: Vec<(usize, i64)> = pivot_row.iter().copied().enumerate().collect();
        let filled: Vec<_> = filled.into_iter().filter(|(_, e)| *e != 0).collect();
        for (other, row) in self.rows.iter_mut().enumerate() {
            if other != place {
                let by = eliminate(&mut row.entries, column, inverse, &filled);
                row.right = row.right.saturating_sub(times(by, right));
            }
        }
        eliminate(&mut self.reduced, column, inverse, &filled);
        put(&mut pivot_row, column, inverse);
        if let (Some(row), Some(outside)) = (self.rows.get_mut(place), self.outside.get_mut(column))
        {
            row.entries = pivot_row;
            std::mem::swap(&mut row.variable, outside);
        }
    }
}

/// Takes the pivot's row from another as often as its column needs; says how often.
fn eliminate(entries: &mut [i64], column: usize, inverse: i64, filled: &[(usize, i64)]) -> i64 {
    let by = at(entries, column);
    if by == 0 {
        return 0;
    }
    for (place, pivot_entry) in filled {
        if let Some(entry) = entries.get_mut(*place) {
            let value = entry.saturating_sub(times(by, *pivot_entry));
            *entry = if value.saturating_abs() < NOISE {
                0
            } else {
                value
            };
        }
    }
    put(entries, column, times(by, inverse).saturating_neg());
    by
}

/// A little more room for each row, another for each: ties would make the method stand still.
fn nudge(row: usize) -> i64 {
    let row = u64::try_from(row).unwrap_or(0);
    let scattered = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
    i64::try_from(scattered).unwrap_or(0).saturating_add(1) << 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_numbers_stays_at_their_end() {
        let mut entries = [-VAST, ONE];
        assert_eq!(eliminate(&mut entries, 1, ONE, &[(0, VAST)]), ONE);
        assert_eq!(entries[0], i64::MIN);
    }
}
