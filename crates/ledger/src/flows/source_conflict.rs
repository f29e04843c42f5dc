//! The same source reference again: what of it is other than what is recorded.

use std::collections::BTreeMap;

use creditbank_domain::catalogue::{AmountRule, CatalogueVersion};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::LearnerId;
use creditbank_domain::outcome::ReportedOutcome;

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
    compare(
        "stated",
        in_full(&recorded.stated, version),
        in_full(&stated(report), version),
    );
    (!found.is_empty()).then(|| conflict(&found))
}

/// The stated amounts in one form, sorted, so that two reports can be compared.
pub(super) fn stated(report: &ReportedOutcome) -> String {
    let amounts = report.stated.iter();
    joined(amounts.map(|amount| (amount.unit.as_str(), amount.hundredths.to_string())))
}

/// Stated amounts with those that the catalogue fixes: a layout without a column for the credits
/// says the same as one that states what the catalogue gives.
pub(super) fn in_full(stated: &str, version: Option<&CatalogueVersion>) -> String {
    let fixed = version.into_iter().flat_map(|version| &version.amounts);
    let fixed = fixed.filter_map(|rule| match rule {
        AmountRule::Fixed(amount) => {
            Some((amount.unit().as_str(), amount.hundredths().to_string()))
        }
        AmountRule::StatedUpTo(_) => None,
    });
    let stated = stated.split(';').filter_map(|part| part.split_once('='));
    let stated = stated.map(|(unit, amount)| (unit, amount.to_owned()));
    joined(fixed.chain(stated))
}

/// The later amount of a unit counts; zero says nothing.
fn joined<'a>(amounts: impl Iterator<Item = (&'a str, String)>) -> String {
    let by_unit: BTreeMap<&str, String> = amounts.filter(|(_, amount)| amount != "0.00").collect();
    let parts: Vec<String> = by_unit
        .iter()
        .map(|(unit, amount)| format!("{unit}={amount}"))
        .collect();
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
