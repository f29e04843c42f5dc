//! The learner number: how a person's learning account is named on paper, in ledgers and in a QR.
//!
//! Drawn at random, never derived from a national id, so it says nothing about its holder.
//! Drawing the randomness and refusing a number that is already taken belong elsewhere.

use std::fmt;
use std::str::FromStr;

use crate::identifier::fold;

/// Every character a learner number may hold: digits and capitals without `0`, `1`, `I` and `O`,
/// which people mistake for each other.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

const CHARACTERS: usize = 12;

/// How far left each drawn character's five bits lie; the last one lies lowest.
const SHIFTS: [u32; CHARACTERS - 1] = [50, 45, 40, 35, 30, 25, 20, 15, 10, 5, 0];

/// Why a text is not a learner number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LearnerNoError {
    /// Other than twelve characters, hyphens and spaces aside.
    #[error("a learner number has 12 characters, hyphens and spaces aside")]
    Length,
    /// A character that no learner number holds: `0`, `1`, `I`, `O`, or no letter or digit.
    #[error("character {position} of the learner number is none of 2-9 and A-Z without I and O")]
    Character {
        /// Counted from 1, hyphens and spaces aside.
        position: usize,
    },
    /// Mistyped: the last character does not fit the others.
    #[error("the learner number is mistyped: its check character does not fit")]
    CheckCharacter,
}

impl LearnerNoError {
    /// The stable name of the refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "LEARNER_NO_LENGTH",
            Self::Character { .. } => "LEARNER_NO_CHARACTER",
            Self::CheckCharacter => "LEARNER_NO_CHECK_CHARACTER",
        }
    }
}

/// Eleven drawn characters and the check character of ISO 7064 MOD 37,36 over them.
///
/// The check finds every single wrong character. It finds every swap of two neighbours unless
/// their values (`2` is 2 … `9` is 9, `A` is 10 … `Z` is 35) follow each other, as in `A` and `B`;
/// of those it misses 1 in 36.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LearnerNo([u8; CHARACTERS]);

impl LearnerNo {
    /// Makes a number of the low 55 bits, five for each character; the higher bits do nothing.
    ///
    /// MOD 37,36 may ask for a check character that is easily misread. Such numbers do not exist:
    /// the last drawn character moves on until the check is in the alphabet. So one draw in nine
    /// shares its number with another draw; whoever stores numbers refuses duplicates anyway.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let mut bits = random;
        // Each last character gives another check, and only four checks are unwanted: five rounds
        // at most.
        loop {
            let drawn = SHIFTS.map(|by| character(bits >> by));
            let check = check_character(&drawn);
            if ALPHABET.contains(&check) {
                let [a, b, c, d, e, f, g, h, j, k, l] = drawn;
                return Self([a, b, c, d, e, f, g, h, j, k, l, check]);
            }
            bits = (bits & !31) | (bits.wrapping_add(1) & 31);
        }
    }

    /// The twelve characters without hyphens: for rows and wire forms.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only characters of the alphabet get in, so it is always text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The number as people read it: `ABCD-EFGH-JKLM`.
    #[must_use]
    pub fn printed(&self) -> String {
        let mut printed = String::with_capacity(CHARACTERS + 2);
        for (index, character) in self.as_str().chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                printed.push('-');
            }
            printed.push(character);
        }
        printed
    }
}

impl LearnerNo {
    /// Enough for whoever knows the number to recognise it, too little to find it: `7KQ4-****-****`.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown: String = self.printed().chars().take(4).collect();
        format!("{shown}-****-****")
    }
}

impl FromStr for LearnerNo {
    type Err = LearnerNoError;

    /// Reads the number as printed or typed: lower case, full-width characters, hyphens and
    /// spaces anywhere. `O` is not read as `0` nor `I` as `1`, since neither of the two exists.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let folded = fold::half_width(text);
        let typed = folded.chars().filter(|character| !is_separator(*character));
        let typed: Vec<char> = typed.take(CHARACTERS + 1).collect();
        let typed: [char; CHARACTERS] = typed.try_into().map_err(|_| LearnerNoError::Length)?;
        // Nothing outside ASCII is in the alphabet, so a zero stands in for all of it.
        let number = typed.map(|it| u8::try_from(it.to_ascii_uppercase()).unwrap_or(0));
        if let Some(index) = number.iter().position(|it| !ALPHABET.contains(it)) {
            return Err(LearnerNoError::Character {
                position: index + 1,
            });
        }
        let [drawn @ .., check] = number;
        if check == check_character(&drawn) {
            Ok(Self(number))
        } else {
            Err(LearnerNoError::CheckCharacter)
        }
    }
}

impl fmt::Debug for LearnerNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LearnerNo").field(&self.as_str()).finish()
    }
}

impl fmt::Display for LearnerNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The character for the low five bits.
fn character(bits: u64) -> u8 {
    let [low, ..] = bits.to_le_bytes();
    // Five bits count to 31, so there always is one.
    ALPHABET.get(usize::from(low & 31)).copied().unwrap_or(b'2')
}

/// ISO 7064 MOD 37,36 over digits and capitals.
fn check_character(text: &[u8]) -> u8 {
    let values = text
        .iter()
        .filter_map(|character| char::from(*character).to_digit(36));
    let carried = values.fold(36, |carried, value| {
        let sum = match (carried + value) % 36 {
            0 => 36,
            sum => sum,
        };
        sum * 2 % 37
    });
    let check = char::from_digit((37 - carried) % 36, 36);
    check
        .and_then(|it| u8::try_from(it.to_ascii_uppercase()).ok())
        .unwrap_or(b'0')
}

#[cfg(test)]
mod tests;
