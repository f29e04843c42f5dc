//! Short texts that came from outside: trimmed, bounded, without control characters.

use std::fmt;

use crate::identifier::fold;

/// Why a text was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("{field} is missing")]
    Empty {
        /// Which text.
        field: &'static str,
    },
    /// Longer than its limit.
    #[error("{field} is longer than {characters_max} characters")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// The limit.
        characters_max: usize,
    },
    /// A control character, NUL among them, which Postgres could not even store.
    #[error("{field} holds a control character")]
    ControlCharacter {
        /// Which text.
        field: &'static str,
    },
}

/// Trims and checks one text.
///
/// # Errors
/// [`TextError`] naming `field`.
pub fn bounded(
    field: &'static str,
    text: &str,
    characters_max: usize,
) -> Result<String, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty { field });
    }
    if text.chars().count() > characters_max {
        return Err(TextError::TooLong {
            field,
            characters_max,
        });
    }
    if text.chars().any(char::is_control) {
        return Err(TextError::ControlCharacter { field });
    }
    Ok(text.to_owned())
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Trims and checks it.
            ///
            /// # Errors
            /// [`TextError`] where it is empty, too long or holds a control character.
            pub fn new(text: &str) -> Result<Self, TextError> {
                bounded($field, text, $max).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// The institution's own record id of an outcome, or one derived from the line.
    SourceRef, "source reference", 200
);
text_type!(
    /// The number of a document that something rests on, for example `继教合作联盟〔2021〕12号`.
    DocumentNumber, "document number", 100
);
text_type!(
    /// An institution's code of a course, certificate or activity; unique within it.
    CourseCode, "course code", 80
);
text_type!(
    /// The code of a subcategory that a bank registered below one of the categories.
    SubcategoryCode, "subcategory", 40
);
text_type!(
    /// The code by which an institution is known: five digits for a college.
    InstitutionCode, "institution code", 40
);

/// A person's name. Personal data: never logged, so it has no `Debug` text and no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Trims and checks it.
    ///
    /// # Errors
    /// [`TextError`] where it is empty, too long or holds a control character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        bounded("name", text, 120).map(Self)
    }

    /// The name for those who need not know it whole: `张*`.
    #[must_use]
    pub fn masked(&self) -> String {
        self.0.chars().take(1).chain(['*']).collect()
    }

    /// The form in which two spellings of one name are one text: half width, lower case, without
    /// spaces, middle dots (`·`, `•`, `・` and the full stop that old systems write for them),
    /// hyphens and apostrophes. For comparing only.
    #[must_use]
    pub fn folded(&self) -> String {
        let folded: String = fold::half_width(&self.0)
            .chars()
            .filter(|character| !is_left_out(*character))
            .flat_map(char::to_lowercase)
            .collect();
        // A name of nothing but dots is still another one than the next.
        if folded.is_empty() {
            self.0.clone()
        } else {
            folded
        }
    }

    /// The name, for sealing and for those who may see it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What people write between the parts of a name, or leave out.
fn is_left_out(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '.' | '-' | '\'' | '`'
                | '\u{00AD}' // soft hyphen
                | '\u{00B7}' // middle dot
                | '\u{02BC}' // modifier apostrophe
                | '\u{0387}' // Greek ano teleia
                | '\u{200B}'..='\u{200F}' // zero width
                | '\u{2010}'..='\u{2015}' // hyphens and dashes
                | '\u{2018}' | '\u{2019}' // single quotes
                | '\u{2022}' | '\u{2024}' | '\u{2027}' // bullet, leader, hyphenation point
                | '\u{2060}' | '\u{FEFF}' // zero width
                | '\u{2212}' | '\u{2219}' | '\u{22C5}' // minus, bullet and dot operators
                | '\u{30FB}' | '\u{FF65}' // katakana middle dots
        )
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

#[cfg(test)]
mod tests;
