//! Why a private Postgres could not be found, started, asked or stopped.

use std::io;
use std::path::{Path, PathBuf};

/// A refusal of this crate; each names what a person at the keyboard can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalPgError {
    /// No usable server installation.
    #[error(
        "no Postgres server of version 15 to 18 was found; install it with \
         `apt-get install postgresql` (Debian, Ubuntu) or `brew install postgresql@17` (Homebrew); \
         looked in: {}",
        listed(looked_in)
    )]
    BinariesMissing {
        /// Every directory that was tried.
        looked_in: Vec<PathBuf>,
    },
    /// The directory holds a cluster of a version that is not installed.
    #[error(
        "{} was made by Postgres {major}, which is not installed; install package \
         `postgresql-{major}` (Homebrew: `postgresql@{major}`) or remove that directory",
        directory.display()
    )]
    ClusterVersion {
        /// The directory of the cluster.
        directory: PathBuf,
        /// What its `PG_VERSION` says.
        major: String,
    },
    /// Postgres refuses root and this machine has no account to run it as.
    #[error("Postgres cannot run as root and there is neither a `postgres` nor a `nobody` user")]
    NoServerUser,
    /// The account that will run the server cannot enter the directory.
    #[error(
        "user `{user}`, who runs the server, cannot enter {}; choose a directory outside root's home",
        directory.display()
    )]
    Unreachable {
        /// The directory wanted.
        directory: PathBuf,
        /// The account.
        user: String,
    },
    /// Another living process has this directory's server.
    #[error("{} is in use by another running process", directory.display())]
    InUse {
        /// The directory.
        directory: PathBuf,
    },
    /// The directory holds something that this crate did not make.
    #[error("{} is not empty and holds no private Postgres", directory.display())]
    NotOurs {
        /// The directory.
        directory: PathBuf,
    },
    /// A living Postgres claims the directory but does not answer, so nothing was touched.
    #[error(
        "process {pid} is a Postgres that may still use {} but does not answer; stop it first",
        directory.display()
    )]
    Unresponsive {
        /// The process that the pid file names.
        pid: i32,
        /// The directory of the cluster.
        directory: PathBuf,
    },
    /// A file operation failed.
    #[error("could not {action} {}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A program could not be run at all.
    #[error("could not run {}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A program of the installation ran and failed.
    #[error("{tool} failed: {complaint}")]
    ToolFailed {
        /// The program's name.
        tool: &'static str,
        /// What it wrote to its standard error.
        complaint: String,
    },
    /// The server did not come up.
    #[error("Postgres did not start; the end of {}:\n{last_lines}", log.display())]
    DidNotStart {
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        last_lines: String,
    },
    /// The name of a shared server is part of a file name.
    #[error("`{0}` cannot name a shared server: letters, digits and `-` only")]
    SharedName(String),
    /// The server was already stopped, through this value or one of its stop handles.
    #[error("this private Postgres was already stopped")]
    Stopped,
}

/// Makes a mapper for `map_err` that says what was tried on which path.
pub(crate) fn on_file(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> LocalPgError + use<> {
    let path = path.to_path_buf();
    move |source| LocalPgError::File {
        action,
        path,
        source,
    }
}

fn listed(directories: &[PathBuf]) -> String {
    let shown: Vec<String> = directories
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    shown.join(", ")
}
