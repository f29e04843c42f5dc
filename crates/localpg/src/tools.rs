//! Runs the programs of one installation as the account of the server.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::SUPERUSER;
use crate::error::LocalPgError;
use crate::find::Binaries;
use crate::user::ServerUser;

/// What a developer's shell may have set for other servers; none of it is meant for ours.
const FOREIGN_ENVIRONMENT: [&str; 12] = [
    "PGDATA",
    "PGDATABASE",
    "PGHOST",
    "PGHOSTADDR",
    "PGOPTIONS",
    "PGPASSFILE",
    "PGPASSWORD",
    "PGPORT",
    "PGSERVICE",
    "PGSSLMODE",
    "PGUSER",
    "PSQLRC",
];

/// An installation together with the account that runs it.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    binaries: Binaries,
    user: ServerUser,
}

impl Tools {
    pub(crate) fn new(binaries: Binaries, user: ServerUser) -> Self {
        Self { binaries, user }
    }

    pub(crate) fn user(&self) -> &ServerUser {
        &self.user
    }

    pub(crate) fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    pub(crate) fn path(&self, tool: &str) -> PathBuf {
        self.binaries.directory().join(tool)
    }

    /// A command that is yet to get its arguments; it reads nothing.
    pub(crate) fn command(&self, tool: &str) -> Command {
        let mut command = Command::new(self.path(tool));
        for name in FOREIGN_ENVIRONMENT {
            command.env_remove(name);
        }
        // Messages in one language; and without it a server on macOS may refuse to start.
        command.env("LC_ALL", "C").stdin(Stdio::null());
        self.user.apply(&mut command);
        command
    }

    /// Runs `command` to its end and takes what it printed, or its complaint.
    pub(crate) fn run(tool: &'static str, mut command: Command) -> Result<String, LocalPgError> {
        let output = command
            .output()
            .map_err(|source| cannot_run(&command, source))?;
        printed(tool, output)
    }

    /// Runs a SQL script on the server at `socket`; the script travels by pipe, because arguments
    /// are visible to every user of the machine.
    pub(crate) fn psql(
        &self,
        socket: &Path,
        port: u16,
        database: &str,
        variables: &[(&str, &str)],
        script: &str,
    ) -> Result<String, LocalPgError> {
        let mut command = self.command("psql");
        command.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            SUPERUSER,
        ]);
        command
            .arg("-h")
            .arg(socket)
            .args(["-p", &port.to_string(), "-d", database]);
        for (name, value) in variables {
            command.arg("-v").arg(format!("{name}={value}"));
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|source| cannot_run(&command, source))?;
        if let Some(mut input) = child.stdin.take() {
            // A psql that fails early closes its end; its complaint is the better message.
            let _ = input.write_all(script.as_bytes());
        }
        let output = child
            .wait_with_output()
            .map_err(|source| cannot_run(&command, source))?;
        printed("psql", output)
    }

    /// Whether a server listens there, ready or not yet.
    pub(crate) fn answers(&self, socket: &Path, port: &str) -> Result<bool, LocalPgError> {
        let mut command = self.command("pg_isready");
        command.arg("-h").arg(socket).args(["-p", port, "-t", "3"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let status = command
            .status()
            .map_err(|source| cannot_run(&command, source))?;
        Ok(matches!(status.code(), Some(0 | 1)))
    }
}

fn cannot_run(command: &Command, source: std::io::Error) -> LocalPgError {
    LocalPgError::Run {
        program: command.get_program().into(),
        source,
    }
}

fn printed(tool: &'static str, output: Output) -> Result<String, LocalPgError> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(LocalPgError::ToolFailed { tool, complaint })
}
