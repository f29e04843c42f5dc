//! Imports and what became of their lines.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::ids::ImportId;
use serde::Deserialize;

use crate::error::LedgerError;
use crate::flows::{ImportMode, LineStatus};
use crate::identity::IdentityKeys;
use crate::store::Ledger;
use crate::tables::imports::{self as table, ImportRow};
use crate::tables::{count, import_lines, import_names, parsed};

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Under way, or killed and to be resumed.
    Running,
    /// All lines are done.
    Finished,
    /// The file as a whole cannot be read.
    Failed,
}

impl ImportState {
    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for ImportState {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Running, Self::Finished, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(LedgerError::Corrupt("imports.state"))
    }
}

/// A coded reason as it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoredFault {
    /// Stable, upper snake case.
    pub code: String,
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// An import and its counts: read = posted + already posted + rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportView {
    /// The import.
    pub import_id: ImportId,
    /// As the institution calls it; empty once the name went with the bytes.
    pub file_name: String,
    /// Whether it posts.
    pub mode: ImportMode,
    /// Where it stands.
    pub state: ImportState,
    /// Lines that were done.
    pub read: u64,
    /// Of them: became outcomes.
    pub posted: u64,
    /// Of them: were there already.
    pub already_posted: u64,
    /// Of them: sent back with a reason.
    pub rejected: u64,
    /// Learners that were not known before.
    pub accounts_opened: u64,
    /// Why the file as a whole cannot be read.
    pub failure: Option<StoredFault>,
    /// When it was opened.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl ImportView {
    pub(crate) fn of(row: &ImportRow, keys: &IdentityKeys) -> Result<Self, LedgerError> {
        let posted = count(row.posted, "imports.posted")?;
        let already_posted = count(row.already_posted, "imports.already_posted")?;
        let rejected = count(row.rejected, "imports.rejected")?;
        let corrupt = LedgerError::Corrupt("imports.read");
        let read = posted
            .checked_add(already_posted)
            .and_then(|sum| sum.checked_add(rejected));
        let failure = row.failure.clone().map(serde_json::from_value).transpose();
        Ok(Self {
            import_id: ImportId::from_uuid(row.import_id),
            file_name: import_names::open(
                keys,
                row.import_id,
                row.sealed_name.as_deref(),
                &row.file_name,
            )?,
            mode: parsed(&row.mode, "imports.mode")?,
            state: parsed(&row.state, "imports.state")?,
            read: read.ok_or(corrupt)?,
            posted,
            already_posted,
            rejected,
            accounts_opened: count(row.accounts_opened, "imports.accounts_opened")?,
            failure: failure.map_err(|_| LedgerError::Corrupt("imports.failure"))?,
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
}

/// What became of a line that was not plainly posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLineResult {
    /// The line in the institution's own file.
    pub line_no: u64,
    /// What became of it.
    pub status: LineStatus,
    /// Why it was rejected, or why it earned nothing.
    pub faults: Vec<StoredFault>,
}

/// One import of the institution.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn import(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import_id: ImportId,
) -> Result<ImportView, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        ImportView::of(&table::find(conn, institution, import_id)?, ledger.keys())
    })
}

/// The lines behind `after_line` that are not plainly posted, in their order.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn import_line_results(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import_id: ImportId,
    after_line: u64,
    limit: u32,
) -> Result<Vec<StoredLineResult>, LedgerError> {
    let institution = grant.institution()?;
    let after = i64::try_from(after_line).map_err(|_| LedgerError::NotFound)?;
    ledger.read(grant, |conn| {
        table::find(conn, institution, import_id)?;
        import_lines::list_after(conn, import_id, after, i64::from(limit))?
            .into_iter()
            .map(|row| {
                Ok(StoredLineResult {
                    line_no: count(row.line_no, "import_lines.line_no")?,
                    status: parsed(&row.status, "import_lines.status")?,
                    faults: serde_json::from_value(row.faults)
                        .map_err(|_| LedgerError::Corrupt("import_lines.faults"))?,
                })
            })
            .collect()
    })
}
