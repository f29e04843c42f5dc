//! Committees as every member sees them: seats by account and college, no names.

use chrono::NaiveDate;
use creditbank_domain::authz::{Grant, ReadRegister};

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::committees;

/// A committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitteeView {
    /// Its code, as rule sets name it.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// Who sits or sat in it.
    pub seats: Vec<SeatView>,
}

/// A seat, as long as somebody has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatView {
    /// The person's id, or an account of the command line.
    pub member: String,
    /// The college's code.
    pub institution: Option<String>,
    /// First day.
    pub since: NaiveDate,
    /// Last day, open where there is none.
    pub until: Option<NaiveDate>,
}

/// All committees.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn list_committees(
    ledger: &Ledger,
    _grant: &Grant<ReadRegister>,
) -> Result<Vec<CommitteeView>, LedgerError> {
    ledger.read(|conn| committees::list(conn, None))
}
