//! Evidence between the ledger, which knows it, and the vault, which keeps it.
//!
//! A file is in memory while it is sealed or opened, ten MiB at most, and only a few at once; the
//! rest of its way it is on disk.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::evidence::{BYTES_MAX, MediaType, other_kind};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::EvidenceId;
use creditbank_ledger::reads::{self, OpenedEvidence};
use creditbank_ledger::{EvidenceSeal, Ledger, LedgerError, flows};
use creditbank_vault::{NotEvidence, Vault, VaultError, media_type};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use crate::handle::{GateLimits, LedgerHandle};
use crate::problem::ApiError;

/// Files in memory at one moment.
const AT_ONCE_MAX: usize = 4;
const PIECE_BYTES: usize = 64 * 1024;
/// Ids that are looked up or purged at once.
const IDS_MAX: u32 = 500;
/// A file without a row may belong to an upload that is still under way; not for that long.
const UPLOAD_MAX: TimeDelta = TimeDelta::days(1);

/// Why evidence could not be kept or shown.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// It is no evidence, by its bytes: 422.
    #[error("refused: {0}")]
    OtherKind(Fault),
    /// Our own disk did not do its part.
    #[error("an upload could not be read")]
    Unreadable(#[source] io::Error),
    /// What is kept is not what was handed in.
    #[error("what is kept is not what was handed in")]
    Changed,
    /// The store did not do its part.
    #[error("the store of evidence did not do its part")]
    Store(#[source] VaultError),
    /// The ledger did not answer.
    #[error("the ledger did not answer")]
    Ledger(#[source] LedgerError),
}

impl From<VaultError> for EvidenceError {
    fn from(error: VaultError) -> Self {
        Self::Store(error)
    }
}

impl From<LedgerError> for EvidenceError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// The vault, and a gate before memory. Cheap to clone.
#[derive(Clone)]
pub struct EvidenceDesk {
    vault: Vault,
    gate: LedgerHandle,
}

impl fmt::Debug for EvidenceDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EvidenceDesk")
    }
}

impl EvidenceDesk {
    /// Over a vault.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        let gate = LedgerHandle::gate(AT_ONCE_MAX, GateLimits::default());
        Self { vault, gate }
    }

    /// A turn to have a file in memory.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        self.gate.wait().await
    }

    /// Seals an upload and keeps it.
    pub(crate) async fn keep(
        &self,
        id: EvidenceId,
        path: impl AsRef<Path> + Send + 'static,
        seal: EvidenceSeal,
    ) -> Result<(), ApiError> {
        let work = move || -> Result<_, EvidenceError> {
            let file = std::fs::read(path).map_err(EvidenceError::Unreadable)?;
            Ok(seal.seal(&file)?)
        };
        let sealed = blocking(work).await?;
        self.vault
            .keep(id, sealed)
            .await
            .map_err(EvidenceError::from)?;
        Ok(())
    }

    /// Fetches a file, opens it and holds it against what was handed in.
    pub(crate) async fn show(&self, opened: OpenedEvidence) -> Result<Vec<u8>, ApiError> {
        let id = opened.evidence.evidence_id;
        let sealed = self.vault.fetch(id).await.map_err(EvidenceError::from)?;
        blocking(move || {
            let file = opened.seal.open(&sealed)?;
            let sha256: [u8; 32] = Sha256::digest(&file).into();
            if sha256 == opened.evidence.sha256 {
                Ok(file)
            } else {
                Err(EvidenceError::Changed)
            }
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EvidenceError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = actix_web::web::block(work).await;
    let done = done.map_err(|_| ApiError::Internal("the work was cancelled"))?;
    Ok(done?)
}

/// What an upload is, by its bytes, and their SHA-256; never whole in memory.
pub(crate) fn examine(path: &Path) -> Result<(MediaType, [u8; 32]), EvidenceError> {
    let mut file = File::open(path).map_err(EvidenceError::Unreadable)?;
    let media_type = media_type(&mut file).map_err(|refused| match refused {
        NotEvidence::OtherKind(known) => EvidenceError::OtherKind(other_kind(known)),
        NotEvidence::Unreadable(error) => EvidenceError::Unreadable(error),
    })?;
    let mut file = File::open(path).map_err(EvidenceError::Unreadable)?;
    let mut sha256 = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut left = BYTES_MAX;
    while left > 0 {
        let count = file.read(&mut piece).map_err(EvidenceError::Unreadable)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
            break;
        };
        sha256.update(read);
        left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
    }
    Ok((media_type, sha256.finalize().into()))
}

/// Destroys what was taken back: first the keys, after which no copy can be read, then the files.
/// How many.
///
/// # Errors
/// [`EvidenceError`]; what was done before stays done.
pub async fn purge_evidence(
    ledger: &Ledger,
    vault: &Vault,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, EvidenceError> {
    let ids = flows::evidence_to_purge(ledger, grant, IDS_MAX)?;
    if ids.is_empty() {
        return Ok(0);
    }
    flows::purge_evidence(ledger, grant, &ids, now)?;
    for id in &ids {
        vault.remove(*id).await?;
    }
    Ok(ids.len())
}

/// Removes files that nobody needs: whose upload was cut off before it was written down, or that
/// were purged. How many.
///
/// # Errors
/// [`EvidenceError`]; what was done before stays done.
pub async fn sweep_evidence(
    ledger: &Ledger,
    vault: &Vault,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, EvidenceError> {
    let mut kept = Vec::new();
    let mut note = |id| kept.push(id);
    vault.kept_before(now - UPLOAD_MAX, &mut note).await?;
    let mut removed = 0_usize;
    for ids in kept.chunks(usize::try_from(IDS_MAX).unwrap_or(1)) {
        for id in flows::needless_evidence(ledger, grant, ids)? {
            vault.remove(id).await?;
            removed = removed.saturating_add(1);
        }
    }
    Ok(removed)
}

/// Evidence whose file is gone, and how many were looked for.
///
/// # Errors
/// [`EvidenceError`].
pub async fn missing_evidence(
    ledger: &Ledger,
    vault: &Vault,
    grant: &Grant<KeepRegister>,
) -> Result<(Vec<EvidenceId>, usize), EvidenceError> {
    let mut missing = Vec::new();
    let (mut after, mut looked_for) = (None, 0_usize);
    loop {
        let needed = reads::needed_evidence(ledger, grant, after, IDS_MAX)?;
        let Some(last) = needed.last() else {
            return Ok((missing, looked_for));
        };
        after = Some(*last);
        looked_for = looked_for.saturating_add(needed.len());
        for id in needed {
            if !vault.has(id).await? {
                missing.push(id);
            }
        }
    }
}
