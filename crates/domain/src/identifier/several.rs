//! The identifiers that one report states of one person.

use super::Identifier;

/// At least one, the surest first, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PersonIdentifiers {
    primary: Identifier,
    others: Vec<Identifier>,
}

impl PersonIdentifiers {
    /// The most that one report may state.
    pub const COUNT_MAX: usize = 8;

    /// The first is the primary one; a number that is stated twice is kept once. Nothing where
    /// there is none.
    #[must_use]
    pub fn new(identifiers: impl IntoIterator<Item = Identifier>) -> Option<Self> {
        let mut identifiers = identifiers.into_iter();
        let mut several = Self::from(identifiers.next()?);
        for identifier in identifiers {
            if several.iter().all(|known| *known != identifier) {
                several.others.push(identifier);
            }
        }
        Some(several)
    }

    /// The one that names the person where only one can.
    #[must_use]
    pub const fn primary(&self) -> &Identifier {
        &self.primary
    }

    /// All of them, the primary one first.
    pub fn iter(&self) -> impl Iterator<Item = &Identifier> {
        std::iter::once(&self.primary).chain(&self.others)
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.others.len().saturating_add(1)
    }
}

impl From<Identifier> for PersonIdentifiers {
    fn from(primary: Identifier) -> Self {
        Self {
            primary,
            others: Vec::new(),
        }
    }
}
