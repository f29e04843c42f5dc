//! `creditbank migrate`

use std::process::ExitCode;

use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;

/// Applies what is missing and names it.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let applied = creditbank_ledger::migrate(settings.database_url()?).map_err(Problem::from)?;
    for name in &applied {
        say!("{name}");
    }
    let count = applied.len();
    say!("已应用 {count} 个迁移 / {count} migrations applied");
    Ok(ExitCode::SUCCESS)
}
