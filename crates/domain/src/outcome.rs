//! A learning outcome as an institution reports it.

use chrono::NaiveDate;

use crate::amount::{Hundredths, Unit};
use crate::completion::Progress;
use crate::grade::{Attempt, Grade};
use crate::identifier::PersonIdentifiers;
use crate::learner_no::LearnerNo;
use crate::level::Level;
use crate::text::{CourseCode, InstitutionCode, PersonName, SourceRef};

/// How a report names the learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LearnerRef {
    /// By our own number; an unknown number is refused.
    Number(LearnerNo),
    /// By identifiers of a person; an account may be opened for them.
    Identified {
        /// What identifies the person; a student number belongs to the reporting institution.
        identifiers: PersonIdentifiers,
        /// The name, kept sealed, where the report has one.
        name: Option<PersonName>,
    },
}

/// How a report names the catalogue entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryRef {
    /// The entry's owner; the reporting institution where there is none.
    pub owner: Option<InstitutionCode>,
    /// The owner's code.
    pub code: CourseCode,
}

/// How much of one unit an institution says it gives; zero is a statement too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedAmount {
    /// What is counted.
    pub unit: Unit,
    /// How much.
    pub hundredths: Hundredths,
}

/// The level that an institution says an outcome has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatedLevel {
    /// This one.
    Known(Level),
    /// One in a word that nobody has explained.
    Unknown,
}

/// One outcome as reported, every value already checked for its own shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedOutcome {
    /// The institution's own record id: the same one again is the same outcome.
    pub source_ref: SourceRef,
    /// Whose it is.
    pub learner: LearnerRef,
    /// What was achieved.
    pub entry: EntryRef,
    /// With which result.
    pub grade: Grade,
    /// First, resit or retake.
    pub attempt: Attempt,
    /// The day it was achieved.
    pub awarded_on: NaiveDate,
    /// The amounts that the institution states, at most one a unit; empty where it states none.
    pub stated: Vec<StatedAmount>,
    /// The level that the institution states, to be compared with the catalogue's; kept nowhere.
    pub stated_level: Option<StatedLevel>,
    /// How far the learner came, where the institution states it.
    pub progress: Progress,
}
