//! The end of a job that somebody asks for.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportJobId;
use creditbank_domain::import_job::ImportJobState;

use crate::error::LedgerError;
use crate::flows::import_jobs::note;
use crate::flows::import_turns::end_cancelled;
use crate::reads::ImportJobView;
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{import_job_turns, import_jobs, parsed};

/// Asks for the end of a job, once for an idempotency key. One that waits ends at once; one that is
/// worked at ends after the lines in hand. What was posted stays posted.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where the job has ended otherwise.
pub fn cancel_import_job_once(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    job: ImportJobId,
    request: &Once<'_, ImportJobView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        cancel(tx, grant, job, now)
    })
}

/// As [`cancel_import_job_once`], for the command line.
///
/// # Errors
/// As there.
pub fn cancel_import_job(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    job: ImportJobId,
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    ledger.write(grant, |tx| cancel(tx, grant, job, now))
}

/// As [`cancel_import_job`], inside a transaction, by whatever right the file was handed in.
pub(super) fn cancel<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    job: ImportJobId,
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    let row = import_jobs::lock(tx, job, Some(institution))?;
    let state: ImportJobState = parsed(&row.state, "import_jobs.state")?;
    match state {
        ImportJobState::Cancelled => return ImportJobView::of(row, tx.keys()),
        ImportJobState::Finished | ImportJobState::Failed | ImportJobState::Declined => {
            return Err(LedgerError::Conflict(over()));
        }
        ImportJobState::Receiving
        | ImportJobState::Queued
        | ImportJobState::AwaitingAnswers
        | ImportJobState::AwaitingApproval => {}
    }
    import_job_turns::ask_cancel(tx, job, now)?;
    if row.worker.is_none() {
        end_cancelled(tx, &row, now)?;
        import_job_turns::set_due(tx, job, None)?;
    }
    note(tx, grant, job, "cancelled", now)?;
    let row = import_jobs::find(tx.conn(), job, Some(institution))?;
    ImportJobView::of(row, tx.keys())
}

fn over() -> Fault {
    Fault::new(
        "IMPORT_JOB_OVER",
        "该任务已结束,无法取消",
        "the job has ended and cannot be cancelled",
    )
}
