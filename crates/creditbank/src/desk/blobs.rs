//! Sealed bytes under names that say whose they are, and a directory of them.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use creditbank_domain::ids::ImportFileId;
use uuid::Uuid;

/// Where sealed bytes are kept under names.
pub(super) trait Blobs: Send + Sync {
    /// Keeps what `write` writes under a name; whole or not at all.
    fn put(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()>;
    /// What is kept under a name; [`io::ErrorKind::NotFound`] where there is nothing.
    fn get(&self, name: &str) -> io::Result<Box<dyn Read>>;
    /// Removes what is kept under a name; nothing where it is gone already.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Tells under which names something has been kept since before a moment.
    fn kept_before(&self, moment: SystemTime, visit: &mut dyn FnMut(String)) -> io::Result<()>;
    /// Removes everything that is kept of a file.
    fn remove_all(&self, file: ImportFileId) -> io::Result<()>;
}

/// How names begin of what is being written in a directory.
pub(super) const UNFINISHED: &str = ".tmp";

/// How many characters of a name are the id of its file.
pub(super) const ID_CHARACTERS: usize = 36;

/// A directory of files.
pub(super) struct Directory(pub(super) PathBuf);

impl Blobs for Directory {
    fn put(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let part = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(&self.0)?;
        let mut out = BufWriter::new(part);
        write(&mut out)?;
        let part = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        part.as_file().sync_all()?;
        part.persist(self.0.join(name))?;
        File::open(&self.0)?.sync_all()
    }

    fn get(&self, name: &str) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(BufReader::new(File::open(self.0.join(name))?)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn kept_before(&self, moment: SystemTime, visit: &mut dyn FnMut(String)) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            // What went meanwhile is not there to be told.
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            if modified.is_ok_and(|modified| modified < moment) {
                visit(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(())
    }

    fn remove_all(&self, file: ImportFileId) -> io::Result<()> {
        let prefix = format!("{file}-");
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(&prefix) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }
}

/// Whose bytes a name is of, where it is one that we give.
pub(super) fn owner_of(name: &str) -> Option<ImportFileId> {
    let (file, rest) = name.split_at_checked(ID_CHARACTERS)?;
    let file = Uuid::try_parse(file).ok()?;
    let ours = rest.strip_prefix('-').is_some_and(|rest| !rest.is_empty());
    ours.then(|| ImportFileId::from_uuid(file))
}
