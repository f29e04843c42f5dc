//! Who read whose account, on its way to the ledger.
//!
//! Where the queue is full because the database does not take it, a read waits a moment and is then
//! refused with 503: nobody reads without a trace.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::Action;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reading::ReadKind;
use creditbank_ledger::flows::{Reading, record_readings};
use creditbank_ledger::{Ledger, LedgerError};

use crate::auth::Permit;
use crate::notebook::{Full, Notebook};
use crate::problem::ApiError;

/// Lines that may wait.
const WAITING_MAX: usize = 10_000;
/// How long a read waits for a place.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// See the module. Clones share the queue; the last one to go writes what is left.
#[derive(Clone)]
pub struct ReadLog {
    notebook: Option<Notebook<Reading>>,
}

impl std::fmt::Debug for ReadLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReadLog")
    }
}

impl ReadLog {
    /// Begins to write to this ledger, beside the connections of those who read.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`] without a database.
    pub fn start(ledger: &Ledger) -> Result<Self, LedgerError> {
        Self::with_room_for(WAITING_MAX, ledger)
    }

    /// The same with another queue.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_room_for(waiting_max: usize, ledger: &Ledger) -> Result<Self, LedgerError> {
        let ledger = ledger.beside(1)?;
        let notebook = Notebook::over(ledger, "readings", waiting_max, record_readings);
        Ok(Self {
            notebook: Some(notebook),
        })
    }

    /// Writes nothing down: where there is no ledger.
    #[cfg(test)]
    pub(crate) const fn none() -> Self {
        Self { notebook: None }
    }

    /// How many lines are not written yet.
    pub(crate) fn waiting(&self) -> usize {
        self.notebook.as_ref().map_or(0, Notebook::waiting)
    }

    /// How many lines the ledger did not take.
    pub(crate) fn lost(&self) -> u64 {
        self.notebook.as_ref().map_or(0, Notebook::lost)
    }

    /// Writes what is left and takes no more.
    pub fn close(&self) {
        if let Some(notebook) = &self.notebook {
            notebook.close();
        }
    }

    /// Takes a line for each of the learners whom an answer shows, before it goes out.
    pub(crate) async fn note_all<A: Action>(
        &self,
        permit: &Permit<A>,
        shown: impl IntoIterator<Item = LearnerNo>,
        what: ReadKind,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        let each: BTreeSet<LearnerNo> = shown.into_iter().collect();
        for learner in each {
            let why = (what, permit.purpose);
            self.note(Reading::of(&permit.grant, learner, why, now))
                .await?;
        }
        Ok(())
    }

    /// Takes a line, before the answer goes out.
    pub(crate) async fn note(&self, reading: Option<Reading>) -> Result<(), ApiError> {
        let (Some(reading), Some(notebook)) = (reading, &self.notebook) else {
            return Ok(());
        };
        let noted = notebook.note(reading, WAIT_MAX).await;
        noted.map_err(|Full| ApiError::Overloaded {
            retry_after_seconds: 1,
        })
    }
}
