//! Where sealed bytes are kept: a directory, or a store that speaks S3.

use std::fmt;
use std::path::Path as DirectoryPath;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_domain::evidence::BYTES_MAX;
use creditbank_domain::ids::EvidenceId;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use uuid::Uuid;

use crate::files::SealedFiles;

/// The folder of evidence under the root.
const FOLDER: &str = "evidence";

/// That of files that were handed in to be imported.
const IMPORTS_FOLDER: &str = "imports";

/// Sealing adds a nonce and a tag.
const SEALED_BYTES_MAX: u64 = BYTES_MAX + 1024;

const ANSWER_WAIT: Duration = Duration::from_secs(30);
const RETRIES_MAX: usize = 3;

/// Why the store did not do its part. Says nothing of what was to be kept.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nothing is kept under that id.
    #[error("nothing is kept under that id")]
    NotThere,
    /// What is kept there is larger than anything that was ever taken.
    #[error("what is kept there is too large to be ours")]
    TooLarge,
    /// The store cannot be used as it is configured.
    #[error("the store cannot be used as configured")]
    Unusable(#[source] object_store::Error),
    /// The store did not answer, or refused.
    #[error("the store did not do its part")]
    Store(#[source] object_store::Error),
}

impl From<object_store::Error> for VaultError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotThere,
            other => Self::Store(other),
        }
    }
}

