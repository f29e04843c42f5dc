//! `creditbank institutions load`

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
    /// Register all of a CSV file, or nothing of it / 登记机构
    Load {
        /// Institutions (机构代码, 机构名称 …)
        file: PathBuf,
    },
}

/// Registers the file; the same file again changes nothing.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Load { file } = command;
    let rows = load::read_institutions(&file_bytes(file)?)?;
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<KeepRegister>()?;
    let counts = flows::register_institutions(&ledger, &grant, &rows, clock::now())
        .map_err(Problem::from)?;
    say_registered(counts);
    Ok(ExitCode::SUCCESS)
}
