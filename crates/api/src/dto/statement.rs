//! A learner's statement as clients see it.

use chrono::NaiveDate;
use creditbank_domain::amount::Unit;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::learner::{MovementView, SumsView, sums};

/// A learner's statement for a period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::statement_view()))]
pub(crate) struct StatementView {
    /// Whose it is.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) to: NaiveDate,
    /// What there was and is, one row a unit. Opening and movements make up the closing sums.
    pub(crate) units: Vec<StatementUnitView>,
    /// Every movement recorded in the period, oldest first.
    pub(crate) movements: Vec<MovementView>,
}

/// What there was and is of one unit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct StatementUnitView {
    /// What is counted.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// When the first day began.
    pub(crate) opening: SumsView,
    /// When the last day was over.
    pub(crate) closing: SumsView,
}

impl From<&reads::StatementView> for StatementView {
    fn from(statement: &reads::StatementView) -> Self {
        let units = statement.units.iter().map(|row| StatementUnitView {
            unit: row.unit.to_string(),
            opening: sums!(row.opening),
            closing: sums!(row.closing),
        });
        Self {
            learner_no: statement.learner_no.to_string(),
            from: statement.from,
            to: statement.to,
            units: units.collect(),
            movements: statement.movements.iter().map(MovementView::from).collect(),
        }
    }
}
