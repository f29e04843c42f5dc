//! A difference of amounts: by how much a sum grew, or shrank.

use std::fmt;

/// A count of hundredths on either side of zero. Never an amount: only what two sums differ by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SignedHundredths(i64);

impl SignedHundredths {
    /// No difference.
    pub const ZERO: Self = Self(0);

    /// Takes a count.
    #[must_use]
    pub const fn new(value: i64) -> Self {
        Self(value)
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
}

impl fmt::Display for SignedHundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_its_sign_in_front_and_two_decimals() {
        let text = |value| SignedHundredths::new(value).to_string();
        assert_eq!(text(0), "0.00");
        assert_eq!(text(350), "3.50");
        assert_eq!(text(-5), "-0.05");
        assert_eq!(text(-350), "-3.50");
        assert_eq!(text(i64::MIN), "-92233720368547758.08");
    }
}
