//! A store that several servers share, for a desk whose work is not asynchronous.
//!
//! What a server kept in its own directory before there was a shared store is still found there.

use std::io::{self, Read, Write};
use std::time::SystemTime;

use creditbank_domain::ids::ImportFileId;
use creditbank_vault::{Reading, SealedFiles, VaultError, Writing};
use tokio::runtime::{Builder, Handle, Runtime};

use super::blobs::{Blobs, Directory, ID_CHARACTERS};

/// See the module.
pub(super) struct Shared {
    files: SealedFiles,
    before: Directory,
    /// Taken at the end.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Shared {
    pub(super) fn over(files: SealedFiles, before: Directory) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("shared-store")
            .enable_all()
            .build()?;
        Ok(Self {
            files,
            before,
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The last owner may be a thread on which nothing may wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The file's folder, and the name in it.
fn place(name: &str) -> io::Result<(&str, &str)> {
    let (file, rest) = name.split_at_checked(ID_CHARACTERS).unwrap_or_default();
    match rest.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => Ok((file, rest)),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn failed(error: VaultError) -> io::Error {
    match error {
        VaultError::NotThere => io::Error::new(io::ErrorKind::NotFound, error),
        other => io::Error::other(other),
    }
}

impl Blobs for Shared {
    fn put(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = Out {
            writing: self.files.write(place(name)?),
            handle: &self.handle,
        };
        match write(&mut out) {
            Ok(()) => self.handle.block_on(out.writing.finish()).map_err(failed),
            Err(error) => {
                // What failed first is what is told.
                let _taken_back = self.handle.block_on(out.writing.give_up());
                Err(error)
            }
        }
    }

    fn get(&self, name: &str) -> io::Result<Box<dyn Read>> {
        let mut reading = self.files.read(place(name)?);
        match self.handle.block_on(reading.next()) {
            Ok(first) => Ok(Box::new(In {
                piece: io::Cursor::new(first.unwrap_or_default()),
                reading,
                handle: self.handle.clone(),
            })),
            Err(VaultError::NotThere) => self.before.get(name),
            Err(error) => Err(failed(error)),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        // What was begun in the directory has no place in the store.
        if let Ok(place) = place(name) {
            let removed = self.handle.block_on(self.files.remove(place));
            removed.map_err(failed)?;
        }
        self.before.remove(name)
    }

    fn kept_before(&self, moment: SystemTime, visit: &mut dyn FnMut(String)) -> io::Result<()> {
        let mut told = |(file, name): (&str, &str)| visit(format!("{file}-{name}"));
        let listed = self.files.kept_before(moment.into(), &mut told);
        self.handle.block_on(listed).map_err(failed)?;
        self.before.kept_before(moment, visit)
    }

    fn remove_all(&self, file: ImportFileId) -> io::Result<()> {
        let owner = file.to_string();
        let removed = self.handle.block_on(self.files.remove_all(&owner));
        removed.map_err(failed)?;
        self.before.remove_all(file)
    }
}

struct Out<'a> {
    writing: Writing,
    handle: &'a Handle,
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let added = self.handle.block_on(self.writing.add(bytes));
        added.map_err(failed).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct In {
    reading: Reading,
    piece: io::Cursor<Vec<u8>>,
    handle: Handle,
}

impl Read for In {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.piece.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        let next = self.handle.block_on(self.reading.next()).map_err(failed)?;
        self.piece = io::Cursor::new(next.unwrap_or_default());
        self.piece.read(buffer)
    }
}
