//! Turns at jobs: take one under a lease, say how far it has come, end it.
//!
//! Institutions take turns (`sql/claim_import_job.sql`). A worker that dies loses its lease, and
//! the next one goes on behind the last line that was done. One that lost its lease and does not
//! know it yet is stopped by the import's cursor.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepRegister, RunImport};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportFileId, ImportId, ImportJobId, InstitutionId};
use creditbank_domain::import_job::{ImportJobState, LinesTogether, QuestionsWanted};
use creditbank_domain::outcome::LearnerRef;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::answer_import::ask;
use crate::flows::learner_beside;
use crate::flows::open_import::{ImportMode, fault_json};
use crate::new_id::new_id;
use crate::reads::{MappingVersion, StoredFile, stored_file};
use crate::store::{Ledger, Tx};
use crate::tables::import_job_turns::Standing;
use crate::tables::import_jobs::{self, JobRow};
use crate::tables::{count, import_files, import_job_turns, import_questions, imports, parsed};

/// A job that somebody works at.
#[derive(Debug, Clone)]
pub struct JobTurn {
    /// The job.
    pub job_id: ImportJobId,
    /// Proves whose turn it is.
    pub worker: Uuid,
    /// For whom.
    pub institution_id: InstitutionId,
    /// Its file.
    pub file: StoredFile,
    /// As the institution calls it.
    pub file_name: String,
    /// Whether it posts now: what a second person is to see is tried first.
    pub mode: ImportMode,
    /// How its lines stand together.
    pub lines: LinesTogether,
    /// The import that it works at, once there is one.
    pub import_id: Option<ImportId>,
    /// How its columns are to be read.
    pub mapping: Option<serde_json::Value>,
    /// Whose transcript it is, where no column says so.
    pub learner: Option<LearnerRef>,
    /// What it asks where nobody has said it.
    pub questions: QuestionsWanted,
    /// What the last answer to it made.
    pub answered: Option<(MappingVersion, serde_json::Value)>,
    /// The dry run that was approved: the lines are read as they were there.
    pub trial: Option<ImportId>,
    /// How often in a row it could not be worked at.
    pub tries: u16,
    /// How long it was worked at before.
    pub worked_millis: u64,
}

/// What is left of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    /// All of it.
    GoOn,
    /// Another institution waits: go on for a while at most.
    OthersWait,
    /// Somebody asked for the job's end.
    Cancel,
    /// Somebody else has the turn: stop at once.
    Lost,
}

impl From<Option<Standing>> for Bearing {
    fn from(standing: Option<Standing>) -> Self {
        match standing {
            None => Self::Lost,
            Some(standing) if standing.cancel_asked => Self::Cancel,
            Some(standing) if standing.others_wait => Self::OthersWait,
            Some(_) => Self::GoOn,
        }
    }
}

/// Whether a turn's import may be worked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It is this job's.
    Ours,
    /// Somebody else has the turn.
    Lost,
    /// Another job works at the same import: the same bytes, handed in twice.
    Elsewhere,
}

/// How a turn ends.
#[derive(Debug, Clone)]
pub enum TurnEnd {
    /// Every line has its answer.
    Finished,
    /// The file as a whole was refused.
    Failed(Fault),
    /// As somebody asked.
    Cancelled,
    /// Nobody has said what its file's layout means.
    Asks {
        /// The name under which the answer is kept.
        layout: String,
        /// What it asks, with samples out of the file.
        questions: serde_json::Value,
        /// Digest of the file, which was read once now.
        sha256: [u8; 32],
    },
    /// Others go first.
    Yielded,
    /// Others are at it: again, after a while.
    Waits(TimeDelta),
    /// Something did not answer: again, after a while, and not for ever.
    TryAgain(TimeDelta),
}

