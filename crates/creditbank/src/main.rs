//! The credit bank's one binary: server, importer, register and demo.
//!
//! Nothing is decided here. A command reads its arguments, asks `ledger`, `import` or `api` and
//! prints the answer in both languages.

mod abuse_settings;
mod cli;
mod clock;
mod commands;
mod config;
mod demo;
mod desk;
mod evidence;
mod export;
mod housekeeping;
mod importing;
mod keys;
mod load;
mod operator;
mod output;
mod problem;
mod screen;
mod sequencing;
mod server;
mod settings;
mod telemetry;
mod webhooks;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::output::warn_user;
use crate::problem::Problem;

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        let problem = match error.downcast::<Problem>() {
            Ok(problem) => problem,
            Err(other) => Problem::internal(other.as_ref()),
        };
        warn_user!("错误 error: {problem}");
        ExitCode::FAILURE
    })
}

fn run() -> anyhow::Result<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = config::read(&arguments)?;
    let seconds = u64::from(cli.settings.import_reading_seconds);
    creditbank_import::limit_reading(std::time::Duration::from_secs(seconds));
    creditbank_import::trust_senders(cli.settings.trusted_senders()?);
    let _told_at_the_end = telemetry::start(&cli.settings);
    cli.run()
}
