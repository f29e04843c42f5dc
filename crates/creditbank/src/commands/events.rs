//! `creditbank events rebase`

use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::flows;

use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// What can be done with the change feed.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Go on in another Postgres cluster, after a restore from a dump or a move / 迁库后续接变更流
    Rebase,
}

/// Does it and says what waits to be told.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Rebase = command;
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<KeepRegister>()?;
    let waiting = flows::rebase_events(&ledger, &grant, clock::now()).map_err(Problem::from)?;
    say!("变更流可继续,待发事件 {waiting} 个 / the feed goes on; {waiting} events wait to be told");
    Ok(ExitCode::SUCCESS)
}
