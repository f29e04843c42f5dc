//! Files of requests, as whoever may ask sees them.

use creditbank_domain::authz::{Grant, RequestConversion};
use creditbank_domain::ids::{CohortId, ImportId};

use crate::error::LedgerError;
use crate::flows::{CohortOrder, file_of};
use crate::reads::ImportView;
use crate::store::Ledger;
use crate::tables::imports;

/// A file of requests, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortFileView {
    /// The cohort of its requests.
    pub cohort_id: CohortId,
    /// What its lines have in common.
    pub order: CohortOrder,
    /// The file: its posted lines became requests.
    pub import: ImportView,
}

/// A file of the school's own.
///
/// # Errors
/// [`LedgerError::NotFound`], also where it is no file of requests.
pub fn cohort_file(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    cohort_id: CohortId,
) -> Result<CohortFileView, LedgerError> {
    let school = grant.institution()?;
    let import = ImportId::from_uuid(cohort_id.as_uuid());
    ledger.read(grant, |conn| {
        let row = imports::find(conn, school, import)?;
        Ok(CohortFileView {
            cohort_id,
            order: file_of(conn, import)?.order,
            import: ImportView::of(&row, ledger.keys())?,
        })
    })
}
