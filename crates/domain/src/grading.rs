//! Grading schemes described as data, and what may be said between two of them.
//!
//! Inside one scheme grades compare by their order. Between two schemes they compare only by a
//! table that somebody stated, dated and with its document ([`compare()`]): no formula guesses. A
//! [`SchemeGrade`] is what those tables make of one grade on one day. From
//! two distributions of passing grades comes advice with its figures ([`advise`]), never a verdict.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::amount::Hundredths;
use crate::fault::Fault;
use crate::grade::{Grade, GradeReading, MinimumGrade, Score, read_grade};

mod compare;
mod overlap;
mod stated;

pub use compare::{Comparison, Incomparable, compare};
pub use overlap::{Advice, AdviceError, Distribution, Method, Share, advise};
pub use stated::{SchemeGrade, StatedGrade};

/// How the grades of a scheme are written and ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Steps {
    /// Words or letters, best first.
    Named(Vec<String>),
    /// Numbers with at most two decimals, from the worst to the best: 0 to 100, or 5.0 to 1.0.
    Numbers {
        /// The worst.
        worst: Hundredths,
        /// The best.
        best: Hundredths,
    },
}

/// A grading scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradingScheme {
    /// Its code.
    pub code: String,
    /// Its grades.
    pub steps: Steps,
    /// The lowest grade that passes.
    pub pass: String,
    /// Who says so, in words.
    pub source: String,
}

/// What is wrong with a scheme or with a table between two.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeFault {
    /// Not a grade of the scheme.
    #[error("{grade} is no grade of {scheme}")]
    UnknownGrade {
        /// The scheme.
        scheme: String,
        /// What was written.
        grade: String,
    },
    /// A grade that the bank has no form for, so that no outcome could ever have it.
    #[error("{grade} of {scheme} is no grade that the bank can record")]
    NotRecorded {
        /// The scheme.
        scheme: String,
        /// What was written.
        grade: String,
    },
    /// A grade stands twice, or worst and best are one.
    #[error("{0} does not order its grades: one stands twice, or there is only one")]
    NoOrder(String),
    /// A table ends before it begins.
    #[error("table {0} ends before it begins")]
    EndsBeforeItBegins(String),
    /// Two rows of a table cover one grade, or a row runs the wrong way.
    #[error("table {0} covers a grade twice or from the better to the worse")]
    Overlap(String),
}

impl GradingScheme {
    /// Where a grade stands: higher is better. Only grades of one scheme can be compared so.
    #[must_use]
    pub fn place(&self, grade: &str) -> Option<i64> {
        match &self.steps {
            Steps::Named(steps) => {
                let from_best = steps.iter().position(|step| step == grade)?;
                i64::try_from(from_best).ok().map(|place| -place)
            }
            Steps::Numbers { worst, best } => {
                let number: Hundredths = grade.parse().ok()?;
                let (low, high) = (*worst.min(best), *worst.max(best));
                if number < low || number > high {
                    return None;
                }
                Some(if worst < best {
                    number.get()
                } else {
                    -number.get()
                })
            }
        }
    }

    /// As [`Self::place`], for a grade that has to be one.
    pub(crate) fn must_place(&self, grade: &str) -> Result<i64, SchemeFault> {
        self.place(grade).ok_or_else(|| SchemeFault::UnknownGrade {
            scheme: self.code.clone(),
            grade: grade.to_owned(),
        })
    }

    /// True where a grade passes in its own scheme.
    #[must_use]
    pub fn passes(&self, grade: &str) -> bool {
        let pass = self.place(&self.pass);
        self.place(grade)
            .zip(pass)
            .is_some_and(|(it, pass)| it >= pass)
    }

    /// A grade as the scheme writes it; nothing where it is none of the scheme's.
    #[must_use]
    pub fn step_of(&self, grade: Grade) -> Option<String> {
        match (&self.steps, grade) {
            (Steps::Named(steps), _) => {
                let mut steps = steps.iter();
                steps.find(|step| recorded(step) == Some(grade)).cloned()
            }
            (Steps::Numbers { .. }, Grade::Score(score)) => {
                Some(score.to_string()).filter(|text| self.place(text).is_some())
            }
            (Steps::Numbers { .. }, _) => None,
        }
    }

    /// True where an outcome can have the grade: one of its own, or a result that is no grade of
    /// any scheme, such as an exemption or an absence.
    #[must_use]
    pub fn admits(&self, grade: Grade) -> bool {
        let beside = matches!(
            grade,
            Grade::Exempted | Grade::Absent | Grade::Cheated | Grade::Cancelled | Grade::Withdrawn
        );
        beside || self.step_of(grade).is_some()
    }

    /// Whether a grade earns credit: it passes in the scheme, and reaches the minimum where that is
    /// stated as a number of the scheme ([`Self::has_minimum`]).
    #[must_use]
    pub fn earns(&self, grade: Grade, minimum: MinimumGrade) -> bool {
        let pass = self.place(&self.pass);
        let least = match minimum {
            MinimumGrade::Pass => pass,
            MinimumGrade::Score(score) => self.place(&score.to_string()).max(pass),
        };
        let earned = self.rank(grade);
        earned.zip(least).is_some_and(|(it, least)| it >= least)
    }

    /// Where a recorded grade stands; an exemption is as good as a pass, and no better.
    fn rank(&self, grade: Grade) -> Option<i64> {
        match self.step_of(grade) {
            Some(step) => self.place(&step),
            None if grade == Grade::Exempted => self.place(&self.pass),
            None => None,
        }
    }

