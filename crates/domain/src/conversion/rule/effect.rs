//! What a rule gives.

use crate::amount::{AmountError, Hundredths};
use crate::ids::EntryId;
use crate::words::words;

/// One course of the receiving institution that a rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The course.
    pub course: EntryId,
    /// What people call it.
    pub title: String,
    /// The credits that the course has; no grant is more.
    pub credits: Hundredths,
    /// How much of them is granted.
    pub gives: Gives,
    /// The grade that is booked with the grant.
    pub books: BookedGrade,
}

/// How much an application of a rule grants of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// The whole course (免修).
    Course,
    /// Always this much.
    Fixed(Hundredths),
    /// An exact part of what is usable in the lots, at most the whole course.
    Proportional {
        /// Credits granted for one of the lots' unit.
        ratio: Ratio,
        /// What becomes of parts of a hundredth.
        rounding: Rounding,
    },
}

words!(
    /// The grade that is booked with a grant.
    BookedGrade, "a booked grade", {
        /// The grade of the oldest outcome that is used.
        AsEarned => "as_earned",
        /// 免考
        Exempt => "exempt",
        /// 合格
        Pass => "pass",
    }
);

words!(
    /// What becomes of a part of a hundredth.
    Rounding, "a rounding", {
        /// It falls away.
        Down => "down",
        /// A half or more becomes one.
        HalfUp => "half_up",
    }
);

/// An exact ratio of two whole numbers, neither of them 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    numerator: u32,
    denominator: u32,
}

impl Ratio {
    /// Nothing where one of them is 0: a ratio of 0 grants nothing and is a mistake.
    #[must_use]
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        Some(Self {
            numerator,
            denominator,
        })
    }

    /// The upper number.
    #[must_use]
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// The lower number.
    #[must_use]
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// This part of an amount, in hundredths.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] where it leaves 64 bits.
    pub fn of(self, amount: Hundredths, rounding: Rounding) -> Result<Hundredths, AmountError> {
        let denominator = i128::from(self.denominator);
        let product = i128::from(amount.get()) * i128::from(self.numerator);
        // Half up by whole numbers: p/q + 1/2 = (2p + q) / 2q, rounded down.
        let rounded = match rounding {
            Rounding::Down => product / denominator,
            Rounding::HalfUp => (2 * product + denominator) / (2 * denominator),
        };
        i64::try_from(rounded)
            .map_err(|_| AmountError::Overflow)
            .and_then(Hundredths::new)
    }
}
