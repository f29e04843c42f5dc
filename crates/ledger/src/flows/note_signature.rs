//! Notes what an import finds of its file's signature.

use creditbank_domain::authz::{Grant, RunImport};
use creditbank_domain::ids::ImportId;

use crate::error::LedgerError;
use crate::reads::SignatureFound;
use crate::store::Ledger;
use crate::tables::import_signatures::{self, SignatureRow};

/// Notes it the first time and says what is noted: that of another process, where that was first.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn note_signature(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import: ImportId,
    found: &SignatureFound,
) -> Result<SignatureFound, LedgerError> {
    let institution = grant.institution()?;
    let row = SignatureRow {
        reason: found.reason.clone(),
        certificate_sha256: found.certificate_sha256.map(Vec::from),
        checked_at: found.checked_at,
    };
    ledger.write(grant, |tx| {
        import_signatures::note(tx, (institution, import), &row)?;
        let noted = import_signatures::find(tx.conn(), institution, import)?;
        noted.ok_or(LedgerError::NotFound)?.try_into()
    })
}
