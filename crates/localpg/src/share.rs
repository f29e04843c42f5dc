//! One throwaway server for several processes, such as the tests of one run.
//!
//! Whoever comes first starts it, who comes later joins it, and the watchdog ends it some seconds
//! after the last one has gone. A meeting place per user and name says which server is the current
//! one; its lock lets one process at a time decide that.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::{geteuid, mkfifo};

use crate::directory::{Directory, Layout, hold_with_others, throwaway_base};
use crate::error::{LocalPgError, on_file};
use crate::server::{Listen, SOCKET_PORT, StopMode, bring_up};
use crate::settings::Settings;
use crate::tools::Tools;
use crate::url::Address;
use crate::wait::poll;
use crate::watchdog::by_named_pipe;

/// The watchdog opens its end anew between two rounds.
const JOINING_MAX: Duration = Duration::from_secs(2);

/// What a process holds while it uses a shared server; the kernel lets go of it with the process.
#[derive(Debug)]
pub(crate) struct Membership {
    /// Feeds the watchdog.
    _joined: File,
    /// Keeps the sweep of other processes away.
    _lock: File,
}

/// Joins the current server of that name, or starts it.
pub(crate) fn join_or_start(
    tools: &Tools,
    name: &str,
    settings: Settings,
) -> Result<(Membership, Layout, Address), LocalPgError> {
    let meeting = meeting_place(name)?;
    // Let go of at the end of this function.
    let _deciding = decide_alone(&meeting)?;
    let current = meeting.join("current");
    if let Ok(root) = fs::read_to_string(&current) {
        let layout = Layout::thrown(PathBuf::from(root));
        if let Some(membership) = join(tools, &layout)? {
            return Ok((membership, layout, Address::Socket { port: SOCKET_PORT }));
        }
    }
    crate::sweep::sweep(tools);
    let (membership, layout, address) = start(tools, settings)?;
    let root = layout.root.display().to_string();
    fs::write(&current, root).map_err(on_file("write", &current))?;
    Ok((membership, layout, address))
}

fn start(tools: &Tools, settings: Settings) -> Result<(Membership, Layout, Address), LocalPgError> {
    let directory = Directory::thrown(tools.user())?;
    let layout = directory.layout();
    let joining = joining_path(&layout);
    mkfifo(&joining, Mode::S_IRUSR | Mode::S_IWUSR)
        .map_err(|refusal| on_file("make a pipe at", &joining)(refusal.into()))?;
    tools.user().give(&joining)?;
    by_named_pipe(tools, &layout, &joining)?;
    // Joined before the server is made: the watchdog gives the first user no longer than others.
    let joined = open_pipe(&joining).ok_or_else(|| LocalPgError::Run {
        program: "/bin/sh".into(),
        source: ended_early(),
    })?;
    let mode = StopMode::Immediate;
    let address = bring_up(tools, &layout, mode, settings, Listen::Socket)?;
    let (layout, lock) = directory.into_shared()?;
    Ok((
        Membership {
            _joined: joined,
            _lock: lock,
        },
        layout,
        address,
    ))
}

fn join(tools: &Tools, layout: &Layout) -> Result<Option<Membership>, LocalPgError> {
    let Some(lock) = hold_with_others(&layout.root) else {
        return Ok(None);
    };
    let Some(joined) = open_pipe(&joining_path(layout)) else {
        return Ok(None);
    };
    let running = tools.answers(&layout.socket, &SOCKET_PORT.to_string())?;
    Ok(running.then_some(Membership {
        _joined: joined,
        _lock: lock,
    }))
}

fn joining_path(layout: &Layout) -> PathBuf {
    layout.root.join("joining")
}

/// Opens the watchdog's pipe and says so, or `None` when no watchdog listens there.
fn open_pipe(joining: &Path) -> Option<File> {
    poll(JOINING_MAX, || {
        let mut options = OpenOptions::new();
        let opened = options
            .write(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(joining);
        match opened {
            Ok(mut pipe) => pipe.write_all(b"joined\n").is_ok().then_some(Some(pipe)),
            Err(refusal) if refusal.kind() == std::io::ErrorKind::NotFound => Some(None),
            Err(_) => None,
        }
    })
    .flatten()
}

fn ended_early() -> std::io::Error {
    std::io::Error::other("the watchdog does not listen")
}

/// A directory for our account alone, in a place open to all: one that another account made under
/// this name is refused.
fn meeting_place(name: &str) -> Result<PathBuf, LocalPgError> {
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(LocalPgError::SharedName(name.to_owned()));
    }
    let own = geteuid().as_raw();
    let path = throwaway_base().join(format!("creditbank-shared-{own}-{name}"));
    fs::create_dir_all(&path).map_err(on_file("create directory", &path))?;
    let found = path.symlink_metadata().map_err(on_file("examine", &path))?;
    if !found.is_dir() || found.uid() != own {
        return Err(LocalPgError::NotOurs { directory: path });
    }
    fs::set_permissions(&path, Permissions::from_mode(0o700))
        .map_err(on_file("restrict access to", &path))?;
    Ok(path)
}

fn decide_alone(meeting: &Path) -> Result<File, LocalPgError> {
    let path = meeting.join("deciding");
    let file = File::create(&path).map_err(on_file("open", &path))?;
    file.lock().map_err(on_file("lock", &path))?;
    Ok(file)
}
