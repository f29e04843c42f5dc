//! The database of the demo: the one in `DATABASE_URL`, else a private server of its own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use creditbank_localpg::{LocalPg, LocalPgError, StopHandle};
use sha2::{Digest, Sha256};

use super::place::Place;
use crate::output::warn_user;
use crate::problem::Problem;

const DATABASE: &str = "creditbank";

/// True while the HTTP server runs: it hears the signal to end itself.
static SERVING: AtomicBool = AtomicBool::new(false);

/// Starts the private server, in the demo's directory.
pub(crate) fn start(place: &Place) -> Result<LocalPg, Problem> {
    let builder = LocalPg::builder().data_dir_or(place.postgres(), otherwise(place));
    let server = builder.start().map_err(|error| refused(&error))?;
    end_on_signal(server.stop_handle());
    server
        .create_database_if_missing(DATABASE)
        .map_err(|error| refused(&error))?;
    Ok(server)
}

/// The address of the demo's database on it.
pub(crate) fn url(server: &LocalPg) -> String {
    server.url(DATABASE)
}

/// The address at which the demo works: as a login that is the application's and nothing else, as
/// a bank is to be served. The role is there once the database is migrated.
pub(crate) fn url_of_server(server: &LocalPg) -> Result<String, Problem> {
    let url = server.login_of(DATABASE, "creditbank_app", "creditbank_server");
    url.map_err(|error| refused(&error))
}

/// From now on a signal ends the HTTP server, whose end then ends the private Postgres.
pub(crate) fn leave_signals_to_the_server() {
    SERVING.store(true, Ordering::SeqCst);
}

/// For root, whose home the account that runs Postgres may not enter: one place a directory.
fn otherwise(place: &Place) -> PathBuf {
    let name = hex::encode(Sha256::digest(place.root().as_os_str().as_encoded_bytes()));
    let short = name.get(..12).unwrap_or_default();
    PathBuf::from("/var/tmp").join(format!("creditbank-demo-{short}"))
}

fn end_on_signal(stop: StopHandle) {
    let set = ctrlc::set_handler(move || {
        if !SERVING.load(Ordering::SeqCst) {
            let _ = stop.stop();
            std::process::exit(130);
        }
    });
    if set.is_err() {
        warn_user!("Ctrl-C 由系统处理 / Ctrl-C is left to the system");
    }
}

fn refused(error: &LocalPgError) -> Problem {
    Problem::new(
        "PRIVATE_POSTGRES",
        format!("无法启动自带的 Postgres({error})"),
        format!("the private Postgres could not be started ({error})"),
    )
    .todo(
        "请安装 postgresql,或设置 DATABASE_URL 使用现有服务器",
        "install postgresql, or set DATABASE_URL to use a server that is there",
    )
}
