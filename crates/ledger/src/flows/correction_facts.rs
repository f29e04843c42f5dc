//! A recorded outcome as its institution would report it now, with what it says was otherwise.

use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::CatalogueVersion;
use creditbank_domain::correction::Corrected;
use creditbank_domain::outcome::{EntryRef, LearnerRef, ReportedOutcome, StatedAmount};
use creditbank_domain::text::SourceRef;

use crate::error::LedgerError;
use crate::tables::parsed;
use crate::tables::standing_outcomes::StandingOutcome;

/// The report that says what is recorded.
pub(super) fn report_of(
    outcome: &StandingOutcome,
    version: &CatalogueVersion,
) -> Result<ReportedOutcome, LedgerError> {
    Ok(ReportedOutcome {
        source_ref: SourceRef::new(&outcome.source_ref)
            .map_err(|_| LedgerError::Corrupt("outcomes.source_ref"))?,
        learner: LearnerRef::Number(outcome.learner_no),
        entry: EntryRef {
            owner: None,
            code: version.code.clone(),
        },
        grade: outcome.grade,
        attempt: outcome.attempt,
        awarded_on: outcome.awarded_on,
        stated: stated_amounts(&outcome.stated)?,
    })
}

/// The same with what was otherwise.
pub(super) fn corrected_report(mut report: ReportedOutcome, to: &Corrected) -> ReportedOutcome {
    report.grade = to.grade.unwrap_or(report.grade);
    report.attempt = to.attempt.unwrap_or(report.attempt);
    report.awarded_on = to.awarded_on.unwrap_or(report.awarded_on);
    if let Some(stated) = &to.stated {
        report.stated.clone_from(stated);
    }
    report
}

/// Reads `credit=3.50;hour=48.00`, the form in which stated amounts are kept.
fn stated_amounts(stated: &str) -> Result<Vec<StatedAmount>, LedgerError> {
    stated
        .split(';')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let corrupt = LedgerError::Corrupt("outcomes.stated");
            let (unit, amount) = part.split_once('=').ok_or(corrupt)?;
            let unit: Unit = parsed(unit, "outcomes.stated")?;
            Ok(StatedAmount {
                unit,
                hundredths: parsed(amount, "outcomes.stated")?,
            })
        })
        .collect()
}
