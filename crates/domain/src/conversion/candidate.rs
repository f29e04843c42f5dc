//! What a request names, and what stood in the programme before it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::amount::{Hundredths, Unit};
use crate::catalogue::{Category, Level};
use crate::grade::Grade;
use crate::grading::SchemeGrade;
use crate::ids::{EntryId, InstitutionId, LotId, OutcomeId};
use crate::level::{Comparison, compare};
use crate::reason::ReasonCode;

/// Whether a lot can be used by the request at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LotState {
    /// This much is there for the request: available, or already held for it.
    Usable(Hundredths),
    /// Another request holds it.
    HeldElsewhere,
    /// It was used before.
    Used,
    /// It lapsed.
    Expired,
    /// It was withdrawn by a correction.
    Withdrawn,
    /// So much is held for the request, and the reviewer does not accept it.
    Barred(Hundredths, ReasonCode),
}

impl LotState {
    /// How much is asked for, where the request has any of it.
    pub(super) const fn asked(self) -> Option<Hundredths> {
        match self {
            Self::Usable(held) | Self::Barred(held, _) => Some(held),
            Self::HeldElsewhere | Self::Used | Self::Expired | Self::Withdrawn => None,
        }
    }

    /// What there is for the request, or why there is nothing.
    pub(super) const fn usable(self) -> Result<Hundredths, ReasonCode> {
        match self {
            Self::Usable(usable) => Ok(usable),
            Self::HeldElsewhere => Err(ReasonCode::AlreadyReserved),
            Self::Used => Err(ReasonCode::OutcomeAlreadyUsed),
            Self::Expired => Err(ReasonCode::Expired),
            Self::Withdrawn => Err(ReasonCode::OutcomeWithdrawn),
            Self::Barred(_, reason) => Err(reason),
        }
    }
}

/// One lot of the learner that the request names, with the outcome it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The lot.
    pub lot_id: LotId,
    /// The outcome that the lot came from.
    pub outcome_id: OutcomeId,
    /// The catalogue entry achieved.
    pub entry_id: EntryId,
    /// What people call that entry.
    pub title: String,
    /// What kind of entry it is.
    pub category: Category,
    /// Who posted the outcome.
    pub issuer: InstitutionId,
    /// The unit of the lot.
    pub unit: Unit,
    /// The level of the outcome.
    pub level: Option<Level>,
    /// As what that level counts on other frameworks, by the mappings in force on the day of the
    /// request: [`crate::level::Frameworks::counts_as`].
    pub counts_as: Vec<Level>,
    /// The result.
    pub grade: Grade,
    /// The same as a grade of the scheme that the catalogue version names, with what the tables in
    /// force on the day it was achieved state of it; nothing where it names none.
    pub graded: Option<SchemeGrade>,
    /// When it was achieved.
    pub awarded_on: NaiveDate,
    /// What was recognised, in hundredths of the unit.
    pub issued: Hundredths,
    /// What is left of it for this request.
    pub state: LotState,
}

impl Candidate {
    /// Its levels on a framework: its own, or what mappings state.
    pub(super) fn levels_on(&self, framework: &str) -> Vec<&Level> {
        let on = |level: &&Level| level.framework == framework;
        match self.level.iter().find(on) {
            Some(own) => vec![own],
            None => self.counts_as.iter().filter(on).collect(),
        }
    }

    /// Whether its level is good enough.
    pub(super) fn reaches(&self, floor: &Level) -> bool {
        compare(self.level.as_ref(), &self.counts_as, floor) == Comparison::Reached
    }

    /// Orders lots by age; ids decide between those of one day.
    pub(super) fn age(&self) -> (NaiveDate, OutcomeId, LotId) {
        (self.awarded_on, self.outcome_id, self.lot_id)
    }

    /// What a cap counts of it.
    pub(super) const fn source(&self) -> PastSource {
        PastSource {
            outcome_id: self.outcome_id,
            category: self.category,
            issuer: self.issuer,
            awarded_on: self.awarded_on,
        }
    }
}

/// An outcome on which a grant rests, as far as caps ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastSource {
    /// The outcome.
    pub outcome_id: OutcomeId,
    /// What kind of entry was achieved.
    pub category: Category,
    /// Who posted it.
    pub issuer: InstitutionId,
    /// When it was achieved.
    pub awarded_on: NaiveDate,
}

/// A course that stands granted by conversion, once however many lots it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastGrant {
    /// The course.
    pub course: EntryId,
    /// The credits granted.
    pub granted: Hundredths,
    /// What it rests on.
    pub sources: Vec<PastSource>,
}

/// What the learner has in the same programme already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// What stands granted by conversion.
    pub grants: Vec<PastGrant>,
    /// Courses for which the learner has credit anyway.
    pub courses: BTreeSet<EntryId>,
}

impl History {
    /// Whether the course is there already.
    pub(super) fn has(&self, course: EntryId) -> bool {
        self.courses.contains(&course) || self.grants.iter().any(|past| past.course == course)
    }

    /// Whether a grant rests on the outcome already.
    pub(super) fn rests_on(&self, outcome: OutcomeId) -> bool {
        let mut sources = self.grants.iter().flat_map(|past| &past.sources);
        sources.any(|source| source.outcome_id == outcome)
    }
}
