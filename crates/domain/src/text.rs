//! Short texts that came from outside: trimmed, bounded, without control characters.

use std::fmt;

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

    /// The name, for sealing and for those who may see it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

#[cfg(test)]
mod tests;
