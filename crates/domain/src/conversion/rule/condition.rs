//! What a rule needs of a learner's outcomes.

use crate::amount::{Hundredths, Unit};
use crate::catalogue::{Category, Level};
use crate::grade::{Grade, MinimumGrade};
use crate::grading::{GradingScheme, Incomparable, SchemeGrade};
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
    pub minimum_grade: GradeFloor,
    /// The lowest level that is good enough; an outcome of a framework that is not comparable
    /// never is.
    pub level_floor: Option<Level>,
    /// How old the outcome may be at most, in months, on the day of the request.
    pub earned_within_months: Option<u32>,
    /// How much of the unit has to be usable in the lot, in its hundredths.
    pub at_least: Option<Hundredths>,
}

/// The least grade that is good enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GradeFloor {
    /// A pass, in the outcome's own scheme where it has one; or a score of the scale from 0 to 100.
    Plain(MinimumGrade),
    /// A grade of a scheme.
    InScheme(Box<SchemeFloor>),
}

/// A grade of a scheme that has to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeFloor {
    /// The scheme.
    pub scheme: GradingScheme,
    /// One of its grades.
    pub grade: String,
}

impl From<MinimumGrade> for GradeFloor {
    fn from(minimum: MinimumGrade) -> Self {
        Self::Plain(minimum)
    }
}

impl GradeFloor {
    /// Whether a grade reaches it, of a scheme or of none. Between two schemes only a stated table
    /// says so.
    ///
    /// # Errors
    /// [`Incomparable`] where nothing says so.
    pub fn is_reached_by(
        &self,
        grade: Grade,
        of: Option<&SchemeGrade>,
    ) -> Result<bool, Incomparable> {
        match (self, of) {
            (Self::Plain(minimum), None) => Ok(grade.passes(*minimum)),
            (Self::Plain(MinimumGrade::Pass), Some(of)) => Ok(of.passes),
            (Self::Plain(minimum), Some(of)) if of.is_plain => Ok(grade.passes(*minimum)),
            (Self::Plain(_), Some(of)) => Err(Incomparable::NoSchemeAsked {
                from: of.scheme.clone(),
            }),
            (Self::InScheme(floor), None) => Err(Incomparable::NoScheme {
                to: floor.scheme.code.clone(),
            }),
            (Self::InScheme(floor), Some(of)) => {
                let reached = of.reaches(&floor.grade, &floor.scheme);
                reached.map(|(reached, _)| reached)
            }
        }
    }
}
