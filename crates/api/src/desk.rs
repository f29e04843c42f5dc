//! The import desk: what `api` needs of the importer, without knowing it.
//!
//! `api` must never depend on `import`; the binary injects an implementation.

use std::fmt;
use std::fs::File;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Denied, Grant, ReadImport, RequestConversion, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, ImportId, ImportJobId};
use creditbank_domain::outcome::LearnerRef;
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{CohortOrder, ImportMode};
use creditbank_ledger::reads::{CohortFileView, ImportJobView, ImportView};
use tempfile::TempPath;

/// A file that was handed in, already on this machine's disk.
#[derive(Debug)]
pub struct Upload {
    /// Where it is; removed when dropped, so the desk persists or copies it.
    pub path: TempPath,
    /// What the client calls it: one path component without control characters.
    pub file_name: String,
    /// How many bytes it has.
    pub byte_count: u64,
    /// Whether it is only tried or posted.
    pub mode: ImportMode,
    /// Which column is what, where the client says so.
    pub mapping: Option<serde_json::Value>,
    /// Whose transcript it is, where no column says so.
    pub learner: Option<LearnerRef>,
}

/// A part of a file that arrives in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its first byte in the file, counted from 0.
    pub starts_at: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The institution's own file with its three more columns.
#[derive(Debug)]
pub struct ResultFile {
    /// The open file, at its beginning.
    pub file: File,
    /// What the client should call it.
    pub file_name: String,
}

/// A result that was found and is still to be made, or opened: that takes as long as the file is large,
/// so nobody who waits for the ledger waits for it.
pub struct Making(Box<dyn FnOnce() -> Result<ResultFile, DeskError> + Send>);

impl Making {
    /// By `make`, which uses nothing that requests share.
    pub fn new(make: impl FnOnce() -> Result<ResultFile, DeskError> + Send + 'static) -> Self {
        Self(Box::new(make))
    }

    /// The file; blocks until it is there.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn make(self) -> Result<ResultFile, DeskError> {
        (self.0)()
    }
}

impl fmt::Debug for Making {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Making")
    }
}

/// Why the desk did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No such import, or somebody else's: 404.
    #[error("there is no such import")]
    NotFound,
    /// The grant does not cover it: 403 or 404.
    #[error("the grant does not cover this")]
    Denied(#[source] Denied),
    /// The import has no result yet: 409.
    #[error("the import is still running")]
    StillRunning,
    /// The file or the mapping cannot be taken: 422 with its code.
    #[error("refused: {0}")]
    Refused(Fault),
    /// Too many imports are queued: 503.
    #[error("too many imports are waiting")]
    Busy {
        /// When to come again.
        retry_after_seconds: u32,
    },
    /// The ledger did not answer.
    #[error("the ledger did not answer")]
    Ledger(#[source] LedgerError),
    /// The disk did not do its part: 500.
    #[error("the file could not be stored or read")]
    Storage(#[source] std::io::Error),
}

/// Takes files and gives results back. Every call blocks its thread: taking a whole file for as long
/// as that is large, the others not for long.
pub trait ImportDesk: Send + Sync {
    /// Stores the file, opens the import and queues the work; answers before the work is done.
    ///
    /// # Errors
    /// [`DeskError`].
    fn accept(
        &self,
        grant: &Grant<RunImport>,
        upload: Upload,
        now: DateTime<Utc>,
    ) -> Result<ImportView, DeskError>;

    /// Stores a part of a job's file; with the last one the job is queued.
    ///
    /// # Errors
    /// [`DeskError`]; a 409 where the part does not begin where the file goes on.
    fn receive(
        &self,
        grant: &Grant<RunImport>,
        job: ImportJobId,
        part: Part,
        now: DateTime<Utc>,
    ) -> Result<ImportJobView, DeskError>;

    /// The form in which a mapping is kept, where it could be applied to any file.
    ///
    /// # Errors
    /// The coded fault where it is none, or could not.
    fn check_mapping(&self, mapping: &serde_json::Value) -> Result<serde_json::Value, Fault>;

    /// Everything because of which it could not, each with the names of the members that lead to it.
    fn mapping_faults(&self, mapping: &serde_json::Value) -> Vec<(Vec<String>, Fault)>;

    /// Stores a file of requests and queues the work; answers before the work is done.
    ///
    /// # Errors
    /// [`DeskError`].
    fn ask(
        &self,
        grant: &Grant<RequestConversion>,
        upload: Upload,
        order: &CohortOrder,
        now: DateTime<Utc>,
    ) -> Result<CohortFileView, DeskError>;

    /// Finds the result of a file of requests that has ended.
    ///
    /// # Errors
    /// As [`ImportDesk::result_file`].
    fn cohort_result(
        &self,
        grant: &Grant<RequestConversion>,
        cohort_id: CohortId,
    ) -> Result<Making, DeskError>;

    /// Finds the result of an import that has ended.
    ///
    /// # Errors
    /// [`DeskError::StillRunning`] before its end, [`DeskError::NotFound`] for a foreign one.
    fn result_file(
        &self,
        grant: &Grant<ReadImport>,
        import_id: ImportId,
    ) -> Result<Making, DeskError>;
}
