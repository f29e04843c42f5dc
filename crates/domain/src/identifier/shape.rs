//! Identifiers without a check: travel permits, passports and the numbers that schools give.

use super::{IdentifierError, IdentifierKind, fold};

/// The most characters a student number may have.
const STUDENT_NUMBER_MAX: usize = 40;

/// `H` (Hong Kong) or `M` (Macao) and eight digits.
pub(super) fn hk_macao_travel_permit(text: &str) -> Result<(), IdentifierError> {
    shaped(
        IdentifierKind::HkMacaoTravelPermit,
        text,
        9..=9,
        |index, character| {
            if index == 0 {
                matches!(character, 'H' | 'M')
            } else {
                character.is_ascii_digit()
            }
        },
    )
}

/// Eight digits.
pub(super) fn taiwan_travel_permit(text: &str) -> Result<(), IdentifierError> {
    shaped(
        IdentifierKind::TaiwanTravelPermit,
        text,
        8..=8,
        |_, character| character.is_ascii_digit(),
    )
}

/// Five to twenty letters and digits: every state has its own form.
pub(super) fn passport(text: &str) -> Result<(), IdentifierError> {
    shaped(IdentifierKind::Passport, text, 5..=20, |_, character| {
        character.is_ascii_alphanumeric()
    })
}

/// Whatever one institution prints on its cards.
pub(super) fn student_number(text: &str) -> Result<(), IdentifierError> {
    let lengths = 1..=STUDENT_NUMBER_MAX;
    shaped(
        IdentifierKind::StudentNumber,
        text,
        lengths,
        |_, character| !character.is_control(),
    )
}

fn shaped(
    kind: IdentifierKind,
    text: &str,
    lengths: std::ops::RangeInclusive<usize>,
    fits: impl Fn(usize, char) -> bool,
) -> Result<(), IdentifierError> {
    let found = text.chars().count();
    if !lengths.contains(&found) {
        return Err(IdentifierError::Length { kind, found });
    }
    match fold::first_wrong(text, fits) {
        Some(position) => Err(IdentifierError::Character { kind, position }),
        None => Ok(()),
    }
}
