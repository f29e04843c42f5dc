//! The unified social credit code by which institutions are registered (GB 32100). Not personal.

use std::fmt;
use std::str::FromStr;

use super::fold;

/// Position in this text is value; `I`, `O`, `S`, `V` and `Z` are never used.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const OUTER_WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
const INNER_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Why a text is not a unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnifiedSocialCreditCodeError {
    /// Other than 18 characters.
    #[error("a unified social credit code has 18 characters, not {found}")]
    Length {
        /// How many there were.
        found: usize,
    },
    /// No digit and no letter of the code's alphabet.
    #[error(
        "character {position} of the unified social credit code is neither a digit nor one of \
         its letters (A-Z without I, O, S, V, Z)"
    )]
    Character {
        /// Counted from 1.
        position: usize,
    },
    /// A spreadsheet made a number of it.
    #[error("a spreadsheet rounded the unified social credit code; send it as text")]
    Rounded,
    /// The last character does not fit: the code is mistyped.
    #[error("the unified social credit code is mistyped: its check character does not fit")]
    OuterCheck,
    /// The code's own check fits, but that of the organisation code inside it does not.
    #[error(
        "characters 9 to 17 of the unified social credit code are no organisation code: their \
         own check character does not fit"
    )]
    InnerCheck,
}

impl UnifiedSocialCreditCodeError {
    /// The stable name of the refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length { .. } => "CREDIT_CODE_LENGTH",
            Self::Character { .. } => "CREDIT_CODE_CHARACTER",
            Self::Rounded => "CREDIT_CODE_ROUNDED",
            Self::OuterCheck => "CREDIT_CODE_CHECK",
            Self::InnerCheck => "CREDIT_CODE_ORGANISATION_CHECK",
        }
    }
}

/// Registrar, kind, six digits of area, the nine characters of the organisation code (GB 11714,
/// with its own check) and the check over all of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnifiedSocialCreditCode(String);

impl UnifiedSocialCreditCode {
    /// The 18 characters, upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UnifiedSocialCreditCode {
    type Err = UnifiedSocialCreditCodeError;

    /// Reads it trimmed, full-width characters folded, in either case. The area is not looked up:
    /// areas retire while codes live on.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = fold::half_width(text).to_ascii_uppercase();
        if fold::is_number_text(&code) {
            return Err(UnifiedSocialCreditCodeError::Rounded);
        }
        let found = code.chars().count();
        if found != 18 {
            return Err(UnifiedSocialCreditCodeError::Length { found });
        }
        if let Some(position) = fold::first_wrong(&code, |_, letter| ALPHABET.contains(letter)) {
            return Err(UnifiedSocialCreditCodeError::Character { position });
        }
        if outer_check(&code).is_none_or(|check| !code.ends_with(check)) {
            return Err(UnifiedSocialCreditCodeError::OuterCheck);
        }
        // Positions 9 to 17: eight characters and their check.
        let organisation = code.get(8..17).unwrap_or_default();
        if !organisation.ends_with(inner_check(organisation)) {
            return Err(UnifiedSocialCreditCodeError::InnerCheck);
        }
        Ok(Self(code))
    }
}

impl fmt::Display for UnifiedSocialCreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The check over the first 17 characters; what follows them is not looked at.
fn outer_check(code: &str) -> Option<char> {
    let values = code.chars().filter_map(|letter| ALPHABET.find(letter));
    let sum: usize = OUTER_WEIGHTS
        .iter()
        .zip(values)
        .map(|(weight, value)| weight * value)
        .sum();
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

/// The check over the first eight characters, where `A` is 10 and no letter is left out.
fn inner_check(organisation: &str) -> char {
    let values = organisation
        .chars()
        .filter_map(|letter| letter.to_digit(36));
    let sum: u32 = INNER_WEIGHTS
        .iter()
        .zip(values)
        .map(|(weight, value)| weight * value)
        .sum();
    char::from_digit((11 - sum % 11) % 11, 10).unwrap_or('X')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{UnifiedSocialCreditCodeError as Error, *};

    #[test]
    fn credit_codes_are_read_or_refused() {
        let check = |text: &str, expected: Result<&str, Error>| {
            let read = text.parse::<UnifiedSocialCreditCode>();
            let read = read
                .as_ref()
                .map(UnifiedSocialCreditCode::as_str)
                .map_err(|e| *e);
            assert_eq!(read, expected, "{text}");
        };
        check("12340000000000019A", Ok("12340000000000019A"));
        check("123400000000000275", Ok("123400000000000275"));
        check("51340000MJA000016H", Ok("51340000MJA000016H"));
        check("91340000MA0000015U", Ok("91340000MA0000015U"));
        check("　９1340000ma0000015u ", Ok("91340000MA0000015U"));
        check("123400000000000190", Err(Error::OuterCheck));
        check("51340000MJA00001SH", Err(Error::Character { position: 17 }));
        check("12340000-00000019A", Err(Error::Character { position: 9 }));
        check("12340000000000019", Err(Error::Length { found: 17 }));
        check("", Err(Error::Length { found: 0 }));
        check("1.234E+17", Err(Error::Rounded));
    }

    #[test]
    fn a_wrong_organisation_code_inside_is_told_apart() {
        // The inner check of 00000001 is 9; here it is 8, and the outer check is right.
        let body = "12340000000000018";
        let code = format!("{body}{}", outer_check(body).unwrap());
        assert_eq!(
            code.parse::<UnifiedSocialCreditCode>(),
            Err(Error::InnerCheck)
        );
    }

    proptest! {
        #[test]
        fn any_single_wrong_character_is_found(place in 0..18_usize, wrong in "[0-9A-Z]") {
            let good = "91340000MA0000015U";
            let mut typed = good.to_owned();
            typed.replace_range(place..=place, &wrong);
            prop_assert_eq!(typed.parse::<UnifiedSocialCreditCode>().is_ok(), typed == good);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = text.parse::<UnifiedSocialCreditCode>();
        }
    }
}
