//! Scores from 0 to 100 and the least grade that a rule asks for.

use std::fmt;
use std::str::FromStr;

use super::GradeError;
use crate::amount::{AmountError, Hundredths};

/// A score from 0.00 to 100.00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

impl Score {
    /// 100.00
    pub const MAX: Self = Self(10_000);
    pub(super) const NINETY: Self = Self(9_000);
    pub(super) const EIGHTY: Self = Self(8_000);
    pub(super) const SEVENTY: Self = Self(7_000);
    /// Where passing begins.
    pub(super) const SIXTY: Self = Self(6_000);

    /// Takes a score in hundredths.
    ///
    /// # Errors
    /// [`GradeError::OutOfRange`] above 100.00.
    pub fn new(hundredths: Hundredths) -> Result<Self, GradeError> {
        u16::try_from(hundredths.get())
            .map(Self)
            .ok()
            .filter(|score| *score <= Self::MAX)
            .ok_or(GradeError::OutOfRange)
    }

    /// The score in hundredths: 8700 for 87.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

impl FromStr for Score {
    type Err = GradeError;

    /// Reads `87`, `87.5` or `87.50`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('-');
        if digits.is_some_and(|digits| digits.parse::<Hundredths>().is_ok()) {
            return Err(GradeError::OutOfRange);
        }
        text.parse().map_err(refusal).and_then(Self::new)
    }
}

const fn refusal(error: AmountError) -> GradeError {
    match error {
        AmountError::Empty => GradeError::Missing,
        AmountError::TooManyDecimals => GradeError::TooPrecise,
        AmountError::TooLarge | AmountError::Overflow | AmountError::NotPositive => {
            GradeError::OutOfRange
        }
        AmountError::NotANumber | AmountError::UnitMismatch | AmountError::UnknownUnit => {
            GradeError::UnknownWord
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// The least grade that earns credit under a catalogue version or a conversion rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MinimumGrade {
    /// Any pass: the same line as a score of 60.
    Pass,
    /// A score, which words and letters reach by [`super::Grade::lower_bound`].
    Score(Score),
}

impl MinimumGrade {
    /// The score that must be reached.
    #[must_use]
    pub const fn score(self) -> Score {
        match self {
            Self::Pass => Score::SIXTY,
            Self::Score(score) => score,
        }
    }
}

impl FromStr for MinimumGrade {
    type Err = GradeError;

    /// Reads `pass` or a score such as `60.00`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "pass" {
            Ok(Self::Pass)
        } else {
            text.parse().map(Self::Score)
        }
    }
}

impl fmt::Display for MinimumGrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Score(score) => score.fmt(f),
        }
    }
}
