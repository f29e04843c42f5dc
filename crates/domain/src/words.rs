//! Closed lists of words: an enum, its names in tables and on the wire, and nothing else.

/// A word that is not in a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{list} is one of {allowed}")]
pub struct UnknownWord {
    /// Which list.
    pub list: &'static str,
    /// Its words, for the one who has to correct it.
    pub allowed: String,
}

/// Makes the enum of a closed list: its names for tables and the wire, and how they are read back.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $list:literal,
     { $($(#[$vdoc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant),+
        }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Their names, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The name used in tables and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    $crate::words::UnknownWord {
                        list: $list,
                        allowed: Self::WORDS.join(", "),
                    }
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub use words;

#[cfg(test)]
mod tests;