    /// Whether a minimum can be reached at all: any pass, or a number of a scheme of numbers.
    #[must_use]
    pub fn has_minimum(&self, minimum: MinimumGrade) -> bool {
        match minimum {
            MinimumGrade::Pass => true,
            MinimumGrade::Score(score) => self.place(&score.to_string()).is_some(),
        }
    }

    /// True for the scale from 0 to 100: what a minimum without a scheme is a score of.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let hundred = Hundredths::HUNDRED_PERCENT;
        matches!(&self.steps, Steps::Numbers { worst, best }
            if *worst == Hundredths::ZERO && *best == hundred)
    }

    /// Whether two descriptions are of one scheme, whoever says so.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        (&self.code, &self.steps) == (&other.code, &other.steps)
            && self.place(&self.pass) == other.place(&other.pass)
    }

    /// Its grades, for people: `优秀、良好、及格` or `5.00 – 1.00`.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.steps {
            Steps::Named(steps) => steps.join("、"),
            Steps::Numbers { worst, best } => format!("{worst} – {best}"),
        }
    }

    fn check_recorded(&self) -> Result<(), SchemeFault> {
        let refused = |grade: &dyn ToString| SchemeFault::NotRecorded {
            scheme: self.code.clone(),
            grade: grade.to_string(),
        };
        match &self.steps {
            Steps::Named(steps) => {
                let mut grades = Vec::with_capacity(steps.len());
                for step in steps {
                    let grade = recorded(step).ok_or_else(|| refused(step))?;
                    if grades.contains(&grade) {
                        return Err(SchemeFault::NoOrder(self.code.clone()));
                    }
                    grades.push(grade);
                }
                Ok(())
            }
            Steps::Numbers { worst, best } => Score::new(*worst.max(best))
                .map(|_| ())
                .map_err(|_| refused(worst.max(best))),
        }
    }

    /// Checks that the grades have an order, that an outcome can have each, and that the pass mark
    /// is one of them.
    ///
    /// # Errors
    /// [`SchemeFault`]
    pub fn check(&self) -> Result<(), SchemeFault> {
        let ordered = match &self.steps {
            Steps::Named(steps) => {
                let distinct: BTreeSet<&String> = steps.iter().collect();
                distinct.len() == steps.len() && steps.len() > 1
            }
            Steps::Numbers { worst, best } => worst != best,
        };
        if !ordered {
            return Err(SchemeFault::NoOrder(self.code.clone()));
        }
        self.check_recorded()?;
        self.must_place(&self.pass).map(|_| ())
    }
}

/// The best of several grades, by the scheme that all of them are of, or by the scores that they
/// stand for; of equals the first.
#[must_use]
pub fn best_of(
    grades: impl IntoIterator<Item = Grade>,
    scheme: Option<&GradingScheme>,
) -> Option<Grade> {
    let rank = |grade: Grade| match scheme {
        None => grade
            .lower_bound()
            .map(|score| i64::from(score.hundredths())),
        Some(scheme) => scheme.rank(grade),
    };
    let mut grades = grades.into_iter();
    let first = grades.next()?;
    Some(grades.fold(first, |best, grade| {
        if rank(best) < rank(grade) {
            grade
        } else {
            best
        }
    }))
}

/// The grade that an outcome has where a transcript writes this.
fn recorded(step: &str) -> Option<Grade> {
    match read_grade(step, &[]) {
        Ok(GradeReading::Achieved(grade)) => Some(grade),
        Ok(GradeReading::NotYet) | Err(_) => None,
    }
}

impl From<SchemeFault> for Fault {
    fn from(wrong: SchemeFault) -> Self {
        let (code, zh) = match &wrong {
            SchemeFault::UnknownGrade { scheme, grade } => (
                "GRADING_GRADE_UNKNOWN",
                format!("{grade} 不是成绩制 {scheme} 的成绩"),
            ),
            SchemeFault::NotRecorded { scheme, grade } => (
                "GRADING_NOT_RECORDED",
                format!("成绩制 {scheme} 的 {grade} 不是本系统能登记的成绩"),
            ),
            SchemeFault::NoOrder(scheme) => (
                "GRADING_NO_ORDER",
                format!("成绩制 {scheme} 的成绩没有次序:有重复或只有一个"),
            ),
            SchemeFault::EndsBeforeItBegins(table) => (
                "GRADING_TABLE_ENDS_FIRST",
                format!("对照表 {table} 的截止日期早于起始日期"),
            ),
            SchemeFault::Overlap(table) => (
                "GRADING_TABLE_OVERLAP",
                format!("对照表 {table} 有成绩重复,或由高到低书写"),
            ),
        };
        Self::new(code, zh, wrong.to_string())
    }
}

/// What a run of grades of one scheme is in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonRow {
    /// The worst grade of the run.
    pub from: String,
    /// The best grade of the run.
    pub to: String,
    /// The grade of the other scheme.
    pub equals: String,
}

/// A stated table from one scheme to another, in this direction only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonTable {
    /// Its code.
    pub code: String,
    /// The scheme of the grades that are looked up.
    pub from: String,
    /// The scheme of the grades that are found.
    pub to: String,
    /// The number of the document that states it.
    pub document_number: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// Its rows. Gaps are allowed: what they leave out is not comparable.
    pub rows: Vec<ComparisonRow>,
}

#[cfg(test)]
pub(crate) mod tests;
