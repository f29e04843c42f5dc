//! Jobs with files: hand one in, add a part of its file, ask for its end.
//!
//! The bytes are sealed and stored by whoever calls, outside the database and before they are
//! noted here: a part that is noted is there, and one that was stored and not noted is sent again.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportFileId, ImportId, ImportJobId, InstitutionId};
use creditbank_domain::import_job::{ImportJobState, LinesTogether, QuestionsWanted};
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::bounded;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::import_quota::make_room;
use crate::flows::learner_beside;
use crate::flows::open_import::{
    ImportMode, NewImport, open_in, refuse_unapproved, refuse_unless_active,
};
use crate::new_id::new_id;
use crate::reads::ImportJobView;
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::import_files::{self, NewFile};
use crate::tables::import_jobs::{self, JobRow, NewJobRow, SameReading};
use crate::tables::{audit_events, import_settings, institutions};

/// How many jobs of an institution may wait or be under way.
const OPEN_MAX: i64 = 100;

/// The largest file.
pub const IMPORT_BYTES_MAX: u64 = 2 << 30;

/// What is to be done with a file that is still to come, or is here already.
#[derive(Debug, Clone)]
pub struct NewImportJob {
    /// As the institution calls it.
    pub file_name: String,
    /// Its size.
    pub byte_count: u64,
    /// Its digest, where the client knows it: the same file is recognised by it.
    pub sha256: Option<[u8; 32]>,
    /// Whether it posts.
    pub mode: ImportMode,
    /// How its columns are to be read.
    pub mapping: Option<serde_json::Value>,
    /// Whose transcript it is, where no column says so.
    pub learner: Option<LearnerRef>,
    /// How its lines stand together.
    pub lines: LinesTogether,
    /// What it asks where nobody has said it.
    pub questions: QuestionsWanted,
    /// Whether it is to be done although it was done before.
    pub again: bool,
}

/// The key of a file's bytes.
#[derive(Clone, Copy)]
pub struct FileKey(pub(crate) [u8; 32]);

impl FileKey {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// For whoever seals or opens the bytes.
    #[must_use]
    pub const fn reveal(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(…)")
    }
}

/// A whole file that is stored already, sealed, as one part.
#[derive(Debug, Clone)]
pub struct KeptFile {
    /// To which its seal holds.
    pub file_id: ImportFileId,
    /// What seals it.
    pub key: FileKey,
    /// Under which name it is stored.
    pub blob: String,
    /// Digest of its bytes.
    pub sha256: [u8; 32],
    /// Its size.
    pub byte_count: u64,
}

impl KeptFile {
    /// A name for a file that is to be stored.
    #[must_use]
    pub fn new_id() -> ImportFileId {
        ImportFileId::from_uuid(new_id())
    }
}

/// Hands a job in, once for an idempotency key. The same file to be read the same way is the same
/// job, unless that failed, was cancelled or is to be done again; a file whose bytes are here needs
/// no sending.
///
/// # Errors
/// [`LedgerError::Refused`] for an institution that is not in good standing or a file beyond the
/// limits, [`LedgerError::Conflict`] where it has too many jobs open, [`LedgerError::NoRoom`] where its
/// files come to too much.
pub fn open_import_job_once(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    new: &NewImportJob,
    request: &Once<'_, ImportJobView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let most = ledger.import_bytes_kept_max();
    once(ledger, grant, request, now, |tx| {
        open(tx, grant, (new, most), now)
    })
}

/// As [`open_import_job_once`], for the command line.
///
/// # Errors
/// As there.
pub fn open_import_job(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    new: &NewImportJob,
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let most = ledger.import_bytes_kept_max();
    ledger.write(grant, |tx| open(tx, grant, (new, most), now))
}

