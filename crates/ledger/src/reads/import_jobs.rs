//! Jobs, and the files that they are about.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister, ReadImport};
use creditbank_domain::ids::{ImportFileId, ImportId, ImportJobId, InstitutionId};
use creditbank_domain::import_job::{
    ApprovalVerdict, ImportJobState, LinesTogether, Pace, QuestionsWanted,
};
use diesel::PgConnection;

use crate::error::LedgerError;
use crate::flows::{FileKey, ImportMode};
use crate::identity::IdentityKeys;
use crate::reads::StoredFault;
use crate::store::Ledger;
use crate::tables::import_jobs::{self as table, JobRow};
use crate::tables::{count, import_files, import_settings, parsed};

/// A job and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportJobView {
    /// The job.
    pub job_id: ImportJobId,
    /// As the institution calls its file; empty once the name went with the bytes.
    pub file_name: String,
    /// Whether it posts.
    pub mode: ImportMode,
    /// How its lines stand together.
    pub lines: LinesTogether,
    /// What it asks where nobody has said it.
    pub questions: QuestionsWanted,
    /// Whether the learner was said beside its file.
    pub learner_beside: bool,
    /// Whether a second person has to approve it.
    pub approval_needed: bool,
    /// What the second person said.
    pub verdict: Option<ApprovalVerdict>,
    /// The dry run that they are shown.
    pub trial_import_id: Option<ImportId>,
    /// Where it stands.
    pub state: ImportJobState,
    /// Whether somebody works at it now.
    pub under_way: bool,
    /// Whether somebody asked for its end.
    pub cancel_asked: bool,
    /// Whether an earlier job was answered instead of a new one.
    pub recognised: bool,
    /// How large its file is.
    pub byte_count: u64,
    /// How much of it is here.
    pub received: u64,
    /// Digest of its file, as far as it is known.
    pub sha256: Option<[u8; 32]>,
    /// Whether the bytes were removed after their time.
    pub purged: bool,
    /// The import that it works at.
    pub import_id: Option<ImportId>,
    /// How far it has come.
    pub pace: Pace,
    /// Why it failed.
    pub failure: Option<StoredFault>,
    /// Until when it waits for answers or for a second person; then it ends.
    pub waits_until: Option<DateTime<Utc>>,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl ImportJobView {
    pub(crate) fn of(row: JobRow, keys: &IdentityKeys) -> Result<Self, LedgerError> {
        let file_name = row.file_name(keys)?;
        let turns = |number| count(number, "import_job_turns");
        let byte_count = count(row.byte_count, "import_files.byte_count")?;
        let spent = row
            .told_at
            .zip(row.turn_began_at)
            .map(|(to, from)| to - from);
        let spent = spent.map_or(0, |spent| spent.num_milliseconds());
        let failure = row.failure.map(serde_json::from_value).transpose();
        let sha256 = row.sha256.map(TryInto::try_into).transpose();
        let verdict = row.verdict.as_deref();
        let verdict = verdict.map(|word| parsed(word, "import_approvals.verdict"));
        Ok(Self {
            job_id: ImportJobId::from_uuid(row.job_id),
            file_name,
            mode: parsed(&row.mode, "import_jobs.mode")?,
            lines: parsed(&row.lines, "import_jobs.lines")?,
            questions: parsed(&row.questions, "import_jobs.questions")?,
            learner_beside: row.learner_beside,
            approval_needed: row.approval_needed,
            verdict: verdict.transpose()?,
            trial_import_id: row.trial_import_id.map(ImportId::from_uuid),
            state: parsed(&row.state, "import_jobs.state")?,
            under_way: row.worker.is_some(),
            cancel_asked: row.cancel_asked,
            recognised: false,
            byte_count,
            received: count(row.received, "import_files.received")?,
            sha256: sha256.map_err(|_| LedgerError::Corrupt("import_files.sha256"))?,
            purged: row.purged,
            import_id: row.import_id.map(ImportId::from_uuid),
            pace: Pace {
                byte_count,
                bytes_read: turns(row.bytes_read)?,
                lines_read: turns(row.lines_read)?,
                turn_lines: turns(row.lines_read.saturating_sub(row.turn_lines).max(0))?,
                turn_millis: u64::try_from(spent).unwrap_or_default(),
            },
            failure: failure.map_err(|_| LedgerError::Corrupt("import_jobs.failure"))?,
            waits_until: row.waits_until,
            created_at: row.created_at,
            ended_at: row.ended_at,
        })
    }
}

