//! A recorded outcome as its institution would report it now, with what it says was otherwise.

use creditbank_domain::catalogue::CatalogueVersion;
use creditbank_domain::correction::Corrected;
use creditbank_domain::outcome::{EntryRef, LearnerRef, ReportedOutcome};
use creditbank_domain::text::SourceRef;

use crate::error::LedgerError;
use crate::flows::stated::{stated_amounts, stated_progress};
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
        stated_level: None,
        progress: stated_progress(&outcome.stated)?,
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
    report.progress = to.progress.unwrap_or(report.progress);
    report
}
