//! Exact shares of what several lots carry together.

use super::fit::SMALLEST;
use crate::amount::{AmountError, Hundredths};

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

/// The same with a hundredth for each of them at least, where there is so much.
pub(super) fn divide_among(
    amount: Hundredths,
    weights: &[Hundredths],
) -> Result<Vec<Hundredths>, AmountError> {
    let Ok(above) = amount.minus(hundredth_each(weights.len())) else {
        return divide(amount, weights);
    };
    let parts = divide(above, weights)?.into_iter();
    parts.map(|part| part.plus(SMALLEST)).collect()
}

/// So many hundredths.
pub(super) fn hundredth_each(count: usize) -> Hundredths {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Hundredths::new(count).unwrap_or_default()
}
