//! What an application of a rule is worth, and how much of each lot it needs for that.

use super::shares::hundredth_each;
use crate::amount::{AmountError, Hundredths, Unit};
use crate::conversion::rule::{ArticulationRule, Condition, Effect, Gives, Ratio, Rounding};

impl Effect {
    /// The credits that it gives for lots with so much in all, before any cap.
    pub(super) fn gross(&self, usable: Hundredths) -> Result<Hundredths, AmountError> {
        let gross = match self.gives {
            Gives::Course => self.credits,
            Gives::Fixed(credits) => credits,
            Gives::Proportional { ratio, rounding } => ratio.of(usable, rounding)?,
        };
        Ok(gross.min(self.credits))
    }
}

impl Effect {
    /// The most that it could ever give.
    pub(super) fn gross_at_most(&self) -> Hundredths {
        match self.gives {
            Gives::Course | Gives::Proportional { .. } => self.credits,
            Gives::Fixed(credits) => credits.min(self.credits),
        }
    }
}

impl Ratio {
    /// Whether this part of an amount is a whole number of hundredths.
    pub(super) fn is_exact_of(self, amount: Hundredths) -> bool {
        let product = i128::from(amount.get()) * i128::from(self.numerator());
        product % i128::from(self.denominator()) == 0
    }

    /// The least amount of which this part comes to so much.
    fn least_for(self, gross: Hundredths, rounding: Rounding) -> Result<Hundredths, AmountError> {
        let (upper, lower) = (i128::from(self.numerator()), i128::from(self.denominator()));
        let gross = i128::from(gross.get());
        // Down: a·p/q ≥ g. Half up: a·p/q + 1/2 ≥ g. Each solved for a, rounded up.
        let (part, whole) = match rounding {
            Rounding::Down => (gross * lower, upper),
            Rounding::HalfUp => (2 * gross * lower - lower, 2 * upper),
        };
        i64::try_from((part.max(0) + whole - 1) / whole)
            .map_err(|_| AmountError::Overflow)
            .and_then(Hundredths::new)
    }
}

impl ArticulationRule {
    /// The credits of all effects for lots with so much in all.
    pub(super) fn gross(&self, usable: Hundredths) -> Result<Hundredths, AmountError> {
        let mut sum = Hundredths::ZERO;
        for effect in &self.effects {
            sum = sum.plus(effect.gross(usable)?)?;
        }
        Ok(sum)
    }

    /// The least of a lot that can be used: a hundredth for each course, so that every line says
    /// what it rests on.
    pub(super) fn smallest(&self) -> Hundredths {
        hundredth_each(self.effects.len())
    }

    /// How much of each lot is used where everything is granted.
    ///
    /// Several lots are used up, since which of them was needed more cannot be said. A single one
    /// is not drained: credits go one for one, and a part of an amount takes no more than it has
    /// to. Other units are used up by what is not a part of them.
    pub(super) fn needs(
        &self,
        unit: Unit,
        usable: &[Hundredths],
    ) -> Result<Vec<Hundredths>, AmountError> {
        let [usable] = usable else {
            return Ok(usable.to_vec());
        };
        let smallest = self.smallest();
        let usable = *usable;
        let mut least = Hundredths::ZERO;
        for effect in &self.effects {
            match effect.gives {
                Gives::Proportional { ratio, rounding } => {
                    let gross = effect.gross(usable)?;
                    least = least.max(ratio.least_for(gross, rounding)?);
                }
                Gives::Course | Gives::Fixed(_) if unit == Unit::Credit => {
                    least = least.max(self.gross(usable)?);
                }
                Gives::Course | Gives::Fixed(_) => least = usable,
            }
        }
        Ok(vec![least.max(smallest).min(usable)])
    }
}

impl Condition {
    /// The most outcomes that one application of it rests on.
    pub(super) fn most_outcomes(&self) -> usize {
        match self {
            Self::Source(_) => 1,
            Self::AllOf(of) => of.iter().map(Self::most_outcomes).sum(),
            Self::AtLeast { needed, of } => {
                let mut each: Vec<usize> = of.iter().map(Self::most_outcomes).collect();
                each.sort_unstable_by(|a, b| b.cmp(a));
                let needed = usize::try_from(*needed).unwrap_or(usize::MAX);
                each.iter().take(needed).sum()
            }
        }
    }
}
