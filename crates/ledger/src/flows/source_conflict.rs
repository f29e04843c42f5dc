//! The same source reference again: what of it is other than what is recorded.

use creditbank_domain::catalogue::CatalogueVersion;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::LearnerId;
use creditbank_domain::outcome::ReportedOutcome;

use crate::flows::stated::{amounts_in_full, parts, stated};
use crate::tables::outcomes::RecordedOutcome;

/// The conflict between a report and what is recorded under its source reference, or nothing
/// where they say the same. `learner` and `version` are what the report resolves to.
pub(super) fn conflict_with(
    recorded: &RecordedOutcome,
    report: &ReportedOutcome,
    learner: Option<LearnerId>,
    version: Option<&CatalogueVersion>,
) -> Option<Fault> {
    let mut found = Vec::new();
    if learner != Some(recorded.learner_id) {
        found.push("learner".to_owned());
    }
    if version.map(|version| version.entry_id) != Some(recorded.entry_id) {
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
    let sent = stated(report);
    compare(
        "stated",
        amounts_in_full(&recorded.stated, version),
        amounts_in_full(&sent, version),
    );
    let progress = |stated: &str| match parts(stated).1 {
        "" => "–".to_owned(),
        said => said.to_owned(),
    };
    compare("progress", progress(&recorded.stated), progress(&sent));
    (!found.is_empty()).then(|| conflict(&found))
}

fn conflict(differences: &[String]) -> Fault {
    let list = differences.join(", ");
    Fault::new(
        "SOURCE_REF_CONFLICT",
        format!("同一来源编号已入账且内容不同({list}),请提交更正"),
        format!("this source reference was posted with other content ({list}); send a correction"),
    )
}