/// Takes the job whose turn it is, if there is one.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn take_import_turn(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    lease: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<JobTurn>, LedgerError> {
    ledger.write(grant, |tx| {
        let worker = new_id();
        let Some(job) = import_job_turns::claim(tx, worker, lease, now)? else {
            return Ok(None);
        };
        let row = import_jobs::find(tx.conn(), job, None)?;
        let mut lines = 0;
        if let Some(import) = row.present_import() {
            let institution = InstitutionId::from_uuid(row.institution_id);
            let import = imports::find(tx.conn(), institution, ImportId::from_uuid(import))?;
            let counts = [import.posted, import.already_posted, import.rejected];
            lines = counts.into_iter().fold(0, i64::saturating_add);
        }
        import_job_turns::begin(tx, (job, worker), lines)?;
        turn(tx, row, (worker, bank_day(now))).map(Some)
    })
}

fn turn(
    tx: &mut Tx<'_>,
    row: JobRow,
    (worker, today): (Uuid, NaiveDate),
) -> Result<JobTurn, LedgerError> {
    let keys = tx.keys();
    let answered = import_questions::answered(tx.conn(), ImportJobId::from_uuid(row.job_id))?;
    let answered = answered.map(|said| {
        let kept = MappingVersion::new(said.name, said.version)?;
        Ok::<_, LedgerError>((kept, said.mapping))
    });
    Ok(JobTurn {
        file_name: row.file_name(keys)?,
        questions: parsed(&row.questions, "import_jobs.questions")?,
        answered: answered.transpose()?,
        learner: learner_beside::of_job(tx, ImportJobId::from_uuid(row.job_id), today)?,
        trial: row
            .trial_import_id
            .filter(|_| !row.is_on_trial())
            .map(ImportId::from_uuid),
        job_id: ImportJobId::from_uuid(row.job_id),
        worker,
        institution_id: InstitutionId::from_uuid(row.institution_id),
        file: stored_file(tx.conn(), keys, ImportFileId::from_uuid(row.file_id))?,
        mode: if row.is_on_trial() {
            ImportMode::DryRun
        } else {
            parsed(&row.mode, "import_jobs.mode")?
        },
        lines: parsed(&row.lines, "import_jobs.lines")?,
        import_id: row.present_import().map(ImportId::from_uuid),
        mapping: row.mapping,
        tries: u16::try_from(row.tries)
            .map_err(|_| LedgerError::Corrupt("import_job_turns.tries"))?,
        worked_millis: count(row.worked_millis, "import_job_turns.worked_millis")?,
    })
}

/// Renews the lease of a turn.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn renew_import_turn(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    turn: (ImportJobId, Uuid),
    lease: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Bearing, LedgerError> {
    ledger.write(grant, |tx| {
        Ok(import_job_turns::renew(tx, turn, lease, now)?.into())
    })
}

/// Says how far a job has come in a turn, and renews its lease.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn tell_import_progress(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    turn: (ImportJobId, Uuid),
    lease: TimeDelta,
    (bytes_read, lines_done): (u64, u64),
    now: DateTime<Utc>,
) -> Result<Bearing, LedgerError> {
    let amounts = (signed(bytes_read), signed(lines_done));
    ledger.write(grant, |tx| {
        Ok(import_job_turns::tell(tx, turn, lease, amounts, now)?.into())
    })
}

/// Names the import that a job works at, and the digest of its file.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn begin_import_turn(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    turn: (ImportJobId, Uuid),
    sha256: &[u8; 32],
    import: ImportId,
    now: DateTime<Utc>,
) -> Result<Begun, LedgerError> {
    let institution = grant.institution()?;
    ledger.write(grant, |tx| {
        let row = import_jobs::lock(tx, turn.0, Some(institution))?;
        if row.worker != Some(turn.1) {
            return Ok(Begun::Lost);
        }
        import_files::complete(tx, ImportFileId::from_uuid(row.file_id), sha256, now)?;
        if import_jobs::is_worked_elsewhere(tx.conn(), import, turn.0)? {
            return Ok(Begun::Elsewhere);
        }
        import_jobs::set_import(tx, turn.0, import, row.is_on_trial())?;
        Ok(Begun::Ours)
    })
}

