//! Files that were handed in and their results: sealed, in a directory that only we can enter, or in
//! a store that several servers share.
//!
//! What is read lies open only as long as it is read, in a file without a name where the system has
//! such files: it is gone with the process, however that ends.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use creditbank_domain::ids::{ImportFileId, ImportId};
use creditbank_import::ImportError;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::FileKey;
use creditbank_ledger::reads::StoredFile;
use creditbank_vault::SealedFiles;
use sha2::{Digest, Sha256};

use super::blobs::{Blobs, Directory, UNFINISHED, owner_of};
use super::sealed;
use super::shared::Shared;

/// Picks names that nobody needs.
pub(crate) type Needless<'a, E> = dyn Fn(&[(ImportFileId, String)]) -> Result<Vec<String>, E> + 'a;

/// How many names the ledger is asked about at once.
const SWEPT_AT_ONCE: usize = 1_000;

/// No file that is handed in at once takes longer to arrive.
const UPLOAD_TAKES_MAX: Duration = Duration::from_secs(6 * 3_600);

/// The storage directory.
pub(crate) struct Store {
    root: PathBuf,
    blobs: Box<dyn Blobs>,
}

/// An open file that can be read by its path as long as this lives.
pub(crate) struct OpenFile {
    #[cfg(target_os = "linux")]
    file: File,
    #[cfg(not(target_os = "linux"))]
    file: tempfile::NamedTempFile,
    /// Digest of its bytes.
    pub(crate) sha256: [u8; 32],
}

