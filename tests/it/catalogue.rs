//! What an entry says beyond its amounts: who owns it, what completes it, its level, its reviews.

mod completion;
pub(crate) mod gradings;
mod levels;
mod reviews;

use creditbank_domain::fault::Fault;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{NewCatalogueVersion, publish_catalogue};
use kit::{TestBank, keeper};

/// The fault with which a version is refused.
fn refused(bank: &TestBank, version: NewCatalogueVersion) -> Fault {
    match publish_catalogue(bank.ledger(), &keeper(), &[version], bank.now()) {
        Err(LedgerError::Refused(fault) | LedgerError::Conflict(fault)) => fault,
        other => panic!("not refused: {other:?}"),
    }
}
