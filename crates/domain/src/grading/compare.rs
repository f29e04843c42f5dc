//! Whether a grade reaches a minimum that is stated in another scheme.

use chrono::NaiveDate;

use super::{ComparisonTable, GradingScheme, SchemeFault, SchemeGrade};
use crate::fault::Fault;

/// What can be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// It reaches the minimum; by this table, where the schemes differ.
    Passes(Option<String>),
    /// It does not; by this table, where the schemes differ.
    Fails(Option<String>),
    /// Nobody stated anything by which it could be said.
    NotComparable(Incomparable),
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// The grade or the minimum is none of its scheme.
    #[error("{0}")]
    Grade(SchemeFault),
    /// No table leads from the one scheme to the other on that day. Two tables are never chained.
    #[error("no table in force leads from {from} to {to}")]
    NoTable {
        /// The grade's scheme.
        from: String,
        /// The minimum's scheme.
        to: String,
    },
    /// Several tables do, and nobody said which.
    #[error("tables {0} and {1} are both in force")]
    SeveralTables(String, String),
    /// The table has no row for the grade.
    #[error("table {table} says nothing of {grade}")]
    NoRow {
        /// The table.
        table: String,
        /// The grade.
        grade: String,
    },
    /// The entry of the outcome names no scheme.
    #[error("the outcome's catalogue version names no grading scheme to compare with {to}")]
    NoScheme {
        /// The minimum's scheme.
        to: String,
    },
    /// The minimum is a score of no scheme, which only the scale from 0 to 100 reaches.
    #[error("the rule's minimum names no grading scheme to compare with {from}")]
    NoSchemeAsked {
        /// The grade's scheme.
        from: String,
    },
}

/// Compares a grade with a minimum. Never guesses: where no table states it, it is not comparable,
/// also where both grades happen to be written alike.
#[must_use]
pub fn compare(
    (grade, scheme): (&str, &GradingScheme),
    (minimum, wanted): (&str, &GradingScheme),
    tables: &[ComparisonTable],
    day: NaiveDate,
) -> Comparison {
    let placed = scheme.must_place(grade).map_err(Incomparable::from);
    let found = placed.and_then(|_| {
        SchemeGrade::written(grade.to_owned(), scheme, tables, day).reaches(minimum, wanted)
    });
    match found {
        Ok((true, table)) => Comparison::Passes(table),
        Ok((false, table)) => Comparison::Fails(table),
        Err(why) => Comparison::NotComparable(why),
    }
}

impl From<SchemeFault> for Incomparable {
    fn from(fault: SchemeFault) -> Self {
        Self::Grade(fault)
    }
}

impl Incomparable {
    /// The same in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Grade(fault) => Fault::from(fault.clone()).zh,
            Self::NoTable { from, to } => {
                format!("没有从成绩制 {from} 到 {to} 的有效对照表")
            }
            Self::SeveralTables(one, two) => format!("对照表 {one} 与 {two} 同时有效"),
            Self::NoRow { table, grade } => format!("对照表 {table} 没有 {grade}"),
            Self::NoScheme { to } => {
                format!("成果的目录版本没有成绩制,不能与 {to} 比较")
            }
            Self::NoSchemeAsked { from } => {
                format!("规则的最低成绩没有成绩制,不能与 {from} 比较")
            }
        }
    }
}

impl ComparisonTable {
    /// True on each of its days.
    #[must_use]
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// True where both lead the same way on one day at least: nobody could say which counts.
    #[must_use]
    pub fn rivals(&self, other: &Self) -> bool {
        let begins_in_time =
            |one: &Self, other: &Self| one.valid_to.is_none_or(|last| other.valid_from <= last);
        (&self.from, &self.to) == (&other.from, &other.to)
            && begins_in_time(self, other)
            && begins_in_time(other, self)
    }

    /// Checks the table beside the schemes that it leads from and to: every grade is one, and none
    /// is covered twice.
    ///
    /// # Errors
    /// [`SchemeFault`]
    pub fn check(&self, from: &GradingScheme, to: &GradingScheme) -> Result<(), SchemeFault> {
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            return Err(SchemeFault::EndsBeforeItBegins(self.code.clone()));
        }
        let mut covered: Vec<(i64, i64)> = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let run = (from.must_place(&row.from)?, from.must_place(&row.to)?);
            to.must_place(&row.equals)?;
            let twice = covered
                .iter()
                .any(|other| run.0 <= other.1 && other.0 <= run.1);
            if twice || run.0 > run.1 {
                return Err(SchemeFault::Overlap(self.code.clone()));
            }
            covered.push(run);
        }
        Ok(())
    }
}
