//! `creditbank serve`

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use creditbank_ledger::{Ledger, LedgerError, reads};

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
    tell_of_open_wall(&ledger)?;
    warn_user!("服务地址 serving at http://{address}");
    server::serve(ledger, settings, listener, DemoLogins::Refused)?;
    Ok(ExitCode::SUCCESS)
}

/// What is said of a login that is more than the application; `config check` says it too.
pub(crate) const LEAVES_WALL: (&str, &str) = (
    "服务所用的数据库登录名是超级用户或表的所有者,行级安全拦不住它;请改用只属于 creditbank_app 的登录名",
    "the login of the server is a superuser or owns the tables, so row-level security does not hold \
     it; serve with one that is in creditbank_app and nothing else",
);

fn tell_of_open_wall(ledger: &Ledger) -> Result<(), LedgerError> {
    let database = reads::database_settings(ledger)?;
    if database.login_leaves_wall {
        warn_user!("! LOGIN_LEAVES_WALL {}: {}", database.login, LEAVES_WALL.0);
        warn_user!("! LOGIN_LEAVES_WALL {}: {}", database.login, LEAVES_WALL.1);
    }
    Ok(())
}
