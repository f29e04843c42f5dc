//! Rule sets: which outcomes give which courses of a programme, and how much in all.

use chrono::NaiveDate;

use crate::amount::Hundredths;
use crate::catalogue::Level;
use crate::grade::MinimumGrade;
use crate::ids::{EntryId, InstitutionId, ProgrammeId, RuleSetId};

/// The document that a rule set rests on, for example `继教合作联盟〔2021〕12号`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, as cited.
    pub number: String,
    /// Its title.
    pub title: String,
}

/// One source outcome gives one target course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticulationRule {
    /// Its code within the set, as printed with every decision.
    pub code: String,
    /// The entry that the learner has achieved.
    pub source: EntryId,
    /// The course that is granted.
    pub target: EntryId,
    /// What people call that course.
    pub target_title: String,
    /// The credits that the course has.
    pub target_credits: Hundredths,
    /// What the learner must have reached.
    pub minimum_grade: MinimumGrade,
    /// The lowest level that is good enough; an outcome of another framework never is.
    pub level_floor: Option<Level>,
    /// How old the outcome may be at most.
    pub earned_within_months: Option<u32>,
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
    /// What it rests on.
    pub document: Document,
    /// First day it may be used.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// The most that conversions may fill of a programme, in hundredths of a percent: `35.00`.
    pub programme_share: Hundredths,
    /// Its rules, at most one for a source.
    pub rules: Vec<ArticulationRule>,
}

/// What makes a rule set unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetFault {
    /// Two rules of one code, or for one source.
    #[error("rule {code} stands twice")]
    Twice {
        /// The later of the two.
        code: String,
    },
    /// More than all of a programme.
    #[error("the programme share {share} is more than 100.00")]
    ShareTooLarge {
        /// The share as given.
        share: Hundredths,
    },
    /// Two rules give one course with different credits.
    #[error("rule {code} gives a course other credits than an earlier rule")]
    OtherCredits {
        /// The later of the two.
        code: String,
    },
    /// A set that can never grant anything.
    #[error("the rule set has no rules")]
    Empty,
    /// A course without credits.
    #[error("rule {code} grants no credits")]
    NoCredits {
        /// The rule.
        code: String,
    },
    /// The same person proposed and approved it.
    #[error("a rule set is approved by somebody other than its proposer")]
    OneApprover,
}

impl RuleSet {
    /// Checks the set as a whole.
    ///
    /// # Errors
    /// The first [`RuleSetFault`].
    pub fn check(&self) -> Result<(), RuleSetFault> {
        if self.rules.is_empty() {
            return Err(RuleSetFault::Empty);
        }
        if self.programme_share.get() > 10_000 {
            return Err(RuleSetFault::ShareTooLarge {
                share: self.programme_share,
            });
        }
        for (position, rule) in self.rules.iter().enumerate() {
            let earlier = self.rules.iter().take(position);
            let twin = |r: &ArticulationRule| r.code == rule.code || r.source == rule.source;
            if earlier.into_iter().any(twin) {
                return Err(RuleSetFault::Twice {
                    code: rule.code.clone(),
                });
            }
            let mut same_course = self.rules.iter().take(position);
            if same_course
                .any(|r| r.target == rule.target && r.target_credits != rule.target_credits)
            {
                return Err(RuleSetFault::OtherCredits {
                    code: rule.code.clone(),
                });
            }
            if rule.target_credits.is_zero() {
                return Err(RuleSetFault::NoCredits {
                    code: rule.code.clone(),
                });
            }
        }
        Ok(())
    }
}
