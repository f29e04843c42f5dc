//! The 18-digit number of GB 11643, which three cards share, and its two older 15-character forms.

use std::str::FromStr;

use chrono::NaiveDate;

use super::{IdentifierError, IdentifierKind, fold};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Reads a folded, upper-case text into its kind and canonical form.
///
/// `declared` only names the kind in refusals: the number itself tells which card it is from.
pub(super) fn read(
    declared: IdentifierKind,
    text: &str,
    today: NaiveDate,
) -> Result<(IdentifierKind, String), IdentifierError> {
    let number = match text.chars().count() {
        18 => text.to_owned(),
        15 if is_old_foreign(text) => {
            return Ok((IdentifierKind::ForeignPermanentResidence, text.to_owned()));
        }
        15 => upgraded(declared, text)?,
        found => {
            return Err(IdentifierError::Length {
                kind: declared,
                found,
            });
        }
    };
    let wrong = fold::first_wrong(&number, |index, character| {
        character.is_ascii_digit() || (index == 17 && character == 'X')
    });
    if let Some(position) = wrong {
        return Err(IdentifierError::Character {
            kind: declared,
            position,
        });
    }
    if number.starts_with("000000") {
        return Err(IdentifierError::Area);
    }
    let born_on = birth_date(&number).ok_or(IdentifierError::Date)?;
    if born_on > today {
        return Err(IdentifierError::FutureDate);
    }
    if !number.ends_with(check_character(&number)) {
        // Spreadsheets keep 15 digits and fill up with zeros; by chance alone one such number in
        // eleven has a fitting check, so numeric cells must be refused before they become text.
        let rounded = number.ends_with("000");
        return Err(if rounded {
            IdentifierError::Rounded
        } else {
            IdentifierError::CheckDigit
        });
    }
    Ok((kind_of(&number), number))
}

/// Which card a valid number is from: areas 81, 82 and 83 mark residents from Hong Kong, Macao
/// and Taiwan, a leading 9 marks foreign permanent residents.
fn kind_of(number: &str) -> IdentifierKind {
    if ["81", "82", "83"]
        .iter()
        .any(|area| number.starts_with(area))
    {
        IdentifierKind::ResidencePermit
    } else if number.starts_with('9') {
        IdentifierKind::ForeignPermanentResidence
    } else {
        IdentifierKind::ResidentId
    }
}

/// The foreign permanent resident's card before 2023: a country's three letters and 12 digits.
fn is_old_foreign(text: &str) -> bool {
    fold::first_wrong(text, |index, character| match index {
        0..=2 => character.is_ascii_uppercase(),
        _ => character.is_ascii_digit(),
    })
    .is_none()
}

/// The 15 digits of a citizen's number before 1999, with the century and the check added.
fn upgraded(declared: IdentifierKind, text: &str) -> Result<String, IdentifierError> {
    if let Some(position) = fold::first_wrong(text, |_, character| character.is_ascii_digit()) {
        return Err(IdentifierError::Character {
            kind: declared,
            position,
        });
    }
    let (area, rest) = text.split_at(6);
    let mut number = format!("{area}19{rest}");
    number.push(check_character(&number));
    Ok(number)
}

/// The date inside a number of 18 characters; nothing in the older forms.
pub(super) fn birth_date(number: &str) -> Option<NaiveDate> {
    fn part<T: FromStr>(number: &str, from: usize, to: usize) -> Option<T> {
        number.get(from..to)?.parse().ok()
    }
    if number.len() != 18 {
        return None;
    }
    NaiveDate::from_ymd_opt(
        part(number, 6, 10)?,
        part(number, 10, 12)?,
        part(number, 12, 14)?,
    )
}

/// The check over the first 17 digits (ISO 7064 MOD 11-2); what follows them is not looked at.
fn check_character(number: &str) -> char {
    let digits = number
        .chars()
        .filter_map(|character| character.to_digit(10));
    let sum: u32 = WEIGHTS
        .iter()
        .zip(digits)
        .map(|(weight, digit)| weight * digit)
        .sum();
    char::from_digit((12 - sum % 11) % 11, 10).unwrap_or('X')
}
