//! Files that were handed in and their results, in a directory that only we can enter.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use creditbank_domain::ids::ImportId;
use creditbank_import::ColumnMapping;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What is known of an import beside what the ledger keeps.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) file_sha256: [u8; 32],
    pub(super) file_name: String,
    pub(super) mapping: Option<ColumnMapping>,
}

/// The storage directory.
pub(super) struct Store {
    root: PathBuf,
    parts: AtomicU64,
}

impl Store {
    /// Makes what is missing of it.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let store = Self {
            root: root.to_owned(),
            parts: AtomicU64::new(0),
        };
        for directory in ["uploads", "files", "imports", "results"] {
            let path = root.join(directory);
            fs::create_dir_all(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        }
        Ok(store)
    }

    /// Where uploads arrive.
    pub(super) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// Where a file of this digest is kept.
    pub(super) fn file(&self, sha256: &[u8; 32]) -> PathBuf {
        self.root.join("files").join(hex::encode(sha256))
    }

    pub(super) fn has_file(&self, sha256: &[u8; 32]) -> bool {
        self.file(sha256).is_file()
    }

    /// Keeps an upload under its digest; the same bytes are kept once.
    pub(super) fn keep(&self, upload: impl AsRef<Path>) -> io::Result<[u8; 32]> {
        let sha256 = digest(upload.as_ref())?;
        let place = self.file(&sha256);
        if !place.is_file() {
            let part = self.part(&hex::encode(sha256));
            fs::copy(upload.as_ref(), &part)?;
            File::open(&part)?.sync_all()?;
            fs::rename(&part, &place)?;
        }
        Ok(sha256)
    }

    /// Keeps the record of an import; one that is there already stays as it is.
    pub(super) fn keep_record(&self, import_id: ImportId, record: &Record) -> io::Result<()> {
        if self.record(import_id).is_ok() {
            return Ok(());
        }
        let path = self.record_path(import_id);
        let part = self.part(&import_id.to_string());
        let mut file = File::create(&part)?;
        file.write_all(&serde_json::to_vec(record).map_err(io::Error::other)?)?;
        file.sync_all()?;
        fs::rename(&part, &path)
    }

    pub(super) fn record(&self, import_id: ImportId) -> io::Result<Record> {
        let bytes = fs::read(self.record_path(import_id))?;
        serde_json::from_slice(&bytes).map_err(io::Error::other)
    }

    fn record_path(&self, import_id: ImportId) -> PathBuf {
        self.root.join("imports").join(format!("{import_id}.json"))
    }

    /// Where the result file of an import stands; of the original's name only the extension is
    /// taken, since the rest is the client's.
    pub(super) fn result_path(&self, import_id: ImportId, file_name: &str) -> PathBuf {
        let extension = Path::new(file_name).extension().and_then(|it| it.to_str());
        let plain = |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let extension = extension.filter(plain).unwrap_or("csv");
        self.root
            .join("results")
            .join(format!("{import_id}.{extension}"))
    }

    /// Where it is written until it is whole.
    pub(super) fn part_path(&self, import_id: ImportId) -> PathBuf {
        self.part(&import_id.to_string())
    }

    fn part(&self, name: &str) -> PathBuf {
        let number = self.parts.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        self.uploads()
            .join(format!("{name}.{process}.{number}.part"))
    }
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(piece) if read > 0 => digest.update(piece),
            _ => return Ok(digest.finalize().into()),
        }
    }
}
