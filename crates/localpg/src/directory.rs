//! The directory of one private server: what lies where, who may enter, and who holds it.
//!
//! A file lock held by the process that started the server tells the living from the crashed: the
//! kernel lets go of it with the process, and no process id can be mistaken for another's.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::{Statvfs, statvfs};

use crate::error::{LocalPgError, on_file};
use crate::user::ServerUser;

/// Begins the name of every directory that does not outlive its process; the process id follows.
pub(crate) const PREFIX: &str = "creditbank-pg-";

/// In memory, where there is such a place.
const MEMORY: &str = "/dev/shm";

/// Some hundred small test databases; a container often gives 64 MB, which is too little for one.
const MEMORY_BYTES_MIN: u128 = 2 * 1024 * 1024 * 1024;

/// A socket's address holds 104 bytes on macOS, 108 on Linux, and the file name comes on top.
const SOCKET_DIRECTORY_BYTES_MAX: usize = 85;

/// A directory held by this process.
#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    socket: PathBuf,
    lock: File,
}

impl Directory {
    /// Takes `wanted`, or `otherwise` if the server's account cannot enter that.
    pub(crate) fn kept(
        wanted: &Path,
        otherwise: Option<&Path>,
        user: &ServerUser,
    ) -> Result<Self, LocalPgError> {
        match (Self::kept_in(wanted, user), otherwise) {
            (Err(LocalPgError::Unreachable { .. }), Some(otherwise)) => {
                Self::kept_in(otherwise, user)
            }
            (settled, _) => settled,
        }
    }

    fn kept_in(root: &Path, user: &ServerUser) -> Result<Self, LocalPgError> {
        fs::create_dir_all(root).map_err(on_file("create directory", root))?;
        let root = &root.canonicalize().map_err(on_file("resolve", root))?;
        refuse_foreign(root)?;
        make_private(root, user)?;
        if let Err(refusal) = user.check_reaches(root) {
            // Only takes away what is empty, so nothing that somebody may want.
            let _ = fs::remove_dir(root);
            return Err(refusal);
        }
        let lock = exclusive_lock(root)?;
        let near = root.join("socket");
        let socket = if near.as_os_str().as_bytes().len() <= SOCKET_DIRECTORY_BYTES_MAX {
            create_private(&near, user)?;
            near
        } else {
            temporary_in(&temporary_base(), user)?
        };
        Ok(Self {
            root: root.clone(),
            socket,
            lock,
        })
    }

    /// Makes a directory that is to be removed.
    pub(crate) fn thrown(user: &ServerUser) -> Result<Self, LocalPgError> {
        let root = temporary_in(&throwaway_base(), user)?;
        let lock = exclusive_lock(&root)?;
        let socket = root.join("socket");
        create_private(&socket, user)?;
        Ok(Self { root, socket, lock })
    }

    /// Lets other processes hold it too; see [`hold_with_others`].
    pub(crate) fn into_shared(self) -> Result<(Layout, File), LocalPgError> {
        let layout = self.layout();
        self.lock
            .lock_shared()
            .map_err(on_file("share the lock in", &self.root))?;
        Ok((layout, self.lock))
    }

    pub(crate) fn layout(&self) -> Layout {
        Layout {
            root: self.root.clone(),
            socket: self.socket.clone(),
        }
    }
}

/// What lies where in a private server's directory.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) root: PathBuf,
    pub(crate) socket: PathBuf,
}

impl Layout {
    /// The layout of a throwaway directory that some process made.
    pub(crate) fn thrown(root: PathBuf) -> Self {
        Self {
            socket: root.join("socket"),
            root,
        }
    }

    /// The directory that Postgres itself calls its data directory.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.root.join("cluster")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// The socket's directory where it is not inside the root.
    pub(crate) fn distant_socket(&self) -> Option<&Path> {
        (!self.socket.starts_with(&self.root)).then_some(self.socket.as_path())
    }

    /// The major version of Postgres that made the cluster, when there is one.
    pub(crate) fn cluster_major(&self) -> Option<String> {
        let version = fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?;
        Some(version.trim().to_owned())
    }
}

/// The places where throwaway directories and distant sockets may lie.
pub(crate) fn temporary_places() -> [PathBuf; 2] {
    [PathBuf::from(MEMORY), temporary_base()]
}

/// Where throwaway directories are made: in memory if there is enough of it.
pub(crate) fn throwaway_base() -> PathBuf {
    let roomy = statvfs(MEMORY).is_ok_and(|room| bytes_free(&room) >= MEMORY_BYTES_MIN);
    let memory = Path::new(MEMORY);
    if roomy && tempfile::tempfile_in(memory).is_ok() {
        return memory.to_path_buf();
    }
    temporary_base()
}

/// As wide as any platform's fields need, whose widths differ.
fn bytes_free(room: &Statvfs) -> u128 {
    u128::from(room.blocks_available()) * u128::from(room.fragment_size())
}

/// The short one: on macOS the usual answer is too long for a socket.
fn temporary_base() -> PathBuf {
    let short = Path::new("/tmp");
    if short.is_dir() {
        short.to_path_buf()
    } else {
        std::env::temp_dir()
    }
}

fn temporary_in(base: &Path, user: &ServerUser) -> Result<PathBuf, LocalPgError> {
    let prefix = format!("{PREFIX}{}-", std::process::id());
    let made = tempfile::Builder::new()
        .prefix(&prefix)
        .rand_bytes(6)
        .tempdir_in(base)
        .map_err(on_file("make a directory in", base))?
        .keep();
    make_private(&made, user)?;
    Ok(made)
}

pub(crate) fn create_private(path: &Path, user: &ServerUser) -> Result<(), LocalPgError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(on_file("create directory", path))?;
    make_private(path, user)
}

/// For the server's account alone; root, as whom a client may run, can enter all the same.
fn make_private(path: &Path, user: &ServerUser) -> Result<(), LocalPgError> {
    user.give(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
        .map_err(on_file("restrict access to", path))
}

/// Writes a file for the server's account to read, whatever the caller's umask is.
pub(crate) fn write_private(
    path: &Path,
    text: &str,
    user: &ServerUser,
) -> Result<(), LocalPgError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(on_file("write", path))?;
    user.give(path)
}

fn refuse_foreign(root: &Path) -> Result<(), LocalPgError> {
    let mut entries = fs::read_dir(root).map_err(on_file("list", root))?;
    if entries.next().is_none() || lock_path(root).is_file() {
        return Ok(());
    }
    Err(LocalPgError::NotOurs {
        directory: root.to_path_buf(),
    })
}

fn lock_path(root: &Path) -> PathBuf {
    root.join("lock")
}

fn exclusive_lock(root: &Path) -> Result<File, LocalPgError> {
    let path = lock_path(root);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(on_file("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LocalPgError::InUse {
            directory: root.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(LocalPgError::File {
            action: "lock",
            path,
            source,
        }),
    }
}

/// Holds a directory that other processes hold too, or `None` if one holds it alone.
pub(crate) fn hold_with_others(root: &Path) -> Option<File> {
    let file = OpenOptions::new().write(true).open(lock_path(root)).ok()?;
    file.try_lock_shared().ok()?;
    Some(file)
}

/// Whether no process holds the directory; one without a lock is held by none.
pub(crate) fn is_abandoned(root: &Path) -> bool {
    match OpenOptions::new().write(true).open(lock_path(root)) {
        Ok(file) => file.try_lock().is_ok(),
        Err(refusal) => refusal.kind() == std::io::ErrorKind::NotFound,
    }
}
