//! Curated lists: courses that are one course, for certain days, because a document says so.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::fault::Fault;
use crate::ids::{EntryId, SameCourseGroupId};

/// Catalogue entries that are one course, as a list states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateGroup {
    /// The list's name for it.
    pub code: String,
    /// First day on which an outcome of a member is refused beside another member's.
    pub valid_from: NaiveDate,
    /// Last such day; open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// The courses.
    pub members: BTreeSet<EntryId>,
}

/// Why a list is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupFault {
    /// One course alone is no twin.
    #[error("group {0} has fewer than two courses")]
    TooFew(String),
    /// It ends before it begins.
    #[error("group {0} ends before it begins")]
    EndsBeforeItBegins(String),
    /// A course would be in two groups on one day.
    #[error("groups {0} and {1} have a course in common on the same days")]
    Overlap(String, String),
}

impl DuplicateGroup {
    /// Checks a group alone and beside those that stand.
    ///
    /// # Errors
    /// [`GroupFault`]
    pub fn check<'g>(&self, others: impl IntoIterator<Item = &'g Self>) -> Result<(), GroupFault> {
        if self.members.len() < 2 {
            return Err(GroupFault::TooFew(self.code.clone()));
        }
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            return Err(GroupFault::EndsBeforeItBegins(self.code.clone()));
        }
        let clash = others
            .into_iter()
            .find(|other| self.shares_days(other) && !self.members.is_disjoint(&other.members));
        match clash {
            Some(other) => Err(GroupFault::Overlap(other.code.clone(), self.code.clone())),
            None => Ok(()),
        }
    }

    fn shares_days(&self, other: &Self) -> bool {
        let starts_in_time =
            |one: &Self, two: &Self| one.valid_to.is_none_or(|last| two.valid_from <= last);
        starts_in_time(self, other) && starts_in_time(other, self)
    }
}

impl From<&GroupFault> for Fault {
    fn from(fault: &GroupFault) -> Self {
        match fault {
            GroupFault::TooFew(code) => Self::new(
                "DUPLICATE_GROUP_TOO_SMALL",
                format!("同课组 {code} 至少应有两门不同的课程"),
                fault.to_string(),
            ),
            GroupFault::EndsBeforeItBegins(code) => Self::new(
                "DUPLICATE_GROUP_DATES",
                format!("同课组 {code} 的结束日期早于开始日期"),
                fault.to_string(),
            ),
            GroupFault::Overlap(one, two) => Self::new(
                "DUPLICATE_GROUPS_OVERLAP",
                format!("同课组 {one} 与 {two} 在相同日期内含有同一课程,请先结束其中之一"),
                format!("{fault}; end one of them first"),
            ),
        }
    }
}

/// That an entry belongs to a group, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The group: what the credit of all its courses is counted under.
    pub group_id: SameCourseGroupId,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open where there is none.
    pub valid_to: Option<NaiveDate>,
}

impl Membership {
    /// True on each of its days.
    #[must_use]
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}
