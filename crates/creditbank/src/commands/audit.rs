//! `creditbank audit`

use std::process::ExitCode;

use creditbank_domain::authz::AuditBooks;
use creditbank_ledger::{AuditFault, audit_books};

use crate::operator;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;

/// Recomputes the books; exit code 1 where anything does not fit.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let faults =
        audit_books(&ledger, &operator::for_bank::<AuditBooks>()?).map_err(Problem::from)?;
    if faults.is_empty() {
        say!("账目无误 / the books are in order");
        return Ok(ExitCode::SUCCESS);
    }
    for fault in &faults {
        say_fault(fault);
    }
    Ok(ExitCode::FAILURE)
}

/// One check that found something.
pub(crate) fn say_fault(fault: &AuditFault) {
    let AuditFault {
        check,
        count,
        examples,
        explanation,
    } = fault;
    say!("{check}: {count} — {explanation}");
    for example in examples {
        say!("  {example}");
    }
}
