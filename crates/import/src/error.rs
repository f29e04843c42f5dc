//! Why an import or a result file could not be made.

use creditbank_domain::fault::Fault;
use creditbank_ledger::LedgerError;
use creditbank_ledger::reads::ImportView;

/// What stops an import. A line that is refused does not: it is a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file as a whole cannot be read, and no import was opened for it.
    #[error("the file is refused: {0}")]
    Refused(Box<Fault>),
    /// The file as a whole cannot be read; its import is closed as failed.
    #[error("the file is refused: {fault}")]
    Failed {
        /// The import as it ended.
        view: Box<ImportView>,
        /// Why.
        fault: Box<Fault>,
    },
    /// The ledger did not answer; the import goes on where it stopped when it is run again.
    #[error("the ledger did not take the lines")]
    Ledger(#[source] LedgerError),
    /// Whoever watches over it said that it is enough; it goes on when it is run again.
    #[error("the import was stopped")]
    Stopped,
    /// The result file cannot be written.
    #[error("the result file cannot be written")]
    ResultFile {
        /// Why.
        source: std::io::Error,
    },
}

impl ImportError {
    /// The coded reason for people, in both languages, where there is one.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Refused(fault) | Self::Failed { fault, .. } => Some(fault),
            Self::Ledger(error) => error.fault(),
            Self::Stopped | Self::ResultFile { .. } => None,
        }
    }
}

impl From<Fault> for ImportError {
    /// Every fault of a file as a whole is a refusal of it.
    fn from(fault: Fault) -> Self {
        Self::Refused(Box::new(fault))
    }
}