fn open(
    tx: &mut Tx<'_>,
    grant: &Grant<RunImport>,
    (new, most): (&NewImportJob, u64),
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    check(tx, institution, (new, most))?;
    let mut here = None;
    if let Some(sha256) = &new.sha256 {
        let reading = SameReading {
            mode: new.mode.as_str(),
            lines: new.lines,
            mapping: new.mapping.as_ref(),
            learner: learner_beside::digest(tx.keys(), institution, new.learner.as_ref()),
        };
        let same = import_jobs::find_same(tx.conn(), institution, sha256, &reading)?;
        let open = |row: &JobRow| row.ended_at.is_none();
        if let Some(row) = same.filter(|row| !new.again || open(row)) {
            let view = ImportJobView::of(row, tx.keys())?;
            return Ok(ImportJobView {
                recognised: true,
                ..view
            });
        }
        here = import_files::find_whole(tx.conn(), institution, sha256)?;
    }
    refuse_too_many(tx, institution)?;
    let byte_count = signed(new.byte_count)?;
    let (file_id, state) = match here.filter(|file| file.byte_count == byte_count) {
        Some(file) => (
            ImportFileId::from_uuid(file.file_id),
            ImportJobState::Queued,
        ),
        None => {
            make_room(tx, institution, (new.byte_count, most))?;
            let file_id = ImportFileId::from_uuid(new_id());
            let file = NewFile {
                file_id,
                institution,
                byte_count,
                sha256: new.sha256.as_ref(),
                sealed_key: sealed(tx, file_id, FileKey::generate())?,
            };
            import_files::insert(tx, &file, now)?;
            (file_id, ImportJobState::Receiving)
        }
    };
    hand_in(tx, grant, new, (file_id, state), now)
}

/// Writes a job down whose file is here or is to come.
fn hand_in(
    tx: &mut Tx<'_>,
    grant: &Grant<RunImport>,
    new: &NewImportJob,
    (file_id, state): (ImportFileId, ImportJobState),
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    let row = NewJobRow {
        job_id: ImportJobId::from_uuid(new_id()),
        institution,
        file_id,
        file_name: &new.file_name,
        byte_count: signed(new.byte_count)?,
        mode: new.mode.as_str(),
        mapping: new.mapping.as_ref(),
        lines: new.lines,
        questions: new.questions,
        approval_needed: new.mode == ImportMode::Post
            && import_settings::approval_required(tx.conn(), institution)?,
        hand: grant.actor().hand().0,
        state,
        import_id: None,
    };
    import_jobs::insert(tx, &row, now)?;
    learner_beside::keep(tx, (row.job_id, institution), new.learner.as_ref())?;
    note(tx, grant, row.job_id, "opened", now)?;
    let row = import_jobs::find(tx.conn(), row.job_id, Some(institution))?;
    ImportJobView::of(row, tx.keys())
}

fn check(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    (new, most): (&NewImportJob, u64),
) -> Result<(), LedgerError> {
    let row = institutions::find(tx.conn(), institution)?.ok_or(LedgerError::NotFound)?;
    refuse_unless_active(&row.try_into()?)?;
    bounded("file name", &new.file_name, 255).map_err(|error| {
        let en = error.to_string();
        LedgerError::Refused(Fault::new("FILE_NAME", "文件名为空、过长或含控制字符", en))
    })?;
    let most = most.min(IMPORT_BYTES_MAX);
    if new.byte_count == 0 || new.byte_count > most {
        return Err(LedgerError::Refused(size_refused(most)));
    }
    Ok(())
}

/// What is said beside a whole file: it decides what its bytes mean.
#[derive(Debug, Clone, Copy, Default)]
pub struct SaidBeside<'a> {
    /// How its columns are to be read.
    pub mapping: Option<&'a serde_json::Value>,
    /// Whose transcript it is, where no column says so.
    pub learner: Option<&'a LearnerRef>,
}

/// Opens an import of a whole file that is stored, and the job that works at it; the unfinished
/// import of the same bytes, read in the same way, goes on. False where a job is at it already, and
/// this file is not needed.
///
/// # Errors
/// As [`open_import_job_once`].
pub fn submit_kept_file(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    new: &NewImport,
    said: &SaidBeside<'_>,
    kept: &KeptFile,
    now: DateTime<Utc>,
) -> Result<(ImportId, bool), LedgerError> {
    ledger.write(grant, |tx| {
        refuse_unapproved(tx, grant.institution()?, new)?;
        let kept = (kept, ledger.import_bytes_kept_max());
        submit(tx, grant, (new, said), kept, now)
    })
}

