//! `creditbank audit`

use std::process::ExitCode;

use clap::Args;
use creditbank_domain::authz::AuditBooks;
use creditbank_ledger::{AuditFault, AuditScope, Ledger, audit_books};

use crate::operator;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;

/// What is to be audited; everything where nothing is said. Exit code 0: these books are in order;
/// 1: they are not, or could not be read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// One learner's account, by its number
    #[arg(long, conflicts_with = "institution")]
    learner: Option<String>,
    /// What rests on one institution's outcomes, requests and imports, by its code
    #[arg(long)]
    institution: Option<String>,
}

/// Recomputes the books; exit code 1 where anything does not fit.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let scope = scope(&ledger, arguments)?;
    let grant = operator::for_bank::<AuditBooks>()?;
    let faults = audit_books(&ledger, &grant, scope).map_err(Problem::from)?;
    if faults.is_empty() {
        say!("账目无误 / the books are in order");
        return Ok(ExitCode::SUCCESS);
    }
    for fault in &faults {
        say_fault(fault);
    }
    Ok(ExitCode::FAILURE)
}

fn scope(ledger: &Ledger, arguments: &Arguments) -> Result<AuditScope, Problem> {
    if let Some(number) = &arguments.learner {
        return operator::learner_no(number).map(AuditScope::Learner);
    }
    match &arguments.institution {
        Some(code) => operator::institution(ledger, code)
            .map(|institution| AuditScope::Institution(institution.id)),
        None => Ok(AuditScope::Bank),
    }
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
