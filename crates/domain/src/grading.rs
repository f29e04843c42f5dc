//! Grading schemes described as data, and what may be said between two of them.
//!
//! Inside one scheme grades compare by their order. Between two schemes they compare only by a
//! table that somebody stated, dated and with its document ([`compare()`]): no formula guesses. From
//! two distributions of passing grades comes advice with its figures ([`advise`]), never a verdict.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::amount::Hundredths;

mod compare;
mod overlap;

pub use compare::{Comparison, Incomparable, compare};
pub use overlap::{Advice, AdviceError, Distribution, Method, Share, advise};

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

    /// Checks that the grades have an order and the pass mark is one of them.
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
        self.must_place(&self.pass).map(|_| ())
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
mod tests;
