//! `creditbank demo`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::demo::{self, Teller, Wishes};
use crate::settings::Settings;

/// How the demo is to run.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Exit when done instead of serving
    #[arg(long)]
    once: bool,
    /// Print one summary object instead of the story, and exit
    #[arg(long)]
    json: bool,
    /// Where the demo keeps its database, keys and files
    #[arg(long, default_value = ".localpg/demo")]
    data_dir: PathBuf,
    /// Where to serve
    #[arg(long, env = "CREDITBANK_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// Exit code 0 when the books are in order at its end, else 1.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let wishes = Wishes {
        data_dir: arguments.data_dir.clone(),
        listen: (!arguments.once && !arguments.json).then_some(arguments.listen),
        teller: if arguments.json {
            Teller::Program
        } else {
            Teller::Person
        },
    };
    let in_order = demo::run(settings, &wishes)?;
    Ok(if in_order {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
