//! By what the outcomes of learners are compared with what rules ask for: the frameworks of levels
//! on the day of a request, and the tables between grading schemes on the day of an outcome.

use chrono::NaiveDate;
use creditbank_domain::conversion::{Candidate, LotState};
use creditbank_domain::grading::{ComparisonTable, SchemeGrade};
use creditbank_domain::level::Frameworks;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::tables::lots::ConvertibleLot;
use crate::tables::{gradings, hundredths, level_frameworks};

/// What stands on one day.
pub(super) struct Comparisons {
    frameworks: Frameworks,
    tables: Vec<ComparisonTable>,
}

impl Comparisons {
    /// Reads them for lots of requests of a day; no tables where no lot is of a scheme.
    pub(super) fn on<'l>(
        conn: &mut PgConnection,
        day: NaiveDate,
        lots: impl IntoIterator<Item = &'l ConvertibleLot>,
    ) -> Result<Self, LedgerError> {
        let graded = lots.into_iter().any(|lot| lot.grading.is_some());
        let tables = if graded {
            gradings::list_tables(conn)?
        } else {
            Vec::new()
        };
        Ok(Self {
            frameworks: level_frameworks::on(conn, day)?,
            tables,
        })
    }

    /// A lot as a candidate.
    pub(super) fn candidate(
        &self,
        lot: &ConvertibleLot,
        state: LotState,
    ) -> Result<Candidate, LedgerError> {
        let level = lot.level.as_ref();
        let scheme = lot.grading.as_ref();
        Ok(Candidate {
            lot_id: lot.lot_id,
            outcome_id: lot.outcome_id,
            entry_id: lot.entry_id,
            title: lot.title.clone(),
            category: lot.category,
            issuer: lot.institution_id,
            unit: lot.unit,
            counts_as: level
                .map(|level| self.frameworks.counts_as(level).to_vec())
                .unwrap_or_default(),
            level: lot.level.clone(),
            grade: lot.grade,
            graded: scheme
                .map(|scheme| SchemeGrade::of(lot.grade, scheme, &self.tables, lot.awarded_on)),
            awarded_on: lot.awarded_on,
            issued: hundredths(lot.issued, "lots.issued")?,
            state,
        })
    }
}
