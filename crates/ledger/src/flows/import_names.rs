//! Names of files whose time has passed, and names that still stand in the clear.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};

use crate::error::LedgerError;
use crate::store::{Ledger, Tx};
use crate::tables::import_names;

/// Seals names of files that servers of before wrote in the clear.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn seal_import_names(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
) -> Result<usize, LedgerError> {
    until_none(ledger, grant, import_names::seal_clear)
}

/// Forgets names of files that the command line imported before `before`: no bytes of them are
/// here, with which the names would go.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn forget_import_names(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    before: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    until_none(ledger, grant, |tx| import_names::forget_unkept(tx, before))
}

fn until_none(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<usize, LedgerError>,
) -> Result<usize, LedgerError> {
    let mut done = 0_usize;
    loop {
        match ledger.write(grant, &mut work)? {
            0 => return Ok(done),
            some => done = done.saturating_add(some),
        }
    }
}
