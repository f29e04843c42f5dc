//! Starts a server on a prepared directory, and stops it.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use crate::SUPERUSER;
use crate::directory::{Directory, Layout, write_private};
use crate::error::{LocalPgError, on_file};
use crate::init::{self, SETTINGS_FILE, remove_tree};
use crate::pidfile;
use crate::settings::Settings;
use crate::tools::Tools;
use crate::url::Address;
use crate::wait::poll;
use crate::watchdog::Watchdog;

/// Any number serves for a socket in a directory of its own; this one clients know by heart.
pub(crate) const SOCKET_PORT: u16 = 5432;

/// Recovery after a crash in the middle of a large import takes its time.
const START_SECONDS_MAX: &str = "180";
const STOP_SECONDS_MAX: &str = "60";
/// How long a killed server's processes may take to be gone.
const DYING_MAX: Duration = Duration::from_secs(30);
const LOG_LINES_SHOWN: usize = 20;
const PASSWORD_BYTES: usize = 16;

/// How a server is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopMode {
    /// End the sessions and write everything down.
    Fast,
    /// At once; for a cluster that is removed afterwards.
    Immediate,
}

impl StopMode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Immediate => "immediate",
        }
    }
}

/// Where the server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listen {
    Socket,
    Tcp,
}

/// A running server that this process alone is responsible for.
#[derive(Debug)]
pub(crate) struct Live {
    tools: Tools,
    layout: Layout,
    mode: StopMode,
    watchdog: Option<Watchdog>,
    /// Kept for its lock until the server is down.
    _directory: Directory,
}

impl Live {
    /// Starts it; whatever happens on the way, or to this process later, it is stopped again.
    pub(crate) fn start(
        tools: Tools,
        directory: Directory,
        mode: StopMode,
        settings: Settings,
        listen: Listen,
    ) -> Result<(Self, Address), LocalPgError> {
        let layout = directory.layout();
        let watchdog = Watchdog::by_pipe(&tools, &layout, mode)?;
        let live = Self {
            tools,
            layout,
            mode,
            watchdog: Some(watchdog),
            _directory: directory,
        };
        let address = bring_up(&live.tools, &live.layout, mode, settings, listen)?;
        Ok((live, address))
    }

    pub(crate) fn end(mut self) -> Result<(), LocalPgError> {
        self.wind_up()
    }

    /// Kills the postmaster; its children end when they notice.
    pub(crate) fn crash(&self) -> Result<(), LocalPgError> {
        let cluster = self.layout.cluster();
        match pidfile::kill_recorded(&cluster) {
            Some(pid) if poll(DYING_MAX, || (!pidfile::is_alive(pid)).then_some(())).is_none() => {
                Err(LocalPgError::Unresponsive {
                    pid,
                    directory: cluster,
                })
            }
            Some(_) => Ok(()),
            None => Err(LocalPgError::Stopped),
        }
    }

    /// Tries until the children of the one that was killed are gone and let go of its memory.
    pub(crate) fn recover(&self) -> Result<(), LocalPgError> {
        let mut last = None;
        let started = poll(DYING_MAX, || {
            match start_postmaster(&self.tools, &self.layout) {
                Ok(()) => Some(()),
                Err(refusal) => {
                    last = Some(refusal);
                    None
                }
            }
        });
        match (started, last) {
            (None, Some(refusal)) => Err(refusal),
            _ => Ok(()),
        }
    }

    fn wind_up(&mut self) -> Result<(), LocalPgError> {
        let Some(watchdog) = self.watchdog.take() else {
            return Ok(());
        };
        let cluster = self.layout.cluster();
        if pidfile::pid_path(&cluster).exists() {
            stop_postmaster(&self.tools, &cluster, self.mode)?;
        }
        for path in doomed(&self.layout, self.mode) {
            remove_tree(path)?;
        }
        watchdog.dismiss();
        Ok(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // There is nobody to tell; the watchdog, not dismissed, tries again.
        let _ = self.wind_up();
    }
}

/// What is to be removed once the server is down.
pub(crate) fn doomed(layout: &Layout, mode: StopMode) -> Vec<&Path> {
    match mode {
        StopMode::Fast => layout.distant_socket().into_iter().collect(),
        StopMode::Immediate => vec![layout.root.as_path()],
    }
}

/// Makes the cluster if need be, configures it and waits until it takes connections.
pub(crate) fn bring_up(
    tools: &Tools,
    layout: &Layout,
    mode: StopMode,
    settings: Settings,
    listen: Listen,
) -> Result<Address, LocalPgError> {
    let cluster = layout.cluster();
    pidfile::settle(tools, &cluster, mode)?;
    init::ensure(tools, layout, mode)?;
    let address = address_for(listen)?;
    let mut settings = settings.suited_to(tools, &cluster);
    settings.set(
        "listen_addresses",
        match listen {
            Listen::Socket => "",
            Listen::Tcp => "127.0.0.1",
        },
    );
    settings.set("port", &address.port().to_string());
    settings.set("unix_socket_directories", &socket_setting(&layout.socket));
    write_private(
        &cluster.join(SETTINGS_FILE),
        &settings.as_file(),
        tools.user(),
    )?;
    start_postmaster(tools, layout)?;
    if let Address::Tcp { port, password } = &address {
        let script = format!("alter role {SUPERUSER} password :'password';");
        let variables = [("password", password.as_str())];
        tools.psql(&layout.socket, *port, "postgres", &variables, &script)?;
    }
    Ok(address)
}

fn start_postmaster(tools: &Tools, layout: &Layout) -> Result<(), LocalPgError> {
    let mut command = tools.command("pg_ctl");
    command.args(["start", "-s", "-w", "-t", START_SECONDS_MAX]);
    command
        .arg("-D")
        .arg(layout.cluster())
        .arg("-l")
        .arg(layout.log());
    match Tools::run("pg_ctl", command) {
        Err(LocalPgError::ToolFailed { .. }) => Err(LocalPgError::DidNotStart {
            last_lines: last_lines(&layout.log()),
            log: layout.log(),
        }),
        answer => answer.map(drop),
    }
}

pub(crate) fn stop_postmaster(
    tools: &Tools,
    cluster: &Path,
    mode: StopMode,
) -> Result<(), LocalPgError> {
    let mut command = tools.command("pg_ctl");
    command.args([
        "stop",
        "-s",
        "-w",
        "-t",
        STOP_SECONDS_MAX,
        "-m",
        mode.name(),
    ]);
    command.arg("-D").arg(cluster);
    Tools::run("pg_ctl", command).map(drop)
}

/// The setting is a list, so a comma in the path needs quotes of its own.
fn socket_setting(socket: &Path) -> String {
    format!("\"{}\"", socket.display().to_string().replace('"', "\"\""))
}

fn address_for(listen: Listen) -> Result<Address, LocalPgError> {
    match listen {
        Listen::Socket => Ok(Address::Socket { port: SOCKET_PORT }),
        Listen::Tcp => Ok(Address::Tcp {
            port: free_port()?,
            password: new_password()?,
        }),
    }
}

/// A port that is free now; nothing can keep it so until the server takes it.
fn free_port() -> Result<u16, LocalPgError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(on_file("find a free port on", Path::new("127.0.0.1")))
}

pub(crate) fn new_password() -> Result<String, LocalPgError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; PASSWORD_BYTES];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(on_file("read", source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn last_lines(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(LOG_LINES_SHOWN);
    lines
        .into_iter()
        .skip(skipped)
        .collect::<Vec<_>>()
        .join("\n")
}
