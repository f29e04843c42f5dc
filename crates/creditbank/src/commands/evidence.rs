//! `creditbank evidence`

use std::process::ExitCode;

use clap::Subcommand;
use creditbank_api::missing_evidence;
use creditbank_domain::authz::KeepRegister;

use crate::operator;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;

/// What can be done with evidence.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look whether every file is kept that has to be; exit 1 where one is gone / 核对佐证材料
    Check,
}

/// Looks for every file.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Check = command;
    Ok(check(settings)?)
}

fn check(settings: &Settings) -> Result<ExitCode, Problem> {
    let ledger = settings.ledger()?;
    let vault = settings.evidence.vault(&settings.storage_dir)?;
    let grant = operator::for_bank::<KeepRegister>()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::internal(&error))?;
    let looked = runtime.block_on(missing_evidence(&ledger, &vault, &grant));
    let (missing, count) = looked.map_err(|error| Problem::internal(&error))?;
    if missing.is_empty() {
        say!("{count} 份佐证材料均在 / {count} pieces of evidence, all of them kept");
        return Ok(ExitCode::SUCCESS);
    }
    let gone = missing.len();
    say!("{count} 份佐证材料中缺 {gone} 份 / {gone} of {count} pieces of evidence are gone:");
    for id in missing {
        say!("  {id}");
    }
    Ok(ExitCode::FAILURE)
}
