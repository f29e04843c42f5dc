//! A process that holds a server and is then killed, as no destructor can notice.
//!
//! The child is this test binary again, running only the test below, which does nothing in an
//! ordinary run. It tells what it made on its standard error, which the test harness leaves alone.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use creditbank_localpg::LocalPg;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

const ROLE: &str = "CREDITBANK_LOCALPG_CHILD";
const MARK: &str = "child holds ";

/// A server in a process of its own.
pub(crate) struct Held {
    process: Child,
    pub(crate) root: PathBuf,
    watchdog: Pid,
    pub(crate) postmaster: i32,
}

/// Starts a child that holds a throwaway server, a shared one, or one kept in a directory.
pub(crate) fn hold(role: &str) -> Held {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child::holds_a_server", "--nocapture"])
        .env(ROLE, role)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let root = lines
        .map(|line| line.unwrap())
        .find_map(|line| line.strip_prefix(MARK).map(PathBuf::from))
        .expect("the child should have started a server");
    let watchdog = watchdog_of(&root);
    let postmaster = postmaster_of(&root);
    Held {
        process,
        root,
        watchdog,
        postmaster,
    }
}

impl Held {
    /// Kills only the process that holds the server.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Kills the holder so that nothing is left to clean up after it.
    pub(crate) fn kill_with_watchdog(&mut self) {
        killpg(self.watchdog, Signal::SIGKILL).unwrap();
        self.kill();
    }

    pub(crate) fn postmaster_is_alive(&self) -> bool {
        is_alive(self.postmaster)
    }
}

pub(crate) fn is_alive(pid: i32) -> bool {
    let exists = kill(Pid::from_raw(pid), None).is_ok();
    // One that ended is still there until somebody waits for it; it has no command line.
    let ended = std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.is_empty());
    exists && !ended
}

pub(crate) fn postmaster_of(root: &Path) -> i32 {
    let recorded = std::fs::read_to_string(root.join("cluster/postmaster.pid")).unwrap();
    recorded.lines().next().unwrap().parse().unwrap()
}

/// The watchdog's command line names the cluster, as the postmaster's does; only it is a shell.
fn watchdog_of(root: &Path) -> Pid {
    let listed = Command::new("ps")
        .args(["-A", "-ww", "-o", "pid=,args="])
        .output()
        .unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let cluster = root.join("cluster").display().to_string();
    let lines: Vec<&str> = listed.lines().collect();
    // The script's own line breaks are part of what ps prints, so the id stands some lines above.
    let named = lines
        .iter()
        .position(|line| line.contains(&cluster) && line.contains("done"));
    let first = lines
        .iter()
        .take(named.expect("there should be a watchdog") + 1)
        .rev()
        .find(|line| line.contains("/bin/sh -c"))
        .unwrap();
    Pid::from_raw(first.split_whitespace().next().unwrap().parse().unwrap())
}

/// Waits for what another process does.
#[expect(clippy::disallowed_methods, reason = "polls, up to a deadline")]
pub(crate) fn wait_until(claim: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "not within 30 s: {claim}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn holds_a_server() {
    let Some(role) = std::env::var_os(ROLE) else {
        return;
    };
    let builder = LocalPg::builder();
    let role = role.to_str().unwrap();
    let builder = match role.split_once(':') {
        Some(("kept", directory)) => builder.data_dir(directory),
        Some(("shared", name)) => builder.shared_throwaway(name),
        _ => builder.throwaway(),
    };
    let server = builder.start().unwrap();
    writeln!(std::io::stderr(), "\n{MARK}{}", server.data_dir().display()).unwrap();
    // Until the parent kills us or is gone itself.
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
