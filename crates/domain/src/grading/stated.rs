//! What a grade is in its own scheme and, by stated tables, in others: all that a rule's minimum is
//! compared with. Kept beside a decision it says the same for ever, whatever is loaded later.

use chrono::NaiveDate;

use super::{ComparisonTable, GradingScheme, Incomparable};
use crate::grade::Grade;

/// What a table states of a grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedGrade {
    /// The other scheme.
    pub scheme: String,
    /// The table.
    pub table: String,
    /// The document that the table rests on.
    pub document_number: String,
    /// The grade there; none where the table says nothing of the grade.
    pub equals: Option<String>,
}

/// A grade of a scheme, with what the tables in force on one day state of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeGrade {
    /// The scheme.
    pub scheme: String,
    /// The grade as the scheme writes it, or a result that is no grade of any scheme.
    pub grade: String,
    /// Whether it passes in the scheme.
    pub passes: bool,
    /// Whether the scheme is the scale from 0 to 100.
    pub is_plain: bool,
    /// In the order of the tables.
    pub stated: Vec<StatedGrade>,
}

impl SchemeGrade {
    /// A recorded grade, by the tables in force on a day.
    #[must_use]
    pub fn of(
        grade: Grade,
        scheme: &GradingScheme,
        tables: &[ComparisonTable],
        day: NaiveDate,
    ) -> Self {
        match scheme.step_of(grade) {
            Some(step) => Self::written(step, scheme, tables, day),
            None => Self {
                passes: grade == Grade::Exempted,
                ..Self::written(grade.zh(), scheme, &[], day)
            },
        }
    }

    /// A grade as its scheme writes it.
    pub(super) fn written(
        grade: String,
        scheme: &GradingScheme,
        tables: &[ComparisonTable],
        day: NaiveDate,
    ) -> Self {
        let place = scheme.place(&grade);
        let leading = tables
            .iter()
            .filter(|table| table.from == scheme.code && table.in_force_on(day));
        let stated = leading.map(|table| {
            let mut rows = table.rows.iter();
            let row = rows.find(|row| {
                let run = scheme.place(&row.from).zip(scheme.place(&row.to));
                run.zip(place)
                    .is_some_and(|((from, to), place)| (from..=to).contains(&place))
            });
            StatedGrade {
                scheme: table.to.clone(),
                table: table.code.clone(),
                document_number: table.document_number.clone(),
                equals: row.map(|row| row.equals.clone()),
            }
        });
        Self {
            stated: stated.collect(),
            passes: scheme.passes(&grade),
            is_plain: scheme.is_plain(),
            scheme: scheme.code.clone(),
            grade,
        }
    }

    /// Whether it reaches a minimum, and by which table where that is one of another scheme.
    ///
    /// # Errors
    /// [`Incomparable`] where nobody stated anything by which it could be said.
    pub fn reaches(
        &self,
        minimum: &str,
        wanted: &GradingScheme,
    ) -> Result<(bool, Option<String>), Incomparable> {
        let (grade, table) = self.counts_as(&wanted.code)?;
        let (place, least) = (wanted.must_place(grade)?, wanted.must_place(minimum)?);
        Ok((place >= least, table.map(|it| it.table.clone())))
    }

    /// As which grade it counts in a scheme, and by which table where that is another one.
    ///
    /// # Errors
    /// [`Incomparable`]
    pub fn counts_as(&self, scheme: &str) -> Result<(&str, Option<&StatedGrade>), Incomparable> {
        if self.scheme == scheme {
            return Ok((&self.grade, None));
        }
        let mut leading = self.stated.iter().filter(|it| it.scheme == scheme);
        let found = leading.next().ok_or_else(|| Incomparable::NoTable {
            from: self.scheme.clone(),
            to: scheme.to_owned(),
        })?;
        if let Some(second) = leading.next() {
            let (one, two) = (found.table.clone(), second.table.clone());
            return Err(Incomparable::SeveralTables(one, two));
        }
        let grade = found.equals.as_deref().ok_or_else(|| Incomparable::NoRow {
            table: found.table.clone(),
            grade: self.grade.clone(),
        })?;
        Ok((grade, Some(found)))
    }
}
