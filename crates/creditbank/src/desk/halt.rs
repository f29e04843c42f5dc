//! What stops a worker in the middle of a turn, and what becomes of the job then.

use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::TurnEnd;

use super::refusals::damaged;
use crate::problem::chain;

/// Why a turn ended without its job's end.
pub(super) enum Halt {
    Ended(TurnEnd),
    /// Somebody else has it.
    Lost,
    /// What may have passed by the next time.
    Later(Box<dyn std::error::Error + Send + Sync>),
}

impl From<LedgerError> for Halt {
    fn from(error: LedgerError) -> Self {
        match error {
            // The institution was suspended after it handed the file in.
            LedgerError::Refused(fault) => Self::Ended(TurnEnd::Failed(fault)),
            other => Self::Later(Box::new(other)),
        }
    }
}

impl From<std::io::Error> for Halt {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::NotFound => {
                tracing::error!(error = chain(&error), "a stored file does not open");
                Self::Ended(TurnEnd::Failed(damaged()))
            }
            _ => Self::Later(Box::new(error)),
        }
    }
}
