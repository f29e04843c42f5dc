//! Catalogue entries (成果目录) and their dated, immutable versions.

use chrono::{Months, NaiveDate};

use crate::amount::{Amount, Hundredths, Unit};
use crate::completion::CompletionRule;
use crate::grade::{Grade, MinimumGrade};
use crate::grading::GradingScheme;
use crate::ids::{EntryId, InstitutionId, VersionId};
pub use crate::level::Level;
use crate::review::{Review, ReviewClock};
use crate::text::{CourseCode, SubcategoryCode};
use crate::words::words;

words!(
    /// The category of a catalogue entry: the six of the alliance's documents and a rest.
    Category, "a category", {
        /// 课程
        Course => "course",
        /// 学位外语
        DegreeForeignLanguage => "degree_foreign_language",
        /// 自学考试
        SelfStudyExam => "self_study_exam",
        /// 职业技能证书
        SkillCertificate => "skill_certificate",
        /// 培训
        Training => "training",
        /// 活动
        Activity => "activity",
        /// 其他
        Other => "other",
    }
);

/// A category that a bank registered below one of the closed list: balances add up by the parent,
/// so a list that grows never changes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subcategory {
    /// By which versions name it.
    pub code: SubcategoryCode,
    /// The category that it is part of.
    pub parent: Category,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
}

/// A part of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// What it is called.
    pub title: String,
    /// How many lectures it has.
    pub lectures: u32,
}

/// How much of one unit a version gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountRule {
    /// Always this; an institution that states another amount is refused.
    Fixed(Amount),
    /// What the institution states for the learner, up to this.
    StatedUpTo(Amount),
}

impl AmountRule {
    /// The unit it gives.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Fixed(amount) | Self::StatedUpTo(amount) => amount.unit(),
        }
    }

    /// The fixed amount or the most that may be stated.
    #[must_use]
    pub const fn most(self) -> Hundredths {
        match self {
            Self::Fixed(amount) | Self::StatedUpTo(amount) => amount.hundredths(),
        }
    }
}

/// One dated version of an entry; never changes once an outcome used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueVersion {
    /// The entry.
    pub entry_id: EntryId,
    /// This version of it.
    pub version_id: VersionId,
    /// The owner's code of it.
    pub code: CourseCode,
    /// What people call it.
    pub title: String,
    /// Every institution that may post it, the owner first.
    pub owners: Vec<InstitutionId>,
    /// What it is.
    pub category: Category,
    /// What it is more exactly; always of that category.
    pub subcategory: Option<SubcategoryCode>,
    /// Its level, where it has one.
    pub level: Option<Level>,
    /// Its parts, in their order.
    pub modules: Vec<Module>,
    /// What completes it beside the grade; nothing where there is none.
    pub completion: Option<CompletionRule>,
    /// What it gives, at most one rule a unit; empty for what never earns anything.
    pub amounts: Vec<AmountRule>,
    /// What a learner has to reach.
    pub minimum_grade: MinimumGrade,
    /// The scheme of its grades; any form of grade where there is none.
    pub grading: Option<GradingScheme>,
    /// First day on which an outcome can be of this version.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// How long what it gives can be used; for ever where there is none.
    pub usable_months: Option<u32>,
    /// Whether a learner can be credited for it more than once.
    pub repeatable: bool,
    /// How often it has to be reviewed; never where there is none.
    pub review: Option<ReviewClock>,
}

impl CatalogueVersion {
    /// The review that is due, where the entry was last reviewed on a day or not yet. A version is
    /// new material, so the clock begins at its first day where that is later.
    #[must_use]
    pub fn review_after(&self, last_review: Option<NaiveDate>) -> Option<Review> {
        let began = last_review.map_or(self.valid_from, |day| day.max(self.valid_from));
        self.review.and_then(|clock| clock.after(began))
    }

    /// Whether a grade earns credit, by its scheme where it has one.
    #[must_use]
    pub fn is_earned_by(&self, grade: Grade) -> bool {
        match &self.grading {
            Some(scheme) => scheme.earns(grade, self.minimum_grade),
            None => grade.passes(self.minimum_grade),
        }
    }

    /// All lectures of its modules.
    #[must_use]
    pub fn lectures(&self) -> u32 {
        let counts = self.modules.iter().map(|module| module.lectures);
        counts.fold(0, u32::saturating_add)
    }

    /// The last day on which lots of an outcome of that day can be used; for ever where there is
    /// none. A month that lacks the day ends on its last one: 31 August and six months is the end
    /// of February.
    #[must_use]
    pub fn usable_until(&self, awarded_on: NaiveDate) -> Option<NaiveDate> {
        self.usable_months
            .and_then(|months| awarded_on.checked_add_months(Months::new(months)))
    }

    /// True where `day` lies in the version's validity, both ends included.
    #[must_use]
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// The version in force on a day: the latest to start among those that cover it.
#[must_use]
pub fn in_force(versions: &[CatalogueVersion], day: NaiveDate) -> Option<&CatalogueVersion> {
    versions
        .iter()
        .filter(|version| version.in_force_on(day))
        .max_by_key(|v| v.valid_from)
}

#[cfg(test)]
mod tests;
