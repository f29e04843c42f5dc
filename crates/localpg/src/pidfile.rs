//! What a postmaster that we did not start, or no longer know of, left in a cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::{LocalPgError, on_file};
use crate::server::{StopMode, stop_postmaster};
use crate::tools::Tools;
use crate::wait::poll;

/// How long a server that is going down, or coming up, may take to be settled.
const SETTLING_MAX: Duration = Duration::from_secs(30);

/// The parts of `postmaster.pid` we need.
#[derive(Debug)]
struct Recorded {
    pid: i32,
    port: String,
    socket: PathBuf,
}

/// Whose process the recorded id belongs to.
enum Holder {
    /// Nobody's: Postgres removes the file by itself at its next start.
    Dead,
    /// The cluster's server: it answers on the cluster's socket.
    Server,
    /// Some Postgres that does not answer; it may be ours, going up or down.
    Mute,
    /// A program that got the number after our server had died.
    Stranger,
}

/// Makes sure that no server runs on `cluster` and that nothing hinders the next one.
pub(crate) fn settle(tools: &Tools, cluster: &Path, mode: StopMode) -> Result<(), LocalPgError> {
    let mut last_pid = 0;
    let settled = poll(SETTLING_MAX, || {
        let Some(recorded) = recorded_in(cluster) else {
            return Some(Ok(()));
        };
        last_pid = recorded.pid;
        match holder(tools, &recorded) {
            Ok(Holder::Dead) => Some(Ok(())),
            Ok(Holder::Stranger) => {
                let path = pid_path(cluster);
                Some(fs::remove_file(&path).map_err(on_file("remove", &path)))
            }
            Ok(Holder::Server) => {
                // Another process may be stopping it just now; the next round sees how it went.
                let _ = stop_postmaster(tools, cluster, mode);
                None
            }
            Ok(Holder::Mute) => None,
            Err(refusal) => Some(Err(refusal)),
        }
    });
    match settled {
        Some(outcome) => outcome,
        None => Err(LocalPgError::Unresponsive {
            pid: last_pid,
            directory: cluster.into(),
        }),
    }
}

/// Whether a process with this id runs, ours or not.
pub(crate) fn is_alive(pid: i32) -> bool {
    let exists = !matches!(kill(Pid::from_raw(pid), None), Err(Errno::ESRCH));
    exists && !is_zombie(pid)
}

/// One that has ended but that nobody has waited for, as in a container without an init.
fn is_zombie(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.is_empty())
}

pub(crate) fn pid_path(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

/// Sends SIGKILL to the postmaster of a cluster, and says who that was.
pub(crate) fn kill_recorded(cluster: &Path) -> Option<i32> {
    let pid = recorded_in(cluster)?.pid;
    // A number that somebody else has by now is no server's.
    if is_alive(pid) && is_postgres(pid) {
        kill(Pid::from_raw(pid), Signal::SIGKILL).ok()?;
    }
    Some(pid)
}

fn recorded_in(cluster: &Path) -> Option<Recorded> {
    let text = fs::read_to_string(pid_path(cluster)).ok()?;
    let mut lines = text.lines();
    // A server outside a postmaster writes its id negated.
    let pid = lines.next()?.trim().parse::<i32>().ok()?.checked_abs()?;
    let mut rest = lines.skip(2);
    let port = rest.next().unwrap_or_default().trim().to_owned();
    let socket = PathBuf::from(rest.next().unwrap_or_default().trim());
    Some(Recorded { pid, port, socket })
}

fn holder(tools: &Tools, recorded: &Recorded) -> Result<Holder, LocalPgError> {
    if !is_alive(recorded.pid) {
        return Ok(Holder::Dead);
    }
    if !recorded.port.is_empty()
        && recorded.socket.is_absolute()
        && tools.answers(&recorded.socket, &recorded.port)?
    {
        return Ok(Holder::Server);
    }
    if is_postgres(recorded.pid) {
        Ok(Holder::Mute)
    } else {
        Ok(Holder::Stranger)
    }
}

/// Asks the kernel, or `ps` where the kernel has no such files, for the program's name.
fn is_postgres(pid: i32) -> bool {
    let name = if Path::new("/proc/self").exists() {
        fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default()
    } else {
        Command::new("ps")
            .args(["-o", "comm=", "-p", &pid.to_string()])
            .stdin(Stdio::null())
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default()
    };
    let name = name.trim();
    name.ends_with("postgres") || name.ends_with("postmaster")
}
