//! `creditbank balance`

use std::process::ExitCode;

use clap::Args;
use creditbank_domain::authz::ReadLearner;

use crate::settings::Settings;
use crate::{operator, screen};

/// Whose account.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The learner number, for example ABCD-EFGH-JKLM
    learner_no: String,
}

/// Prints the balance by unit and every movement with its reason and figures.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let learner_no = operator::learner_no(&arguments.learner_no)?;
    let ledger = settings.ledger()?;
    screen::say_account(&ledger, &operator::for_learner::<ReadLearner>(learner_no)?)?;
    Ok(ExitCode::SUCCESS)
}
