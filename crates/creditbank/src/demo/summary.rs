//! The demo in figures: the one object that `--json` prints.

use std::collections::BTreeMap;

use creditbank_ledger::reads::{BalanceView, CohortView, ImportView};
use serde::Serialize;

/// Everything worth checking.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    imports: Vec<ImportFigures>,
    conversion: ConversionFigures,
    audit: AuditFigures,
    balance: BalanceFigures,
}

#[derive(Debug, Serialize)]
struct ImportFigures {
    file: String,
    read: u64,
    posted: u64,
    already_posted: u64,
    rejected: u64,
}

#[derive(Debug, Serialize)]
struct ConversionFigures {
    learners: usize,
    granted: u32,
    partly: u32,
    refused: u32,
}

#[derive(Debug, Serialize)]
struct AuditFigures {
    faults: usize,
}

#[derive(Debug, Serialize)]
struct BalanceFigures {
    learner_no: String,
    by_unit: BTreeMap<&'static str, UnitFigures>,
}

/// Amounts are decimal texts, as everywhere outside.
#[derive(Debug, Serialize)]
struct UnitFigures {
    available: String,
    held: String,
    used: String,
}

impl Summary {
    /// Gathers the figures.
    pub(crate) fn new(
        imports: &[ImportView],
        cohort: &CohortView,
        audit_faults: usize,
        balance: &BalanceView,
    ) -> Self {
        let figures = |import: &ImportView| ImportFigures {
            file: import.file_name.clone(),
            read: import.read,
            posted: import.posted,
            already_posted: import.already_posted,
            rejected: import.rejected,
        };
        let by_unit = balance.by_unit.iter().map(|unit| {
            let figures = UnitFigures {
                available: unit.available.to_string(),
                held: unit.held.to_string(),
                used: unit.used.to_string(),
            };
            (unit.unit.as_str(), figures)
        });
        Self {
            imports: imports.iter().map(figures).collect(),
            conversion: ConversionFigures {
                learners: cohort.requests.len(),
                granted: cohort.granted,
                partly: cohort.partly,
                refused: cohort.refused,
            },
            audit: AuditFigures {
                faults: audit_faults,
            },
            balance: BalanceFigures {
                learner_no: balance.learner_no.as_str().to_owned(),
                by_unit: by_unit.collect(),
            },
        }
    }
}
