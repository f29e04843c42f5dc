//! Which account runs the server: our own, or an unprivileged one when we are root.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{User, geteuid};

use crate::error::{LocalPgError, on_file};

/// In the order of preference; Debian's `postgres` comes with the server's package.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The account that runs the server and owns its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServerUser {
    /// We are an ordinary user, and so is the server.
    Own { uid: u32 },
    /// We are root, which Postgres refuses to be.
    Dropped { name: String, uid: u32, gid: u32 },
}

impl ServerUser {
    pub(crate) fn detect() -> Result<Self, LocalPgError> {
        let own = geteuid();
        if !own.is_root() {
            return Ok(Self::Own { uid: own.as_raw() });
        }
        UNPRIVILEGED
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self::Dropped {
                name: user.name,
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
            })
            .ok_or(LocalPgError::NoServerUser)
    }

    /// Makes `command` run as this account, in a directory it can surely enter.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.current_dir("/");
        if let Self::Dropped { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
    }

    /// Gives `path` to this account.
    pub(crate) fn give(&self, path: &Path) -> Result<(), LocalPgError> {
        match self {
            Self::Own { .. } => Ok(()),
            Self::Dropped { uid, gid, .. } => {
                chown(path, Some(*uid), Some(*gid)).map_err(on_file("change the owner of", path))
            }
        }
    }

    /// Whether `path` itself (not what a link points to) is this account's.
    pub(crate) fn owns(&self, path: &Path) -> bool {
        let own = match self {
            Self::Own { uid } | Self::Dropped { uid, .. } => *uid,
        };
        path.symlink_metadata()
            .is_ok_and(|found| found.uid() == own)
    }

    /// Refuses a directory that this account cannot enter, such as one in root's home.
    pub(crate) fn check_reaches(&self, directory: &Path) -> Result<(), LocalPgError> {
        let Self::Dropped { name, .. } = self else {
            return Ok(());
        };
        let mut command = Command::new("sh");
        command.args(["-c", "cd -- \"$1\"", "sh"]).arg(directory);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.apply(&mut command);
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(LocalPgError::Unreachable {
                directory: directory.to_path_buf(),
                user: name.clone(),
            }),
            Err(source) => Err(LocalPgError::Run {
                program: "sh".into(),
                source,
            }),
        }
    }
}
