//! The credit bank's one binary: server, importer, register and demo.
//!
//! Nothing is decided here. A command reads its arguments, asks `ledger`, `import` or `api` and
//! prints the answer in both languages.

mod cli;
mod clock;
mod commands;
mod demo;
mod desk;
mod evidence;
mod export;
mod housekeeping;
mod importing;
mod keys;
mod load;
mod logging;
mod operator;
mod output;
mod problem;
mod screen;
mod sequencing;
mod server;
mod settings;
mod webhooks;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::output::warn_user;
use crate::problem::Problem;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(&cli.settings);
    match cli.run() {
        Ok(code) => code,
        Err(error) => {
            let problem = match error.downcast::<Problem>() {
                Ok(problem) => problem,
                Err(other) => Problem::internal(other.as_ref()),
            };
            warn_user!("错误 error: {problem}");
            ExitCode::FAILURE
        }
    }
}
