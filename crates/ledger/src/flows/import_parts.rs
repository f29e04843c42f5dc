//! Parts of a job's file, as they arrive.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportFileId, ImportJobId};
use creditbank_domain::import_job::ImportJobState;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::import_jobs::signed;
use crate::reads::{ImportJobView, StoredFile, stored_file};
use crate::store::Ledger;
use crate::tables::import_jobs::{self, JobRow};
use crate::tables::{audit_events, import_files, import_job_turns};

/// The file whose parts a job waits for, to store the one that begins at `starts_at`.
///
/// # Errors
/// [`LedgerError::Conflict`] where the job waits for none, or for another one.
pub fn awaited_part(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    job: ImportJobId,
    (starts_at, byte_count): (u64, u64),
) -> Result<StoredFile, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let row = import_jobs::find(conn, job, Some(institution))?;
        refuse_unless_awaited(&row, (starts_at, byte_count))?;
        stored_file(conn, ledger.keys(), ImportFileId::from_uuid(row.file_id))
    })
}

/// Notes a part that is stored. With the last one the job is queued.
///
/// # Errors
/// As [`awaited_part`].
pub fn add_import_part(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    job: ImportJobId,
    ((starts_at, byte_count), blob): ((u64, u64), &str),
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    ledger.write(grant, |tx| {
        let row = import_jobs::lock(tx, job, Some(institution))?;
        refuse_unless_awaited(&row, (starts_at, byte_count))?;
        let file = ImportFileId::from_uuid(row.file_id);
        import_files::lock(tx, file)?;
        let range = (signed(starts_at)?, signed(byte_count)?);
        import_files::add_part(tx, file, range, blob)?;
        let subject = ("import_job", Some(job.as_uuid()));
        let figures = json!({ "step": "part", "from": range.0, "bytes": range.1 });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        if range.0.saturating_add(range.1) == row.byte_count {
            import_jobs::set_state(tx, job, ImportJobState::Queued, None, now)?;
            import_job_turns::set_due(tx, job, Some(now))?;
        }
        let row = import_jobs::find(tx.conn(), job, Some(institution))?;
        ImportJobView::of(row, tx.keys())
    })
}

fn refuse_unless_awaited(
    row: &JobRow,
    (starts_at, byte_count): (u64, u64),
) -> Result<(), LedgerError> {
    if row.state != ImportJobState::Receiving.as_str() {
        return Err(LedgerError::Conflict(nothing_awaited()));
    }
    if signed(starts_at)? != row.received {
        return Err(LedgerError::Conflict(other_offset(row.received)));
    }
    if byte_count == 0 || signed(starts_at.saturating_add(byte_count))? > row.byte_count {
        return Err(LedgerError::Refused(part_refused(row.byte_count)));
    }
    Ok(())
}

fn nothing_awaited() -> Fault {
    Fault::new(
        "UPLOAD_COMPLETE",
        "该任务的文件已收齐或任务已结束,无需再传",
        "the file of this job has arrived or the job has ended; send nothing more",
    )
}

fn other_offset(received: i64) -> Fault {
    Fault::new(
        "UPLOAD_OFFSET",
        format!("已收到 {received} 字节,请从该处继续"),
        format!("{received} bytes are here; go on from there"),
    )
}

fn part_refused(byte_count: i64) -> Fault {
    Fault::new(
        "UPLOAD_RANGE",
        format!("这一段为空,或超出登记的 {byte_count} 字节"),
        format!("the part is empty or reaches beyond the {byte_count} bytes that were announced"),
    )
}
