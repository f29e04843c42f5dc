//! `creditbank institutions load` and `standing`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::KeepRegister;
use creditbank_domain::institution::Standing;
use creditbank_ledger::flows;

use super::{file_bytes, say_registered};
use crate::output::say;
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
    /// Suspend an institution, or let it act again / 暂停或恢复机构
    Standing {
        /// Its code
        code: String,
        /// active, suspended or left
        standing: Standing,
    },
}

/// Registers the file, where the same file again changes nothing, or sets a standing.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<KeepRegister>()?;
    match command {
        Command::Load { file } => {
            let rows = load::read_institutions(&file_bytes(file)?)?;
            let counts = flows::register_institutions(&ledger, &grant, &rows, clock::now())
                .map_err(Problem::from)?;
            say_registered(counts);
        }
        Command::Standing { code, standing } => {
            let institution = operator::institution(&ledger, code)?;
            flows::set_standing(&ledger, &grant, &institution.code, *standing, clock::now())
                .map_err(Problem::from)?;
            say!("{} {standing}", institution.code);
        }
    }
    Ok(ExitCode::SUCCESS)
}
