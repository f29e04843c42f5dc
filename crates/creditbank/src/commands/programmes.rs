//! `creditbank programmes load`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::flows;

use super::{file_bytes, say_registered};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register all of a CSV file, or nothing of it / 登记专业
    Load {
        /// Programmes (机构代码, 专业代码 …)
        file: PathBuf,
    },
}

/// Registers the file; the same file again changes nothing.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Load { file } = command;
    let rows = load::read_programmes(&file_bytes(file)?)?;
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<KeepRegister>()?;
    let counts =
        flows::register_programmes(&ledger, &grant, &rows, clock::now()).map_err(Problem::from)?;
    say_registered(counts);
    Ok(ExitCode::SUCCESS)
}
