//! `creditbank serve`

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;

use crate::output::warn_user;
use crate::server::{self, DemoLogins};
use crate::settings::Settings;

/// Where to serve.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address and port
    #[arg(long, env = "CREDITBANK_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// Serves until SIGINT or SIGTERM, then lets what is running end.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let listener = server::bind(arguments.listen)?;
    let address = listener.local_addr()?;
    warn_user!("服务地址 serving at http://{address}");
    server::serve(ledger, settings, listener, DemoLogins::Refused)?;
    Ok(ExitCode::SUCCESS)
}
