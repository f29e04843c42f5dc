//! Whether a grade reaches a minimum that is stated in another scheme.

use chrono::NaiveDate;

use super::{ComparisonTable, GradingScheme, SchemeFault};

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
    match found(grade, scheme, wanted, tables, day)
        .and_then(|(place, table)| Ok((place, wanted.must_place(minimum)?, table)))
    {
        Ok((place, minimum, table)) if place >= minimum => Comparison::Passes(table),
        Ok((.., table)) => Comparison::Fails(table),
        Err(why) => Comparison::NotComparable(why),
    }
}

impl From<SchemeFault> for Incomparable {
    fn from(fault: SchemeFault) -> Self {
        Self::Grade(fault)
    }
}

fn found(
    grade: &str,
    scheme: &GradingScheme,
    wanted: &GradingScheme,
    tables: &[ComparisonTable],
    day: NaiveDate,
) -> Result<(i64, Option<String>), Incomparable> {
    let place = scheme.must_place(grade)?;
    if scheme.code == wanted.code {
        return Ok((place, None));
    }
    let mut leading = tables.iter().filter(|table| {
        table.from == scheme.code && table.to == wanted.code && table.in_force_on(day)
    });
    let table = leading.next().ok_or_else(|| Incomparable::NoTable {
        from: scheme.code.clone(),
        to: wanted.code.clone(),
    })?;
    if let Some(second) = leading.next() {
        let (one, two) = (table.code.clone(), second.code.clone());
        return Err(Incomparable::SeveralTables(one, two));
    }
    for row in &table.rows {
        let (from, to) = (scheme.must_place(&row.from)?, scheme.must_place(&row.to)?);
        if (from..=to).contains(&place) {
            return Ok((wanted.must_place(&row.equals)?, Some(table.code.clone())));
        }
    }
    Err(Incomparable::NoRow {
        table: table.code.clone(),
        grade: grade.to_owned(),
    })
}

impl ComparisonTable {
    /// True on each of its days.
    #[must_use]
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
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
