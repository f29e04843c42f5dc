//! What imports found of the signatures of their files.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::ids::ImportId;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::import_signatures::{self, SignatureRow};

/// What was found of a signed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureFound {
    /// The code of why it was not verified; none where it was.
    pub reason: Option<String>,
    /// Digest of the enclosed certificate that the operator trusted, if one was.
    pub certificate_sha256: Option<[u8; 32]>,
    /// When, by which the certificate's validity was judged.
    pub checked_at: DateTime<Utc>,
}

impl TryFrom<SignatureRow> for SignatureFound {
    type Error = LedgerError;

    fn try_from(row: SignatureRow) -> Result<Self, LedgerError> {
        let corrupt = |_| LedgerError::Corrupt("import_signatures.certificate_sha256");
        let digest = row.certificate_sha256.map(TryInto::try_into).transpose();
        Ok(Self {
            reason: row.reason,
            certificate_sha256: digest.map_err(corrupt)?,
            checked_at: row.checked_at,
        })
    }
}

/// What an import found, once that is noted; none where its file is not signed.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn signature_found(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: ImportId,
) -> Result<Option<SignatureFound>, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let row = import_signatures::find(conn, institution, import)?;
        row.map(TryInto::try_into).transpose()
    })
}
