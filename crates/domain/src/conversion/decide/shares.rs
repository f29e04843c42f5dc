//! Exact shares of what several lots carry together.

use std::collections::BTreeSet;

use super::fit::SMALLEST;
use crate::amount::{AmountError, Hundredths, Unit};

/// `amount × part / whole`, rounded down; nothing of nothing.
pub(super) fn part_down(
    amount: Hundredths,
    part: Hundredths,
    whole: Hundredths,
) -> Result<Hundredths, AmountError> {
    divided(amount, part, whole, 0)
}

/// `amount × part / whole`, rounded up; nothing of nothing.
pub(super) fn part_up(
    amount: Hundredths,
    part: Hundredths,
    whole: Hundredths,
) -> Result<Hundredths, AmountError> {
    divided(amount, part, whole, i128::from(whole.get()) - 1)
}

fn divided(
    amount: Hundredths,
    part: Hundredths,
    whole: Hundredths,
    more: i128,
) -> Result<Hundredths, AmountError> {
    if whole.is_zero() {
        return Ok(Hundredths::ZERO);
    }
    let product = i128::from(amount.get()) * i128::from(part.get());
    i64::try_from((product + more) / i128::from(whole.get()))
        .map_err(|_| AmountError::Overflow)
        .and_then(Hundredths::new)
}

/// Divides an amount by weights so that the parts add up to it exactly.
pub(super) fn divide(
    amount: Hundredths,
    weights: &[Hundredths],
) -> Result<Vec<Hundredths>, AmountError> {
    let whole = Hundredths::sum(weights.iter().copied())?;
    let (mut weighed, mut given) = (Hundredths::ZERO, Hundredths::ZERO);
    let mut parts = Vec::with_capacity(weights.len());
    for weight in weights {
        weighed = weighed.plus(*weight)?;
        let so_far = part_down(amount, weighed, whole)?;
        parts.push(so_far.minus(given)?);
        given = so_far;
    }
    Ok(parts)
}

/// The same with a hundredth at least for each weight above nothing, where there is so much; it is
/// taken from the largest part, and nothing else changes.
pub(super) fn divide_with_all(
    amount: Hundredths,
    weights: &[Hundredths],
) -> Result<Vec<Hundredths>, AmountError> {
    let mut parts = divide(amount, weights)?;
    for place in 0..parts.len() {
        let weighs = weights.get(place).is_some_and(|weight| !weight.is_zero());
        let empty = parts.get(place).is_some_and(|part| part.is_zero());
        let Some(largest) = parts.iter().copied().max().filter(|it| *it > SMALLEST) else {
            break;
        };
        if weighs && empty {
            let giver = parts.iter().position(|part| *part == largest);
            if let Some(giver) = giver.and_then(|giver| parts.get_mut(giver)) {
                *giver = largest.minus(SMALLEST)?;
            }
            if let Some(part) = parts.get_mut(place) {
                *part = SMALLEST;
            }
        }
    }
    Ok(parts)
}

/// Divides among lots, a hundredth for each of them at least, where there is so much.
///
/// Units do not turn into each other, so amounts of two units say nothing about which of them
/// carries more: between units every lot counts alike, and within a unit its amount.
pub(super) fn divide_among(
    amount: Hundredths,
    lots: &[(Unit, Hundredths)],
) -> Result<Vec<Hundredths>, AmountError> {
    let least = hundredth_each(lots.len());
    let (above, least) = match amount.minus(least) {
        Ok(above) => (above, SMALLEST),
        Err(_) => (amount, Hundredths::ZERO),
    };
    let units: Vec<Unit> = lots
        .iter()
        .map(|(unit, _)| *unit)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let of_unit = |unit: Unit| {
        lots.iter()
            .enumerate()
            .filter(move |(_, lot)| lot.0 == unit)
    };
    let counts: Vec<Hundredths> = units
        .iter()
        .map(|unit| hundredth_each(of_unit(*unit).count()))
        .collect();
    let mut parts = vec![Hundredths::ZERO; lots.len()];
    for (unit, above) in units.iter().zip(divide(above, &counts)?) {
        let amounts: Vec<Hundredths> = of_unit(*unit).map(|(_, lot)| lot.1).collect();
        let places = of_unit(*unit).map(|(place, _)| place);
        for (place, part) in places.zip(divide(above, &amounts)?) {
            if let Some(place) = parts.get_mut(place) {
                *place = part.plus(least)?;
            }
        }
    }
    Ok(parts)
}

/// So many hundredths.
pub(super) fn hundredth_each(count: usize) -> Hundredths {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Hundredths::new(count).unwrap_or_default()
}