/// What an institution wants of its imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportSettingsView {
    /// Whether a second person has to approve what is posted.
    pub approval_required: bool,
}

/// What the institution wants of its imports.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn import_settings(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
) -> Result<ImportSettingsView, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let approval_required = import_settings::approval_required(conn, institution)?;
        Ok(ImportSettingsView { approval_required })
    })
}

/// A file and where its bytes are.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// To which its seal holds.
    pub file_id: ImportFileId,
    /// What seals it.
    pub key: FileKey,
    /// Its parts: where each begins, and the name under which it is stored.
    pub parts: Vec<(u64, String)>,
    /// Its size.
    pub byte_count: u64,
    /// Its digest, as announced or computed.
    pub sha256: Option<[u8; 32]>,
}

/// A file with its key opened; not found where it was purged.
pub(crate) fn stored_file(
    conn: &mut PgConnection,
    keys: &IdentityKeys,
    file: ImportFileId,
) -> Result<StoredFile, LedgerError> {
    let row = import_files::find(conn, file)?;
    let sealed = row.sealed_key.ok_or(LedgerError::NotFound)?;
    let key = keys.open_of(file.as_uuid().as_bytes(), &sealed)?;
    let key = key
        .try_into()
        .map_err(|_| LedgerError::Corrupt("import_files.sealed_key"))?;
    let sha256 = row.sha256.map(TryInto::try_into).transpose();
    let parts = import_files::parts(conn, file)?.into_iter();
    Ok(StoredFile {
        file_id: file,
        key: FileKey(key),
        parts: parts
            .map(|(at, blob)| Ok((count(at, "import_file_parts.starts_at")?, blob)))
            .collect::<Result<_, LedgerError>>()?,
        byte_count: count(row.byte_count, "import_files.byte_count")?,
        sha256: sha256.map_err(|_| LedgerError::Corrupt("import_files.sha256"))?,
    })
}

/// One job of the institution.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn import_job(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    job: ImportJobId,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let row = table::find(conn, job, Some(institution))?;
        ImportJobView::of(row, ledger.keys())
    })
}

/// The institution's jobs before `before`, newest first.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn import_jobs(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    before: Option<ImportJobId>,
    limit: u32,
) -> Result<Vec<ImportJobView>, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let rows = table::list(conn, institution, before, limit)?;
        let view = |row| ImportJobView::of(row, ledger.keys());
        rows.into_iter().map(view).collect()
    })
}

/// The newest job that works, or worked, at an import.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn job_of_import(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: ImportId,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let row = table::find_of_import(conn, institution, import)?;
        ImportJobView::of(row.ok_or(LedgerError::NotFound)?, ledger.keys())
    })
}

/// The file of the job that worked at an import, and how it was read.
///
/// # Errors
/// [`LedgerError::NotFound`] where no job did, or the file was removed after its time.
pub fn file_of_import(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: ImportId,
) -> Result<(StoredFile, Option<serde_json::Value>), LedgerError> {
    let institution: InstitutionId = grant.institution()?;
    ledger.read(grant, |conn| {
        let row = table::find_of_import(conn, institution, import)?;
        let row = row.ok_or(LedgerError::NotFound)?;
        let file = ImportFileId::from_uuid(row.file_id);
        Ok((stored_file(conn, ledger.keys(), file)?, row.mapping))
    })
}

/// Those of some names under which sealed bytes are kept that no row needs.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn needless_import_blobs(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    kept: &[(ImportFileId, String)],
) -> Result<Vec<String>, LedgerError> {
    ledger.read(grant, |conn| import_files::list_needless(conn, kept))
}

/// Files that nobody needs: whose jobs all ended before `before`, or which never became whole.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn outdated_import_files(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    before: DateTime<Utc>,
) -> Result<Vec<ImportFileId>, LedgerError> {
    ledger.read(grant, |conn| {
        let files = import_files::list_outdated(conn, before, 100)?;
        Ok(files.into_iter().map(ImportFileId::from_uuid).collect())
    })
}
