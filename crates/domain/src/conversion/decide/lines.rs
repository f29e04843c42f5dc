//! The lines of a decision, in the order of the candidates as given.

use std::collections::BTreeMap;

use super::applied::Applied;
use super::refusals;
use super::settled::Settled;
use crate::amount::AmountError;
use crate::conversion::decision::DecidedLine;

/// All lines.
pub(super) fn lines(settled: &Settled<'_, '_>) -> Result<Vec<DecidedLine>, AmountError> {
    let ways = settled.ways;
    let lots = ways.lots.iter().enumerate();
    let ranks: BTreeMap<usize, usize> = lots.map(|(rank, lot)| (lot.position, rank)).collect();
    let mut carried = carried(settled)?;
    let mut lines = Vec::with_capacity(ways.inputs.candidates.len());
    for (position, candidate) in ways.inputs.candidates.iter().enumerate() {
        let rank = ranks.get(&position).copied();
        match rank.and_then(|rank| carried.remove(&rank)) {
            Some(of_lot) => lines.extend(of_lot),
            None => lines.push(refusals::line(settled, candidate, rank)?),
        }
    }
    Ok(lines)
}

/// The lines of every lot that is used, by its rank.
fn carried(settled: &Settled<'_, '_>) -> Result<BTreeMap<usize, Vec<DecidedLine>>, AmountError> {
    let mut by_rank: BTreeMap<usize, Vec<DecidedLine>> = BTreeMap::new();
    for number in settled.applied() {
        let Some(applied) = Applied::of(settled, number)? else {
            continue;
        };
        for (rank, line) in applied.lines(settled)? {
            by_rank.entry(rank).or_default().push(line);
        }
    }
    Ok(by_rank)
}
