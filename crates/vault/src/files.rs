//! Sealed files of any size, a few at a time of each owner: what was handed in to be imported.
//! They come and go in pieces, so that memory stays flat whatever a file's size.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt as _};

use crate::store::VaultError;

/// What goes to the store, or comes from it, in one request. Stores want 5 MiB at least, and some
/// want all pieces but the last to be of one size. A sealed part of an upload is a little over 8 MiB.
const PIECE_BYTES: usize = 9 << 20;

/// Keeps sealed files under the name of their owner and one of their own. Cheap to clone.
#[derive(Clone)]
pub struct SealedFiles {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) folder: Path,
}

impl fmt::Debug for SealedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedFiles")
    }
}

/// A file that is being written: nothing of it is there until it is finished.
pub struct Writing {
    store: Arc<dyn ObjectStore>,
    place: Path,
    /// Not sent yet; shorter than a piece.
    waits: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
}

/// A file that is being read.
pub struct Reading {
    store: Arc<dyn ObjectStore>,
    place: Path,
    at: u64,
    /// Its size and which writing of it this is, once its first piece is here.
    known: Option<(u64, Option<String>)>,
}

impl SealedFiles {
    fn place(&self, (owner, name): (&str, &str)) -> Path {
        self.folder.clone().join(owner).join(name)
    }

    /// Begins to write a file.
    #[must_use]
    pub fn write(&self, name: (&str, &str)) -> Writing {
        Writing {
            store: Arc::clone(&self.store),
            place: self.place(name),
            waits: Vec::new(),
            upload: None,
        }
    }

    /// Begins to read a file.
    #[must_use]
    pub fn read(&self, name: (&str, &str)) -> Reading {
        Reading {
            store: Arc::clone(&self.store),
            place: self.place(name),
            at: 0,
            known: None,
        }
    }

    /// Removes a file; nothing where it is gone already.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn remove(&self, name: (&str, &str)) -> Result<(), VaultError> {
        gone(self.store.delete(&self.place(name)).await)
    }

    /// Tells owner and name of what has been kept since before a moment.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn kept_before(
        &self,
        moment: DateTime<Utc>,
        visit: &mut dyn FnMut((&str, &str)),
    ) -> Result<(), VaultError> {
        let mut found = self.store.list(Some(&self.folder)).boxed();
        while let Some(object) = found.try_next().await? {
            let inside = object.location.prefix_match(&self.folder);
            let mut inside = inside.into_iter().flatten();
            if let (Some(owner), Some(name), None) = (inside.next(), inside.next(), inside.next())
                && object.last_modified < moment
            {
                visit((owner.as_ref(), name.as_ref()));
            }
        }
        Ok(())
    }

    /// Removes all files of an owner.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn remove_all(&self, owner: &str) -> Result<(), VaultError> {
        let folder = self.folder.clone().join(owner);
        let mut found = self.store.list(Some(&folder)).boxed();
        while let Some(object) = found.try_next().await? {
            gone(self.store.delete(&object.location).await)?;
        }
        Ok(())
    }
}

fn gone(deleted: object_store::Result<()>) -> Result<(), VaultError> {
    match deleted.map_err(VaultError::from) {
        Err(VaultError::NotThere) => Ok(()),
        done => done,
    }
}

impl Writing {
    /// Goes on with these bytes.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.waits.extend_from_slice(bytes);
        while self.waits.len() >= PIECE_BYTES {
            let rest = self.waits.split_off(PIECE_BYTES);
            let piece = std::mem::replace(&mut self.waits, rest);
            let upload = match &mut self.upload {
                Some(upload) => upload,
                None => {
                    let begun = self.store.put_multipart(&self.place).await?;
                    self.upload.insert(begun)
                }
            };
            upload.put_part(piece.into()).await?;
        }
        Ok(())
    }

    /// Ends it: from now on all of it is there.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn finish(mut self) -> Result<(), VaultError> {
        let last = std::mem::take(&mut self.waits);
        let Some(upload) = &mut self.upload else {
            self.store.put(&self.place, last.into()).await?;
            return Ok(());
        };
        if !last.is_empty() {
            upload.put_part(last.into()).await?;
        }
        upload.complete().await?;
        Ok(())
    }

    /// Takes back what was sent. A store that does not hear of it removes it after its own time.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn give_up(mut self) -> Result<(), VaultError> {
        match &mut self.upload {
            Some(upload) => Ok(upload.abort().await?),
            None => Ok(()),
        }
    }
}