/// Ends a turn; nothing where it was lost. A job that waits for somebody then does so for as long
/// as `waits` at most.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn end_import_turn(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    turn: (ImportJobId, Uuid),
    (end, waits): (&TurnEnd, TimeDelta),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let institution = grant.institution()?;
    ledger.write(grant, |tx| {
        let row = import_jobs::lock(tx, turn.0, Some(institution))?;
        if row.worker != Some(turn.1) {
            return Ok(());
        }
        let release = |tx: &mut Tx<'_>, due_at, failed_try| {
            import_job_turns::release(tx, turn, due_at, failed_try, now).map(drop)
        };
        let over = |tx: &mut Tx<'_>, state, failure: Option<&serde_json::Value>| {
            import_jobs::set_state(tx, turn.0, state, failure, now)?;
            release(tx, None, false)
        };
        match end {
            TurnEnd::Finished if row.is_on_trial() => {
                over(tx, ImportJobState::AwaitingApproval, None)?;
                import_job_turns::wait(tx, turn.0, now + waits)
            }
            TurnEnd::Finished => over(tx, ImportJobState::Finished, None),
            TurnEnd::Failed(fault) => {
                let why = fail_running(tx, &row, fault, now)?;
                over(tx, ImportJobState::Failed, Some(&why))
            }
            TurnEnd::Cancelled => {
                end_cancelled(tx, &row, now)?;
                release(tx, None, false)
            }
            TurnEnd::Asks {
                layout,
                questions,
                sha256,
            } => {
                let file = ImportFileId::from_uuid(row.file_id);
                import_files::complete(tx, file, sha256, now)?;
                ask(tx, turn.0, (layout, questions), now)?;
                release(tx, None, false)?;
                import_job_turns::wait(tx, turn.0, now + waits)
            }
            TurnEnd::Yielded => release(tx, Some(now), false),
            TurnEnd::Waits(after) => release(tx, Some(now + *after), false),
            TurnEnd::TryAgain(after) => release(tx, Some(now + *after), true),
        }
    })
}

/// Ends a job that somebody asked to end, and its import where that has begun.
pub(super) fn end_cancelled(
    tx: &mut Tx<'_>,
    row: &JobRow,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    fail_running(tx, row, &cancelled(), now)?;
    let job = ImportJobId::from_uuid(row.job_id);
    import_questions::forget(tx, job)?;
    import_jobs::set_state(tx, job, ImportJobState::Cancelled, None, now)
}

/// The import of a job that ends without it ends too: else it would be under way for ever. One that
/// has failed by itself says why.
fn fail_running(
    tx: &mut Tx<'_>,
    row: &JobRow,
    fault: &Fault,
    now: DateTime<Utc>,
) -> Result<serde_json::Value, LedgerError> {
    let why = fault_json(fault);
    let Some(import) = row.present_import().map(ImportId::from_uuid) else {
        return Ok(why);
    };
    let institution = InstitutionId::from_uuid(row.institution_id);
    imports::lock(tx, institution, import)?;
    imports::finish(tx, import, "failed", Some(&why), now)?;
    let ended = imports::find(tx.conn(), institution, import)?;
    Ok(ended.failure.unwrap_or(why))
}

fn cancelled() -> Fault {
    Fault::new(
        "IMPORT_CANCELLED",
        "导入已按要求取消;此前已入账的行保持不变,重新提交该文件即可继续",
        "the import was cancelled as asked; lines posted before stay posted, and handing the file \
         in again goes on",
    )
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Cancels jobs whose files were announced before `before` and have not arrived.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn abandon_uploads(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    let jobs = ledger.read(grant, |conn| import_jobs::list_abandoned(conn, before, 100))?;
    for job in &jobs {
        ledger.write(grant, |tx| {
            let row = import_jobs::lock(tx, *job, None)?;
            if row.state == ImportJobState::Receiving.as_str() {
                end_cancelled(tx, &row, now)?;
            }
            Ok(())
        })?;
    }
    Ok(jobs.len())
}

/// Says that the bytes of a file were removed: its key goes too. The row stays.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn purge_import_file(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    file: ImportFileId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| import_files::purge(tx, file, now))
}
