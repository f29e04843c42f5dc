//! Numbers by which the outside knows a person or an institution: their forms and checks.
//!
//! Personal numbers pass through here to be checked, folded, digested and sealed elsewhere. No
//! refusal, no `Debug` text and no `Display` ever carries one.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

pub(crate) mod fold;
mod resident;
mod several;
mod shape;
mod uscc;

pub use several::PersonIdentifiers;
pub use uscc::{UnifiedSocialCreditCode, UnifiedSocialCreditCodeError};

/// Which document or register a number is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// 居民身份证: 18 characters of GB 11643.
    ResidentId,
    /// 港澳台居民居住证: the same form, area 81, 82 or 83.
    ResidencePermit,
    /// 外国人永久居留身份证: the same form with a leading 9, or 15 characters before 2023.
    ForeignPermanentResidence,
    /// 港澳居民来往内地通行证: `H` or `M` and eight digits.
    HkMacaoTravelPermit,
    /// 台湾居民来往大陆通行证: eight digits.
    TaiwanTravelPermit,
    /// 护照 of any state: 5 to 20 letters and digits.
    Passport,
    /// 学号: means something only together with the institution that gave it.
    StudentNumber,
}

impl IdentifierKind {
    /// Every kind, in the order people list them.
    pub const ALL: [Self; 7] = [
        Self::ResidentId,
        Self::ResidencePermit,
        Self::ForeignPermanentResidence,
        Self::HkMacaoTravelPermit,
        Self::TaiwanTravelPermit,
        Self::Passport,
        Self::StudentNumber,
    ];

    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResidentId => "resident_id",
            Self::ResidencePermit => "residence_permit",
            Self::ForeignPermanentResidence => "foreign_permanent_residence",
            Self::HkMacaoTravelPermit => "hk_macao_travel_permit",
            Self::TaiwanTravelPermit => "taiwan_travel_permit",
            Self::Passport => "passport",
            Self::StudentNumber => "student_number",
        }
    }

    /// The name for people who read Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::ResidentId => "居民身份证",
            Self::ResidencePermit => "港澳台居民居住证",
            Self::ForeignPermanentResidence => "外国人永久居留身份证",
            Self::HkMacaoTravelPermit => "港澳居民来往内地通行证",
            Self::TaiwanTravelPermit => "台湾居民来往大陆通行证",
            Self::Passport => "护照",
            Self::StudentNumber => "学号",
        }
    }

    /// True for a number that a person has one of, for life. Passports and permits are renewed
    /// under new numbers, and a school may enrol somebody twice.
    #[must_use]
    pub const fn is_for_life(self) -> bool {
        match self {
            Self::ResidentId | Self::ResidencePermit => true,
            Self::ForeignPermanentResidence
            | Self::HkMacaoTravelPermit
            | Self::TaiwanTravelPermit
            | Self::Passport
            | Self::StudentNumber => false,
        }
    }

    /// How many characters, in words for a refusal.
    const fn length(self) -> &'static str {
        match self {
            Self::ResidentId => "18 characters, or 15 in the old form",
            Self::ResidencePermit => "18 characters",
            Self::ForeignPermanentResidence => "18 characters, or 15 before 2023",
            Self::HkMacaoTravelPermit => "9 characters",
            Self::TaiwanTravelPermit => "8 characters",
            Self::Passport => "5 to 20 characters",
            Self::StudentNumber => "1 to 40 characters",
        }
    }
}

impl FromStr for IdentifierKind {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(IdentifierError::UnknownKind)
    }
}

impl fmt::Display for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not an identifier of the kind. Never says what the text was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Nothing but white space.
    #[error("the {kind} number is missing")]
    Missing {
        /// What was asked for.
        kind: IdentifierKind,
    },
    /// Too short or too long.
    #[error("a {kind} number has {}, not {found}", kind.length())]
    Length {
        /// What was asked for.
        kind: IdentifierKind,
        /// How many characters there were.
        found: usize,
    },
    /// A character that cannot stand where it stands.
    #[error("character {position} of the {kind} number cannot stand there")]
    Character {
        /// What was asked for.
        kind: IdentifierKind,
        /// Counted from 1 in the trimmed text.
        position: usize,
    },
    /// A spreadsheet took the number for an amount and dropped digits or leading zeros.
    #[error("a spreadsheet turned the number into a rounded amount; send the column as text")]
    Rounded,
    /// Area 000000. Any other area passes, since retired ones stay on their holders' cards.
    #[error("the number has no area")]
    Area,
    /// The birth date inside is no day of the calendar.
    #[error("the birth date inside the number is not a date")]
    Date,
    /// The birth date inside lies ahead.
    #[error("the birth date inside the number is in the future")]
    FutureDate,
    /// Mistyped: the last character does not fit the others.
    #[error("the number is mistyped: its check character does not fit")]
    CheckDigit,
    /// Valid, but from another card than was said.
    #[error("the number is a {found} number, not a {declared} number")]
    WrongKind {
        /// What was asked for.
        declared: IdentifierKind,
        /// What the number is.
        found: IdentifierKind,
    },
    /// Not one of [`IdentifierKind::ALL`].
    #[error("the kind of identifier is not known")]
    UnknownKind,
}

