//! `creditbank frameworks load`

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
    /// Register all of some JSON files, or nothing of them / 登记等级框架
    Load {
        /// Frameworks and the mappings between them, for example packs/frameworks/*.json
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Registers the files together, so that their order does not matter; the same again changes
/// nothing.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Load { files } = command;
    let mut pack = load::FrameworkPack::default();
    for file in files {
        pack.add(load::read_frameworks(&file_bytes(file)?)?);
    }
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<KeepRegister>()?;
    let (frameworks, mappings) = (&pack.frameworks, &pack.mappings);
    let counts = flows::register_frameworks(&ledger, &grant, frameworks, mappings, clock::now())
        .map_err(Problem::from)?;
    say_registered(counts);
    Ok(ExitCode::SUCCESS)
}
