//! Jobs that waited for somebody to the end of their time.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportJobId;
use creditbank_domain::import_job::ImportJobState;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::open_import::fault_json;
use crate::store::{Ledger, Tx};
use crate::tables::{audit_events, import_job_turns, import_jobs, import_questions, parsed};

/// How many are ended at once.
const AT_ONCE: u32 = 100;

/// Ends jobs that nobody answered or approved in time. Whoever answers or approves at that very
/// moment and is first is heard: the job's row is locked by one of the two.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn end_overdue_waits(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    let overdue = ledger.read(grant, |conn| {
        import_job_turns::list_overdue(conn, now, AT_ONCE)
    })?;
    let mut ended = 0_usize;
    for job in overdue {
        let done = ledger.write(grant, |tx| end_overdue(tx, grant, job, now))?;
        ended = ended.saturating_add(usize::from(done));
    }
    Ok(ended)
}

fn end_overdue(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepRegister>,
    job: ImportJobId,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let row = import_jobs::lock(tx, job, None)?;
    if row.waits_until.is_none_or(|until| until > now) {
        return Ok(false);
    }
    let state: ImportJobState = parsed(&row.state, "import_jobs.state")?;
    let why = match state {
        ImportJobState::AwaitingAnswers => unanswered(),
        ImportJobState::AwaitingApproval => unapproved(),
        ImportJobState::Receiving
        | ImportJobState::Queued
        | ImportJobState::Finished
        | ImportJobState::Failed
        | ImportJobState::Cancelled
        | ImportJobState::Declined => return Ok(false),
    };
    import_questions::forget(tx, job)?;
    let failure = fault_json(&why);
    import_jobs::set_state(tx, job, ImportJobState::Failed, Some(&failure), now)?;
    import_job_turns::set_due(tx, job, None)?;
    let figures = json!({ "step": "wait_ended", "code": why.code });
    let subject = ("import_job", Some(job.as_uuid()));
    audit_events::insert(tx, grant, subject, &figures, now)?;
    Ok(true)
}

fn unanswered() -> Fault {
    Fault::new(
        "IMPORT_UNANSWERED",
        "逾期无人答复该任务的问题,任务已结束,未入账任何一行;请重新提交该文件并答复",
        "nobody answered what the job asked in time, so it has ended and posted no line; hand the \
         file in again and answer it",
    )
}

fn unapproved() -> Fault {
    Fault::new(
        "IMPORT_UNAPPROVED",
        "逾期无人审核该任务,任务已结束,未入账任何一行;请重新提交该文件并请他人审核",
        "nobody approved the job in time, so it has ended and posted no line; hand the file in \
         again and have another person approve it",
    )
}
