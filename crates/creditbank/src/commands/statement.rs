//! `creditbank statement`

use std::process::ExitCode;

use clap::Args;
use creditbank_domain::authz::ReadLearner;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::reads;

use crate::problem::Problem;
use crate::settings::Settings;
use crate::{operator, screen};

/// Whose account, and which days of China, by the moments at which movements were recorded.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The learner number, for example ABCD-EFGH-JKLM
    learner_no: String,
    /// The first day, for example 2026-01-01
    #[arg(long)]
    from: String,
    /// The last day, for example 2026-12-31
    #[arg(long)]
    to: String,
}

/// Prints what there was, every movement, and what there is.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let learner_no = operator::learner_no(&arguments.learner_no)?;
    let (from, to) = (
        operator::day(&arguments.from)?,
        operator::day(&arguments.to)?,
    );
    let ledger = settings.ledger()?;
    let grant = operator::for_learner::<ReadLearner>(learner_no)?;
    operator::note_reading(&ledger, &grant, learner_no, ReadKind::Statement)?;
    let statement = reads::statement(&ledger, &grant, from, to).map_err(Problem::from)?;
    screen::say_statement(&statement);
    Ok(ExitCode::SUCCESS)
}