impl IdentifierError {
    /// The stable name of the refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "IDENTIFIER_MISSING",
            Self::Length { .. } => "IDENTIFIER_LENGTH",
            Self::Character { .. } => "IDENTIFIER_CHARACTER",
            Self::Rounded => "IDENTIFIER_ROUNDED",
            Self::Area => "IDENTIFIER_AREA",
            Self::Date => "IDENTIFIER_DATE",
            Self::FutureDate => "IDENTIFIER_FUTURE_DATE",
            Self::CheckDigit => "IDENTIFIER_CHECK_DIGIT",
            Self::WrongKind { .. } | Self::UnknownKind => "IDENTIFIER_KIND",
        }
    }
}

/// A checked number of a person, in the one form in which equal numbers are equal texts.
///
/// Personal data: it has no `Display`, and `Debug` tells only the kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    kind: IdentifierKind,
    canonical: String,
}

impl Identifier {
    /// Folds and checks a number.
    ///
    /// 身份证号 heads columns that hold all three national cards, so [`IdentifierKind::ResidentId`]
    /// takes each of them and [`Self::kind`] tells which one it was: one card is one identifier,
    /// whatever the column was called. The two other national kinds take only their own numbers.
    ///
    /// # Errors
    /// [`IdentifierError`], which never carries the number.
    pub fn parse(
        kind: IdentifierKind,
        text: &str,
        today: NaiveDate,
    ) -> Result<Self, IdentifierError> {
        let folded = fold::half_width(text);
        if folded.is_empty() {
            return Err(IdentifierError::Missing { kind });
        }
        if fold::is_number_text(&folded) {
            return Err(IdentifierError::Rounded);
        }
        let upper = folded.to_ascii_uppercase();
        let canonical = match kind {
            IdentifierKind::ResidentId
            | IdentifierKind::ResidencePermit
            | IdentifierKind::ForeignPermanentResidence => {
                return Self::national(kind, &upper, today);
            }
            IdentifierKind::HkMacaoTravelPermit => {
                shape::hk_macao_travel_permit(&upper).map(|()| upper)?
            }
            IdentifierKind::TaiwanTravelPermit => {
                shape::taiwan_travel_permit(&upper).map(|()| upper)?
            }
            IdentifierKind::Passport => shape::passport(&upper).map(|()| upper)?,
            // A school may tell its numbers apart by case.
            IdentifierKind::StudentNumber => shape::student_number(&folded).map(|()| folded)?,
        };
        Ok(Self { kind, canonical })
    }

    /// Decides which national card a number is from: a citizen's, a residence permit or that of a
    /// foreign permanent resident.
    ///
    /// # Errors
    /// [`IdentifierError`] where it is none of them.
    pub fn recognise_national(text: &str, today: NaiveDate) -> Result<Self, IdentifierError> {
        Self::parse(IdentifierKind::ResidentId, text, today)
    }

    fn national(
        declared: IdentifierKind,
        text: &str,
        today: NaiveDate,
    ) -> Result<Self, IdentifierError> {
        let (kind, canonical) = resident::read(declared, text, today)?;
        if declared != IdentifierKind::ResidentId && declared != kind {
            return Err(IdentifierError::WrongKind {
                declared,
                found: kind,
            });
        }
        Ok(Self { kind, canonical })
    }

    /// Which document it is from.
    #[must_use]
    pub const fn kind(&self) -> IdentifierKind {
        self.kind
    }

    /// The number itself, folded, for digests and sealing; 15 digits have become 18.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The birth date that a national number of 18 characters carries.
    #[must_use]
    pub fn birth_date(&self) -> Option<NaiveDate> {
        match self.kind {
            IdentifierKind::ResidentId
            | IdentifierKind::ResidencePermit
            | IdentifierKind::ForeignPermanentResidence => resident::birth_date(&self.canonical),
            IdentifierKind::HkMacaoTravelPermit
            | IdentifierKind::TaiwanTravelPermit
            | IdentifierKind::Passport
            | IdentifierKind::StudentNumber => None,
        }
    }

    /// Enough to recognise one's own number by: the first three and last two characters, of
    /// numbers under ten characters the first and the last, of those under six nothing.
    #[must_use]
    pub fn masked(&self) -> String {
        let length = self.canonical.chars().count();
        let (first, last) = match length {
            0..=5 => (0, 0),
            6..=9 => (1, 1),
            _ => (3, 2),
        };
        let shown = |index: usize| index < first || index >= length - last;
        let mask = |(index, character)| if shown(index) { character } else { '*' };
        self.canonical.chars().enumerate().map(mask).collect()
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({}, …)", self.kind)
    }
}

#[cfg(test)]
mod tests;