impl OpenFile {
    #[cfg(target_os = "linux")]
    fn empty(directory: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(directory)?;
        Ok(Self {
            file,
            sha256: [0; 32],
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn empty(directory: &Path) -> io::Result<Self> {
        let file = tempfile::NamedTempFile::new_in(directory)?;
        Ok(Self {
            file,
            sha256: [0; 32],
        })
    }

    /// Where it can be opened.
    #[cfg(target_os = "linux")]
    pub(crate) fn path(&self) -> PathBuf {
        use std::os::fd::AsRawFd as _;
        PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }

    /// Where it can be opened.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn path(&self) -> PathBuf {
        self.file.path().to_owned()
    }

    /// The file itself, at its beginning.
    fn into_file(self) -> io::Result<File> {
        #[cfg(target_os = "linux")]
        let mut file = self.file;
        #[cfg(not(target_os = "linux"))]
        let mut file = self.file.reopen()?;
        file.rewind()?;
        Ok(file)
    }
}

impl Store {
    /// Makes what is missing of it. What is kept goes to the store that servers share, where there
    /// is one.
    pub(crate) fn open(root: &Path, shared: Option<SealedFiles>) -> io::Result<Self> {
        for name in ["uploads", "open", "sealed"] {
            let path = root.join(name);
            fs::create_dir_all(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        }
        let directory = Directory(root.join("sealed"));
        Ok(Self {
            root: root.to_owned(),
            blobs: match shared {
                Some(files) => Box::new(Shared::over(files, directory)?),
                None => Box::new(directory),
            },
        })
    }

    /// Where uploads arrive.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// Removes what a server that was killed left of uploads under way, which nobody sealed yet.
    /// Servers may share the directory, so only what is too old to be still on its way.
    pub(crate) fn sweep_uploads(&self) -> io::Result<usize> {
        let mut removed = 0;
        for entry in fs::read_dir(self.uploads())? {
            let entry = entry?;
            let Ok(metadata) = entry.metadata() else {
                // It was handed over this very moment.
                continue;
            };
            let age = metadata.modified()?.elapsed();
            if age.is_ok_and(|age| age > UPLOAD_TAKES_MAX) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Seals and stores a part of a file, and gives its name and the digest of its bytes.
    pub(crate) fn keep_part(
        &self,
        (file, key): (ImportFileId, &FileKey),
        starts_at: u64,
        source: &mut dyn Read,
    ) -> io::Result<(String, [u8; 32])> {
        let name = format!("{file}-{starts_at}-{:016x}", rand::random::<u64>());
        let mut source = Hashed {
            inner: source,
            digest: Sha256::new(),
        };
        let owner = owner(file, starts_at);
        let mut seal =
            |out: &mut dyn Write| sealed::seal((key.reveal(), owner.as_bytes()), &mut source, out);
        self.blobs.put(&name, &mut seal)?;
        Ok((name, source.digest.finalize().into()))
    }

    /// Removes a part that nobody noted.
    pub(crate) fn forget_part(&self, name: &str) -> io::Result<()> {
        self.blobs.remove(name)
    }

    /// Opens a file that is whole.
    pub(crate) fn open_file(&self, stored: &StoredFile) -> io::Result<OpenFile> {
        let mut open = OpenFile::empty(&self.root.join("open"))?;
        open.sha256 = self.copy_file(stored, &mut open.file)?;
        Ok(open)
    }

    /// Opens a whole file into `out`, and gives the digest of its bytes.
    fn copy_file(&self, stored: &StoredFile, out: &mut dyn Write) -> io::Result<[u8; 32]> {
        let mut out = Hashed {
            inner: BufWriter::new(out),
            digest: Sha256::new(),
        };
        for (starts_at, name) in &stored.parts {
            let owner = owner(stored.file_id, *starts_at);
            let mut source = self.blobs.get(name)?;
            let opening = (stored.key.reveal(), owner.as_bytes());
            sealed::open(opening, &mut source, &mut out)?;
        }
        out.flush()?;
        Ok(out.digest.finalize().into())
    }

    /// The result file of an import and what it is called: as it is kept, or made by `make` and
    /// kept, where `room` says that there is room for so many bytes.
    pub(crate) fn result(
        &self,
        stored: &StoredFile,
        import: ImportId,
        make: impl FnOnce(&Path, &Path) -> Result<String, ImportError>,
        room: impl FnOnce(u64) -> Result<bool, LedgerError>,
    ) -> Result<(File, String), ImportError> {
        let failed = |source| ImportError::ResultFile { source };
        let mut result = OpenFile::empty(&self.root.join("open")).map_err(failed)?;
        let place = Place {
            key: stored.key,
            file: stored.file_id,
            import,
        };
        let mut name = Vec::new();
        let name = match self.get_result(&place, "name", &mut name) {
            Ok(()) => {
                let mut out = BufWriter::new(&mut result.file);
                let kept = self.get_result(&place, "result", &mut out);
                kept.and_then(|()| out.flush()).map_err(failed)?;
                String::from_utf8_lossy(&name).into_owned()
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let original = self.open_file(stored).map_err(failed)?;
                let name = make(&original.path(), &result.path())?;
                let mut made = File::open(result.path()).map_err(failed)?;
                let byte_count = made.metadata().map_err(failed)?.len();
                // Counted before it is kept: who dies between the two counts too much, and keeps it
                // the next time.
                if room(byte_count).map_err(ImportError::Ledger)? {
                    self.put_result(&place, "result", &mut made)
                        .map_err(failed)?;
                    // The last to go: where the name is, the result is.
                    let kept = self.put_result(&place, "name", &mut name.as_bytes());
                    kept.map_err(failed)?;
                }
                name
            }
            Err(error) => return Err(failed(error)),
        };
        Ok((result.into_file().map_err(failed)?, name))
    }

    fn get_result(&self, place: &Place, what: &str, out: &mut dyn Write) -> io::Result<()> {
        let mut kept = self.blobs.get(&place.name(what))?;
        let owner = place.owner(what);
        sealed::open((place.key.reveal(), owner.as_bytes()), &mut kept, out)
    }

    fn put_result(&self, place: &Place, what: &str, source: &mut dyn Read) -> io::Result<()> {
        let owner = place.owner(what);
        let sealing = (place.key.reveal(), owner.as_bytes());
        let mut seal = |out: &mut dyn Write| sealed::seal(sealing, source, out);
        self.blobs.put(&place.name(what), &mut seal)
    }

    /// Removes what is kept under names of ours since before a moment and which nobody needs:
    /// `needless` picks those among some of them. What was begun under no name yet goes too.
    pub(crate) fn sweep<E: From<io::Error>>(
        &self,
        moment: SystemTime,
        needless: &Needless<'_, E>,
    ) -> Result<usize, E> {
        let (mut kept, mut removed) = (Vec::new(), Vec::new());
        self.blobs.kept_before(moment, &mut |name| {
            if let Some(file) = owner_of(&name) {
                kept.push((file, name));
            } else if name.starts_with(UNFINISHED) {
                removed.push(name);
            }
        })?;
        for some in kept.chunks(SWEPT_AT_ONCE) {
            removed.extend(needless(some)?);
        }
        for name in &removed {
            self.blobs.remove(name)?;
        }
        Ok(removed.len())
    }

    /// Removes all that is kept of a file: its parts, and the results made from it.
    pub(crate) fn purge(&self, file: ImportFileId) -> io::Result<()> {
        self.blobs.remove_all(file)
    }
}

/// Whose result it is.
struct Place {
    key: FileKey,
    file: ImportFileId,
    import: ImportId,
}

impl Place {
    fn name(&self, what: &str) -> String {
        format!("{}-{what}-{}", self.file, self.import)
    }

    fn owner(&self, what: &str) -> String {
        format!("{what} {}", self.import)
    }
}

/// A part opens only in its own place of its own file.
fn owner(file: ImportFileId, starts_at: u64) -> String {
    format!("{file} {starts_at}")
}

/// Digests what passes through.
struct Hashed<T> {
    inner: T,
    digest: Sha256,
}

impl Read for Hashed<&mut dyn Read> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.digest
            .update(buffer.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
