//! The same source reference again: what of it is other than what is recorded.

use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{EntryId, LearnerId};
use creditbank_domain::outcome::ReportedOutcome;

use crate::tables::outcomes::RecordedOutcome;

/// The conflict between a report and what is recorded under its source reference, or nothing
/// where they say the same. `learner` and `entry` are what the report resolves to.
pub(super) fn conflict_with(
    recorded: &RecordedOutcome,
    report: &ReportedOutcome,
    learner: Option<LearnerId>,
    entry: Option<EntryId>,
) -> Option<Fault> {
    let mut found = Vec::new();
    if learner != Some(recorded.learner_id) {
        found.push("learner".to_owned());
    }
    if entry != Some(recorded.entry_id) {
        found.push("entry".to_owned());
    }
    let mut compare = |field: &str, is: String, sent: String| {
        if is != sent {
            found.push(format!("{field} {is} ≠ {sent}"));
        }
    };
    compare(
        "grade",
        recorded.grade.to_string(),
        report.grade.to_string(),
    );
    compare(
        "attempt",
        recorded.attempt.to_string(),
        report.attempt.to_string(),
    );
    compare(
        "awarded_on",
        recorded.awarded_on.to_string(),
        report.awarded_on.to_string(),
    );
    compare("stated", recorded.stated.clone(), stated(report));
    (!found.is_empty()).then(|| conflict(&found))
}

/// The stated amounts in one form, sorted, so that two reports can be compared.
pub(super) fn stated(report: &ReportedOutcome) -> String {
    let mut parts: Vec<String> = report
        .stated
        .iter()
        .map(|s| format!("{}={}", s.unit, s.hundredths))
        .collect();
    parts.sort();
    parts.join(";")
}

fn conflict(differences: &[String]) -> Fault {
    let list = differences.join(", ");
    Fault::new(
        "SOURCE_REF_CONFLICT",
        format!("同一来源编号已入账且内容不同({list}),请提交更正"),
        format!("this source reference was posted with other content ({list}); send a correction"),
    )
}
