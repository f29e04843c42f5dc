//! A small process that ends the server when the processes that use it are gone.
//!
//! A killed process runs no destructor, and a server that outlives it holds memory and a directory
//! for nothing. The watchdog waits for the end of a pipe whose other end only the users hold: the
//! kernel closes it with them, however they end. It has a process group of its own, so that Ctrl-C
//! in a terminal does not reach it first.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::directory::Layout;
use crate::error::LocalPgError;
use crate::server::{StopMode, doomed};
use crate::tools::Tools;

/// A line on the pipe means that the work was done in order; its mere end means it was not.
const BY_PIPE: &str = r#"
trap '' HUP INT TERM
if read -r word; then exit 0; fi
pg_ctl=$1 cluster=$2 mode=$3
shift 3
"$pg_ctl" stop -s -w -t 60 -m "$mode" -D "$cluster"
for doomed in "$@"; do rm -rf -- "$doomed"; done
"#;

/// Users come and go on a named pipe and write a line when they come. Each round lasts until the
/// last one has gone and three seconds are over; a round in which nobody came is the last. Whoever
/// opened the pipe just before its name is taken away is waited for.
const BY_NAMED_PIPE: &str = r#"
trap '' HUP INT TERM
pg_ctl=$1 cluster=$2 mode=$3 joining=$4
shift 4
while :; do
    ( exec 3>"$joining"; sleep 3 ) &
    came=$(cat "$joining")
    if [ -z "$came" ]; then break; fi
done
mv "$joining" "$joining.closed"
( : >"$joining.closed" ) &
cat "$joining.closed"
"$pg_ctl" stop -s -w -t 60 -m "$mode" -D "$cluster"
for doomed in "$@"; do rm -rf -- "$doomed"; done
"#;

/// A watchdog that this process alone feeds.
#[derive(Debug)]
pub(crate) struct Watchdog {
    child: Child,
}

impl Watchdog {
    pub(crate) fn by_pipe(
        tools: &Tools,
        layout: &Layout,
        mode: StopMode,
    ) -> Result<Self, LocalPgError> {
        let mut command = shell(tools, BY_PIPE, layout, mode);
        command.args(doomed(layout, mode)).stdin(Stdio::piped());
        Ok(Self {
            child: spawn(command)?,
        })
    }

    /// Tells it that there is nothing left to do.
    pub(crate) fn dismiss(mut self) {
        if let Some(mut pipe) = self.child.stdin.take() {
            // If it is gone already, it needs no word.
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.child.wait();
    }
}

/// Starts a watchdog for whoever opens the named pipe `joining`.
pub(crate) fn by_named_pipe(
    tools: &Tools,
    layout: &Layout,
    joining: &Path,
) -> Result<(), LocalPgError> {
    let mode = StopMode::Immediate;
    let mut command = shell(tools, BY_NAMED_PIPE, layout, mode);
    command
        .arg(joining)
        .args(doomed(layout, mode))
        .stdin(Stdio::null());
    spawn(command).map(drop)
}

fn shell(tools: &Tools, script: &str, layout: &Layout, mode: StopMode) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "creditbank-localpg"]);
    command
        .arg(tools.path("pg_ctl"))
        .arg(layout.cluster())
        .arg(mode.name());
    command
        .env("LC_ALL", "C")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    tools.user().apply(&mut command);
    command
}

fn spawn(mut command: Command) -> Result<Child, LocalPgError> {
    command.spawn().map_err(|source| LocalPgError::Run {
        program: PathBuf::from("/bin/sh"),
        source,
    })
}
