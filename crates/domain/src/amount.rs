//! Exact amounts of a unit, in hundredths. There is no float anywhere near a credit.

mod signed;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use signed::SignedHundredths;

/// What is counted. Units never turn into each other except by a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 学分
    Credit,
    /// 学时 (how many minutes make one is the scheme's business)
    Hour,
    /// 积分
    Point,
    /// Continuing education unit, 10 contact hours in the IACET scheme.
    Ceu,
}

impl Unit {
    /// Every unit, in the order people list them.
    pub const ALL: [Self; 4] = [Self::Credit, Self::Hour, Self::Point, Self::Ceu];

    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Hour => "hour",
            Self::Point => "point",
            Self::Ceu => "ceu",
        }
    }

    /// The name for people who read Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Credit => "学分",
            Self::Hour => "学时",
            Self::Point => "积分",
            Self::Ceu => "CEU",
        }
    }
}

impl FromStr for Unit {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.as_str() == text)
            .ok_or(AmountError::UnknownUnit)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text or a sum is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing was written.
    #[error("an amount is missing")]
    Empty,
    /// Something other than digits with at most one point.
    #[error("an amount is written as digits with at most two decimals, for example 3.50")]
    NotANumber,
    /// The bank counts in hundredths; a third decimal would have to be guessed away.
    #[error("an amount has at most two decimals")]
    TooManyDecimals,
    /// Zero or less where something must move.
    #[error("an amount is greater than zero")]
    NotPositive,
    /// Beyond [`Hundredths::MAX`].
    #[error("an amount is at most 1000000.00")]
    TooLarge,
    /// A sum left the range of what can be held.
    #[error("a sum of amounts is out of range")]
    Overflow,
    /// Two units were added.
    #[error("amounts of different units cannot be added")]
    UnitMismatch,
    /// Not one of [`Unit::ALL`].
    #[error("a unit is one of credit, hour, point, ceu")]
    UnknownUnit,
}

/// A count of hundredths, zero or more, without its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hundredths(i64);

impl Hundredths {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All of it, as a share in hundredths of a percent.
    pub const HUNDRED_PERCENT: Self = Self(10_000);
    /// The largest amount that one line may name: 1,000,000.00.
    pub const MAX: Self = Self(100_000_000);

    /// Takes a count that must not be negative; sums may exceed [`Self::MAX`].
    ///
    /// # Errors
    /// [`AmountError::Overflow`] below zero.
    pub const fn new(value: i64) -> Result<Self, AmountError> {
        if value < 0 {
            Err(AmountError::Overflow)
        } else {
            Ok(Self(value))
        }
    }

    /// The count itself.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// True for 0.00.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] beyond 64 bits.
    pub fn plus(self, other: Self) -> Result<Self, AmountError> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(AmountError::Overflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] below zero.
    pub fn minus(self, other: Self) -> Result<Self, AmountError> {
        self.0
            .checked_sub(other.0)
            .ok_or(AmountError::Overflow)
            .and_then(Self::new)
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] beyond 64 bits.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, AmountError> {
        all.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// `percent` hundredths of a percent of this, rounded **down** to a whole hundredth.
    ///
    /// The only division of amounts in the bank. Down, because a cap is never exceeded: 35 % of
    /// 62.01 is 21.7035 and caps at 21.70.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] beyond 64 bits.
    pub fn share_rounded_down(self, share: Self) -> Result<Self, AmountError> {
        let product = i128::from(self.0) * i128::from(share.0) / 10_000;
        i64::try_from(product)
            .map(Self)
            .map_err(|_| AmountError::Overflow)
    }
}

impl FromStr for Hundredths {
    type Err = AmountError;

    /// Reads `3`, `3.5` or `3.50`; trailing zeros beyond the second decimal change nothing and
    /// are accepted (`3.500`), any other third decimal is refused.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return Err(AmountError::NotANumber);
        }
        let significant = decimals.trim_end_matches('0');
        if significant.len() > 2 {
            return Err(AmountError::TooManyDecimals);
        }
        let whole: i64 = whole.parse().map_err(|_| AmountError::TooLarge)?;
        let fraction: i64 = format!("{significant:0<2}")
            .parse()
            .map_err(|_| AmountError::NotANumber)?;
        let value = whole
            .checked_mul(100)
            .and_then(|hundredths| hundredths.checked_add(fraction))
            .filter(|hundredths| *hundredths <= Self::MAX.0)
            .ok_or(AmountError::TooLarge)?;
        Ok(Self(value))
    }
}

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// More than nothing of one unit: what a transfer moves, what a lot is issued with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    unit: Unit,
    hundredths: Hundredths,
}

impl Amount {
    /// Takes an amount above zero.
    ///
    /// # Errors
    /// [`AmountError::NotPositive`] for zero.
    pub const fn new(unit: Unit, hundredths: Hundredths) -> Result<Self, AmountError> {
        if hundredths.is_zero() {
            return Err(AmountError::NotPositive);
        }
        Ok(Self { unit, hundredths })
    }

    /// What is counted.
    #[must_use]
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// How much, always above zero.
    #[must_use]
    pub const fn hundredths(self) -> Hundredths {
        self.hundredths
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.hundredths, self.unit)
    }
}

#[cfg(test)]
mod tests;