/// Where an S3-compatible store is and who we are there.
#[derive(Clone)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// What stands before every key; may be empty.
    pub prefix: String,
    /// Its address, for example `https://s3.example.edu.cn`; the bank's own network may do
    /// without TLS.
    pub endpoint: String,
    /// Its region; stores that have none take `us-east-1`.
    pub region: String,
    /// Whether the bucket is a part of the host's name instead of the path.
    pub virtual_hosted: bool,
    /// Who we are.
    pub access_key_id: String,
    /// And how we prove it.
    pub secret_access_key: String,
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// Keeps sealed bytes under ids. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    store: Arc<dyn ObjectStore>,
    root: Path,
    folder: Path,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// In a directory that is there already. What it says is kept is on the disk.
    ///
    /// # Errors
    /// [`VaultError::Unusable`].
    pub fn directory(directory: &DirectoryPath) -> Result<Self, VaultError> {
        let store = LocalFileSystem::new_with_prefix(directory).map_err(VaultError::Unusable)?;
        Ok(Self::over(Arc::new(store.with_fsync(true)), ""))
    }

    /// In an S3-compatible store. Asks it nothing yet.
    ///
    /// # Errors
    /// [`VaultError::Unusable`].
    pub fn s3(settings: &S3Settings) -> Result<Self, VaultError> {
        // The process has one provider of TLS; whoever was first is as good.
        let _whoever_was_first = rustls::crypto::ring::default_provider().install_default();
        let store = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_endpoint(&settings.endpoint)
            .with_region(&settings.region)
            .with_virtual_hosted_style_request(settings.virtual_hosted)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(&settings.secret_access_key)
            // One object at a time: every store knows that, not every one the other way.
            .with_disable_bulk_delete(true)
            .with_client_options(
                ClientOptions::new()
                    .with_timeout(ANSWER_WAIT)
                    .with_allow_http(settings.endpoint.starts_with("http://")),
            )
            .with_retry(RetryConfig {
                max_retries: RETRIES_MAX,
                retry_timeout: ANSWER_WAIT,
                ..RetryConfig::default()
            })
            .build()
            .map_err(VaultError::Unusable)?;
        Ok(Self::over(Arc::new(store), &settings.prefix))
    }

    /// In this process's memory: for tests.
    #[must_use]
    pub fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()), "")
    }

    fn over(store: Arc<dyn ObjectStore>, prefix: &str) -> Self {
        let root = Path::from_iter(prefix.split('/').filter(|part| !part.is_empty()));
        let folder = root.clone().join(FOLDER);
        Self {
            store,
            root,
            folder,
        }
    }

    /// Files that were handed in to be imported, in the same store beside the evidence.
    #[must_use]
    pub fn sealed_files(&self) -> SealedFiles {
        SealedFiles {
            store: Arc::clone(&self.store),
            folder: self.root.clone().join(IMPORTS_FOLDER),
        }
    }

    fn place(&self, id: EvidenceId) -> Path {
        self.folder.clone().join(id.to_string())
    }

    /// Keeps sealed bytes: all of them, or nothing.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn keep(&self, id: EvidenceId, sealed: Vec<u8>) -> Result<(), VaultError> {
        self.store.put(&self.place(id), sealed.into()).await?;
        Ok(())
    }

    /// What is kept.
    ///
    /// # Errors
    /// [`VaultError::NotThere`] where nothing is.
    pub async fn fetch(&self, id: EvidenceId) -> Result<Vec<u8>, VaultError> {
        let found = self.store.get(&self.place(id)).await?;
        if found.meta.size > SEALED_BYTES_MAX {
            return Err(VaultError::TooLarge);
        }
        Ok(found.bytes().await?.into())
    }

    /// Whether something is kept.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn has(&self, id: EvidenceId) -> Result<bool, VaultError> {
        match self
            .store
            .head(&self.place(id))
            .await
            .map_err(VaultError::from)
        {
            Ok(_) => Ok(true),
            Err(VaultError::NotThere) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes what is kept; nothing where it is gone already.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn remove(&self, id: EvidenceId) -> Result<(), VaultError> {
        match self
            .store
            .delete(&self.place(id))
            .await
            .map_err(VaultError::from)
        {
            Err(VaultError::NotThere) => Ok(()),
            done => done,
        }
    }

    /// What has been kept since before a moment, some at a time; names that are not ours are left.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn kept_before(
        &self,
        moment: DateTime<Utc>,
        visit: &mut (dyn FnMut(EvidenceId) + Send),
    ) -> Result<(), VaultError> {
        let mut found = self.store.list(Some(&self.folder)).boxed();
        while let Some(object) = found.try_next().await? {
            let id = object.location.filename().map(Uuid::try_parse);
            if let (Some(Ok(id)), true) = (id, object.last_modified < moment) {
                visit(EvidenceId::from_uuid(id));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn id(number: u128) -> EvidenceId {
        EvidenceId::from_uuid(Uuid::from_u128(number))
    }

    /// What a store must do, whichever it is.
    async fn keeps_and_forgets(vault: &Vault) {
        assert!(matches!(
            vault.fetch(id(1)).await,
            Err(VaultError::NotThere)
        ));
        assert!(!vault.has(id(1)).await.unwrap());
        vault.keep(id(1), b"sealed".to_vec()).await.unwrap();
        vault.keep(id(2), vec![7; 100_000]).await.unwrap();
        assert_eq!(vault.fetch(id(1)).await.unwrap(), b"sealed");
        assert_eq!(vault.fetch(id(2)).await.unwrap(), vec![7; 100_000]);
        let soon = DateTime::<Utc>::MAX_UTC - TimeDelta::days(1);
        let mut seen = Vec::new();
        let mut note = |id| seen.push(id);
        vault.kept_before(soon, &mut note).await.unwrap();
        seen.sort();
        assert_eq!(seen, [id(1), id(2)]);
        let mut nobody = |id| panic!("{id} is not that old");
        vault
            .kept_before(DateTime::UNIX_EPOCH, &mut nobody)
            .await
            .unwrap();
        vault.remove(id(1)).await.unwrap();
        vault.remove(id(1)).await.unwrap();
        assert!(!vault.has(id(1)).await.unwrap());
        assert!(vault.has(id(2)).await.unwrap());
    }

    #[tokio::test]
    async fn memory_and_a_directory_keep_and_forget() {
        keeps_and_forgets(&Vault::memory()).await;
        let directory = tempfile::tempdir().unwrap();
        keeps_and_forgets(&Vault::directory(directory.path()).unwrap()).await;
        let names: Vec<_> = std::fs::read_dir(directory.path().join(FOLDER))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names, [id(2).to_string()], "ids and nothing else");
    }

    #[tokio::test]
    async fn a_directory_that_is_not_there_and_a_store_without_a_bucket_are_said_at_once() {
        let nowhere = DirectoryPath::new("/nowhere/at/all");
        assert!(matches!(
            Vault::directory(nowhere),
            Err(VaultError::Unusable(_))
        ));
    }

    #[test]
    fn no_secret_is_printed() {
        let settings = S3Settings {
            bucket: "evidence".to_owned(),
            prefix: String::new(),
            endpoint: "https://s3.example.edu.cn".to_owned(),
            region: "us-east-1".to_owned(),
            virtual_hosted: false,
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI".to_owned(),
        };
        let printed = format!("{settings:?} {:?}", Vault::s3(&settings).unwrap());
        assert!(
            !printed.contains("wJalr") && !printed.contains("AKID"),
            "{printed}"
        );
    }
}