impl Reading {
    /// The next piece, where there is one.
    ///
    /// # Errors
    /// [`VaultError::NotThere`] where there is no such file.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, VaultError> {
        let written = match &self.known {
            Some((size, _)) if self.at >= *size => return Ok(None),
            Some((_, written)) => written.clone(),
            None => None,
        };
        let piece = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        let range = self.at..self.at.saturating_add(piece);
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            // Somebody may write it anew meanwhile.
            if_match: written,
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&self.place, options).await?;
        self.known = Some((found.meta.size, found.meta.e_tag.clone()));
        let bytes: Vec<u8> = found.bytes().await?.into();
        let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.at = self.at.saturating_add(read);
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use crate::store::Vault;

    use super::*;

    async fn written(files: &SealedFiles, name: (&str, &str), content: &[u8]) {
        let mut writing = files.write(name);
        for some in content.chunks(1_000_003) {
            writing.add(some).await.unwrap();
        }
        writing.finish().await.unwrap();
    }

    async fn read(files: &SealedFiles, name: (&str, &str)) -> Result<Vec<u8>, VaultError> {
        let (mut all, mut reading) = (Vec::new(), files.read(name));
        while let Some(piece) = reading.next().await? {
            assert!(piece.len() <= PIECE_BYTES);
            all.extend(piece);
        }
        Ok(all)
    }

    async fn keeps_and_forgets(vault: &Vault) {
        let files = vault.sealed_files();
        for length in [1, PIECE_BYTES - 1, PIECE_BYTES, 2 * PIECE_BYTES + 7] {
            let content: Vec<u8> = (0..=250).cycle().take(length).collect();
            written(&files, ("one", "part"), &content).await;
            assert!(
                read(&files, ("one", "part")).await.unwrap() == content,
                "{length}"
            );
        }
        written(&files, ("one", "other"), b"more").await;
        written(&files, ("oner", "part"), b"of another owner").await;
        let mut half = files.write(("one", "half"));
        half.add(&vec![7; PIECE_BYTES + 1]).await.unwrap();
        half.give_up().await.unwrap();
        let half = read(&files, ("one", "half")).await;
        assert!(matches!(half, Err(VaultError::NotThere)));
        files.remove(("one", "other")).await.unwrap();
        files.remove(("one", "other")).await.unwrap();
        assert!(read(&files, ("one", "other")).await.is_err());
        assert!(read(&files, ("one", "part")).await.is_ok());
        files.remove_all("one").await.unwrap();
        files.remove_all("one").await.unwrap();
        let left = read(&files, ("one", "part")).await;
        assert!(matches!(left, Err(VaultError::NotThere)));
        assert_eq!(
            read(&files, ("oner", "part")).await.unwrap(),
            b"of another owner"
        );
        let mut nobody = |id| panic!("{id} is no evidence");
        let ever = chrono::DateTime::<chrono::Utc>::MAX_UTC - chrono::TimeDelta::days(1);
        vault.kept_before(ever, &mut nobody).await.unwrap();
    }

    #[tokio::test]
    async fn files_of_every_size_are_there_whole_or_not_at_all() {
        keeps_and_forgets(&Vault::memory()).await;
        let directory = tempfile::tempdir().unwrap();
        keeps_and_forgets(&Vault::directory(directory.path()).unwrap()).await;
    }
}
