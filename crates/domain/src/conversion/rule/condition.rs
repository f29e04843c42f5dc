//! What a rule needs of a learner's outcomes.

use crate::amount::{Hundredths, Unit};
use crate::catalogue::{Category, Level};
use crate::grade::MinimumGrade;
use crate::ids::{EntryId, InstitutionId};

/// All of, any of, or some of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// One outcome like this.
    Source(Source),
    /// Every one of these, each by outcomes of its own.
    AllOf(Vec<Self>),
    /// At least this many of these, each by outcomes of its own; `any of` is one of them.
    AtLeast {
        /// How many; at least 1 and at most all.
        needed: u32,
        /// Of which.
        of: Vec<Self>,
    },
}

impl Condition {
    /// How deep conditions may stand in each other.
    pub const DEPTH_MAX: usize = 4;
    /// How many outcomes a condition may name.
    pub const SOURCES_MAX: usize = 32;

    /// One of these.
    #[must_use]
    pub const fn any_of(of: Vec<Self>) -> Self {
        Self::AtLeast { needed: 1, of }
    }

    /// Every outcome it speaks of, from left to right.
    pub fn sources(&self) -> Box<dyn Iterator<Item = &Source> + '_> {
        match self {
            Self::Source(source) => Box::new(std::iter::once(source)),
            Self::AllOf(of) | Self::AtLeast { of, .. } => {
                Box::new(of.iter().flat_map(Self::sources))
            }
        }
    }
}

/// What one outcome has to be. Everything that is stated has to hold; an empty list says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// One of these catalogue entries.
    pub entries: Vec<EntryId>,
    /// Of one of these categories.
    pub categories: Vec<Category>,
    /// Posted by one of these institutions.
    pub issuers: Vec<InstitutionId>,
    /// The unit of the lot that is used.
    pub unit: Unit,
    /// What the learner must have reached.
    pub minimum_grade: MinimumGrade,
    /// The lowest level that is good enough; an outcome of a framework that is not comparable
    /// never is.
    pub level_floor: Option<Level>,
    /// How old the outcome may be at most, in months, on the day of the request.
    pub earned_within_months: Option<u32>,
    /// How much of the unit has to be usable in the lot, in its hundredths.
    pub at_least: Option<Hundredths>,
}