/// As [`submit_kept_file`], inside a transaction, by whatever right the file is handed in.
pub(super) fn submit<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    (new, said): (&NewImport, &SaidBeside<'_>),
    (kept, most): (&KeptFile, u64),
    now: DateTime<Utc>,
) -> Result<(ImportId, bool), LedgerError> {
    let institution = grant.institution()?;
    let opened = open_in(tx, grant, new, now)?;
    let worked = import_jobs::find_of_import(tx.conn(), institution, opened.import_id)?;
    if worked.is_some_and(|job| job.ended_at.is_none()) {
        return Ok((opened.import_id, false));
    }
    refuse_too_many(tx, institution)?;
    let byte_count = signed(kept.byte_count)?;
    keep_file(tx, institution, (kept, most), now)?;
    let row = NewJobRow {
        job_id: ImportJobId::from_uuid(new_id()),
        institution,
        file_id: kept.file_id,
        file_name: &new.file_name,
        byte_count,
        mode: new.mode.as_str(),
        mapping: said.mapping,
        lines: LinesTogether::Each,
        questions: QuestionsWanted::None,
        approval_needed: false,
        hand: grant.actor().hand().0,
        state: ImportJobState::Queued,
        import_id: Some(opened.import_id),
    };
    import_jobs::insert(tx, &row, now)?;
    learner_beside::keep(tx, (row.job_id, institution), said.learner)?;
    Ok((opened.import_id, true))
}

/// Hands in a job whose whole file is stored already.
///
/// # Errors
/// As [`open_import_job_once`].
pub fn keep_import_job(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    new: &NewImportJob,
    kept: &KeptFile,
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    ledger.write(grant, |tx| {
        check(tx, institution, (new, ledger.import_bytes_kept_max()))?;
        refuse_too_many(tx, institution)?;
        keep_file(tx, institution, (kept, ledger.import_bytes_kept_max()), now)?;
        hand_in(tx, grant, new, (kept.file_id, ImportJobState::Queued), now)
    })
}

fn keep_file(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    (kept, most): (&KeptFile, u64),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    make_room(tx, institution, (kept.byte_count, most))?;
    let byte_count = signed(kept.byte_count)?;
    let file = NewFile {
        file_id: kept.file_id,
        institution,
        byte_count,
        sha256: Some(&kept.sha256),
        sealed_key: sealed(tx, kept.file_id, kept.key)?,
    };
    import_files::insert(tx, &file, now)?;
    import_files::add_part(tx, kept.file_id, (0, byte_count), &kept.blob)?;
    import_files::complete(tx, kept.file_id, &kept.sha256, now)
}

pub(super) fn sealed(
    tx: &Tx<'_>,
    file: ImportFileId,
    key: FileKey,
) -> Result<Vec<u8>, LedgerError> {
    tx.keys().seal_to(file.as_uuid().as_bytes(), &key.0)
}

pub(super) fn note<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    job: ImportJobId,
    what: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let subject = ("import_job", Some(job.as_uuid()));
    audit_events::insert(tx, grant, subject, &json!({ "step": what }), now)
}

fn refuse_too_many(tx: &mut Tx<'_>, institution: InstitutionId) -> Result<(), LedgerError> {
    if import_jobs::count_open(tx.conn(), institution)? < OPEN_MAX {
        return Ok(());
    }
    Err(LedgerError::Conflict(Fault::new(
        "IMPORT_JOBS_TOO_MANY",
        format!("本机构已有 {OPEN_MAX} 个导入任务未结束,请等待或取消其中一些"),
        format!("{OPEN_MAX} jobs of this institution are open; wait for some or cancel them"),
    )))
}

pub(super) fn signed(number: u64) -> Result<i64, LedgerError> {
    i64::try_from(number).map_err(|_| LedgerError::Refused(size_refused(IMPORT_BYTES_MAX)))
}

fn size_refused(most: u64) -> Fault {
    Fault::new(
        "FILE_SIZE",
        format!("文件应为 1 至 {most} 字节,请拆分"),
        format!("a file has 1 to {most} bytes; split it"),
    )
}
