//! Whether a document is fit to be approved.

use crate::document::RuleDocument;
use crate::fault::{DocumentFault, in_order};
use crate::lint::{LintContext, Severity, lint};
use crate::trial::run_tests;

/// Asks the lint and the document's own tests. Who approves, and how many, is for others to see.
///
/// # Errors
/// Every error of the lint, and every test that is decided otherwise than expected, with both.
pub fn may_be_approved(
    document: &RuleDocument,
    context: &LintContext,
) -> Result<(), Vec<DocumentFault>> {
    let findings = lint(document, context).into_iter();
    let errors = findings.filter(|finding| finding.severity == Severity::Error);
    let mut faults: Vec<DocumentFault> = errors.map(|finding| finding.fault).collect();
    match run_tests(document) {
        Ok(trials) => faults.extend(trials.into_iter().flat_map(|trial| trial.faults)),
        Err(unsound) => faults.extend(unsound),
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(in_order(faults))
    }
}
