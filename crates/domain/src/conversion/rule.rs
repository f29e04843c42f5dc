//! Rule sets (转换规则): which outcomes give which courses of a programme, and how much in all.
//!
//! Only what the rules are. How they are applied is in `decide`, how they are written down and
//! read is another crate's matter, and where they are kept is the ledger's.

mod cap;
mod condition;
mod effect;
mod sound;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::amount::{Hundredths, Unit};
use crate::ids::{EntryId, InstitutionId, ProgrammeId, RuleSetId};

pub use cap::{Cap, CapShape, MonthDay, Most};
pub use condition::{Condition, GradeFloor, SchemeFloor, Source};
pub use effect::{BookedGrade, Effect, Gives, Ratio, Rounding};
pub use sound::{Place, RuleSetFault};

/// The document that a rule set rests on, for example `继教合作联盟〔2021〕12号`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, as cited.
    pub number: String,
    /// Its title.
    pub title: String,
}

/// What a learner needs, and what is granted for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticulationRule {
    /// Its code within the set, as printed with every decision.
    pub code: String,
    /// The outcomes that it needs; an application uses each outcome it rests on, once.
    pub condition: Condition,
    /// The courses that it gives, one or more; each course is given once in a programme.
    pub effects: Vec<Effect>,
}

/// A part of a programme that rules speak about, such as its compulsory courses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its code within the set.
    pub code: String,
    /// What people call it.
    pub title: String,
    /// The credits it has in all: the base of a cap that is a share of it.
    pub credits: Option<Hundredths>,
    /// Its courses.
    pub courses: BTreeSet<EntryId>,
    /// False for what is never replaced: practice, thesis, course design (rules of the field, 9.2).
    pub replaceable: bool,
}

/// A programme of the receiving institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Its id.
    pub id: ProgrammeId,
    /// Whose it is.
    pub institution: InstitutionId,
    /// What people call it.
    pub title: String,
    /// The credits it has in all.
    pub total_credits: Hundredths,
}

/// One version of the rules of a receiving institution; immutable once approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// Its id.
    pub id: RuleSetId,
    /// Its code, the same over all versions.
    pub code: String,
    /// Counts up from 1.
    pub version: i32,
    /// Who grants under it.
    pub receiving: InstitutionId,
    /// The programmes that it is for; every one of the institution where none is named.
    pub programmes: BTreeSet<ProgrammeId>,
    /// What it rests on.
    pub document: Document,
    /// First day it may be used.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// The parts of a programme that its caps and rules name.
    pub parts: Vec<Part>,
    /// What all of its grants together may not exceed.
    pub caps: Vec<Cap>,
    /// Its rules.
    pub rules: Vec<ArticulationRule>,
    /// What people call the entries that its sources name, for its explanations.
    pub titles: BTreeMap<EntryId, String>,
}

impl RuleSet {
    /// Whether it is for a programme, by name or as one for all.
    #[must_use]
    pub fn is_for(&self, programme: ProgrammeId) -> bool {
        self.programmes.is_empty() || self.programmes.contains(&programme)
    }

    /// The part of a code.
    #[must_use]
    pub fn part(&self, code: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.code == code)
    }

    /// The part that is never replaced and has this course.
    #[must_use]
    pub fn never_replaced(&self, course: EntryId) -> Option<&Part> {
        self.parts
            .iter()
            .find(|part| !part.replaceable && part.courses.contains(&course))
    }

    /// Whether lots of a unit are converted at all: credits always, to be told why not, and every
    /// unit that a rule names.
    #[must_use]
    pub fn converts(&self, unit: Unit) -> bool {
        let mut sources = self.rules.iter().flat_map(|rule| rule.condition.sources());
        unit == Unit::Credit || sources.any(|source| source.unit == unit)
    }

    /// The most of a programme that all grants together may fill by a plain cap over all of it, in
    /// hundredths of a percent; all of it where there is none.
    #[must_use]
    pub fn programme_share(&self) -> Hundredths {
        let plain = self.caps.iter().filter(|cap| {
            cap.shape == CapShape::Programme
                && cap.part.is_none()
                && cap.categories.is_empty()
                && cap.institutions.is_empty()
        });
        let shares = plain.filter_map(|cap| match cap.most {
            Most::Share(share) => Some(share),
            Most::Credits(_) => None,
        });
        shares.min().unwrap_or(Hundredths::HUNDRED_PERCENT)
    }
}
