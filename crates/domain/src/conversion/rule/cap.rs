//! What grants together may not exceed: the six shapes of the rules of the field, 9.2.

use std::fmt;

use chrono::NaiveDate;

use crate::amount::Hundredths;
use crate::catalogue::Category;
use crate::ids::InstitutionId;
use crate::reason::ReasonCode;

/// One limit over many grants of a learner in a programme, those of earlier requests included.
///
/// A grant counts in full wherever one of the outcomes that it rests on counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// Its code within the set, as printed with every decision.
    pub code: String,
    /// What is counted together.
    pub shape: CapShape,
    /// Only grants of courses of this part count, and a share is of this part.
    pub part: Option<String>,
    /// Only grants that rest on these categories count; empty for all.
    pub categories: Vec<Category>,
    /// Only grants that rest on outcomes of these institutions count; empty for all. For
    /// [`CapShape::Inside`] these are the inside ones besides the receiving institution.
    pub institutions: Vec<InstitutionId>,
    /// How much, at most; at least for [`CapShape::Inside`].
    pub most: Most,
}

impl Cap {
    /// The plainest one: all grants in a programme together, by a share of it.
    #[must_use]
    pub fn of_programme(share: Hundredths) -> Self {
        Self {
            code: "PROGRAMME".to_owned(),
            shape: CapShape::Programme,
            part: None,
            categories: Vec::new(),
            institutions: Vec::new(),
            most: Most::Share(share),
        }
    }
}

/// What a cap counts together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapShape {
    /// Everything that counts.
    Programme,
    /// Everything of the cap's kind of source.
    Source,
    /// Each awarding institution for itself.
    Institution,
    /// Each period for itself, by the day on which the newest of the outcomes was achieved. The
    /// periods of a year begin on these days; a single one is a year.
    Period(Vec<MonthDay>),
    /// Each outcome (certificate) for itself.
    Certificate,
    /// What has to come from inside: everything from elsewhere is at most the rest.
    Inside,
}

impl CapShape {
    /// The coded reason where it cuts.
    #[must_use]
    pub const fn reason(&self) -> ReasonCode {
        match self {
            Self::Programme => ReasonCode::CapProgramme,
            Self::Source => ReasonCode::CapSource,
            Self::Institution => ReasonCode::CapInstitution,
            Self::Period(_) => ReasonCode::CapPeriod,
            Self::Certificate => ReasonCode::CapCertificate,
            Self::Inside => ReasonCode::CapInside,
        }
    }
}

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// So many credits, in hundredths.
    Credits(Hundredths),
    /// A share of the programme or of the cap's part, in hundredths of a percent: `35.00`; rounded
    /// down to a hundredth of a credit.
    Share(Hundredths),
}

/// A day of every year; never 29 February, which not every year has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthDay {
    month: u32,
    day: u32,
}

impl MonthDay {
    /// Nothing where not every year has the day.
    #[must_use]
    pub fn new(month: u32, day: u32) -> Option<Self> {
        // 2023 has no 29 February.
        NaiveDate::from_ymd_opt(2023, month, day).map(|_| Self { month, day })
    }

    /// The day in a year.
    #[must_use]
    pub fn in_year(self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, self.month, self.day)
    }
}

impl fmt::Display for MonthDay {
    /// `03-01`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}
