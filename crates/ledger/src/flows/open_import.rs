//! Beginning and end of an import, and how its columns are to be read.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportId, ImportJobId, InstitutionId};
use creditbank_domain::institution::{Institution, Standing};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::bounded;
use serde_json::json;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::reads::ImportView;
use crate::store::{Ledger, Tx};
use crate::tables::imports::{self, ImportRow};
use crate::tables::{audit_events, count, import_names, import_settings, institutions, parsed};

/// Whether an import changes the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// Says what would happen.
    DryRun,
    /// Posts.
    Post,
}

impl ImportMode {
    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DryRun => "dry_run",
            Self::Post => "post",
        }
    }
}

impl std::str::FromStr for ImportMode {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "dry_run" => Ok(Self::DryRun),
            "post" => Ok(Self::Post),
            _ => Err(LedgerError::Corrupt("imports.mode")),
        }
    }
}

/// A file that is handed in.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// As the institution calls it.
    pub file_name: String,
    /// Digest of its bytes.
    pub file_sha256: [u8; 32],
    /// Digest of what is said beside it, which decides what its bytes mean.
    pub reading_sha256: [u8; 32],
    /// Its size.
    pub byte_count: u64,
    /// Whether it posts.
    pub mode: ImportMode,
    /// The job that it belongs to: in it a second person approves, where the institution wants that.
    pub approved_in: Option<ImportJobId>,
}

/// An import that can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedImport {
    /// The import.
    pub import_id: ImportId,
    /// Lines up to this one are done; 0 where it is new.
    pub resume_after_line: u64,
}

/// Opens an import, or the unfinished one of the same bytes that are read in the same way.
///
/// # Errors
/// [`LedgerError::Refused`] where the institution is suspended or has left.
pub fn open_import(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import: &NewImport,
    now: DateTime<Utc>,
) -> Result<OpenedImport, LedgerError> {
    ledger.write(grant, |tx| {
        refuse_unapproved(tx, grant.institution()?, import)?;
        open_in(tx, grant, import, now)
    })
}

/// As [`open_import`], inside a transaction.
pub(super) fn open_in<A: Action>(
    tx: &mut Tx<'_>,
    grant: &Grant<A>,
    import: &NewImport,
    now: DateTime<Utc>,
) -> Result<OpenedImport, LedgerError> {
    let institution_id = grant.institution()?;
    let file_name = bounded("file name", &import.file_name, 255).map_err(|error| {
        let en = error.to_string();
        LedgerError::Refused(Fault::new("FILE_NAME", "文件名为空、过长或含控制字符", en))
    })?;
    let row = institutions::find(tx.conn(), institution_id)?.ok_or(LedgerError::NotFound)?;
    refuse_unless_active(&row.try_into()?)?;
    let row = ImportRow {
        import_id: new_id(),
        institution_id: institution_id.as_uuid(),
        file_name,
        sealed_name: None,
        file_sha256: import.file_sha256.to_vec(),
        reading_sha256: import.reading_sha256.to_vec(),
        byte_count: i64::try_from(import.byte_count)
            .map_err(|_| LedgerError::Corrupt("imports.byte_count"))?,
        mode: import.mode.as_str().to_owned(),
        state: "running".to_owned(),
        cursor_line: 0,
        posted: 0,
        already_posted: 0,
        rejected: 0,
        accounts_opened: 0,
        failure: None,
        started_at: now,
        finished_at: None,
    };
    imports::insert(tx, &row)?;
    let running = imports::find_running(tx.conn(), &row)?.ok_or(LedgerError::Contended)?;
    import_names::keep(tx, running.import_id, institution_id, &row.file_name)?;
    let mode = import.mode.as_str();
    let figures = json!({ "mode": mode, "resumed": running.import_id != row.import_id });
    let subject = ("import", Some(running.import_id));
    audit_events::insert(tx, grant, subject, &figures, now)?;
    Ok(OpenedImport {
        import_id: ImportId::from_uuid(running.import_id),
        resume_after_line: count(running.cursor_line, "imports.cursor_line")?,
    })
}

/// What posts without a second person's approval, where the institution wants one.
pub(super) fn refuse_unapproved(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    import: &NewImport,
) -> Result<(), LedgerError> {
    let posts = import.mode == ImportMode::Post;
    if !posts || !import_settings::approval_required(tx.conn(), institution)? {
        return Ok(());
    }
    if let Some(job) = import.approved_in
        && import_settings::may_post(tx.conn(), institution, job, &import.file_sha256)?
    {
        return Ok(());
    }
    Err(LedgerError::Refused(Fault::new(
        "IMPORT_NEEDS_APPROVAL",
        "本机构要求他人审核后入账:请以导入任务提交(POST /v1/import-jobs 或 creditbank jobs submit)",
        "this institution wants a second person to approve it: hand it in as a job \
         (POST /v1/import-jobs or creditbank jobs submit)",
    )))
}

/// An institution that is suspended or has left hands nothing in.
pub(super) fn refuse_unless_active(institution: &Institution) -> Result<(), LedgerError> {
    let reason = match institution.standing {
        Standing::Active => return Ok(()),
        Standing::Suspended => ReasonCode::InstitutionSuspended,
        Standing::Left => ReasonCode::InstitutionNotMember,
    };
    Err(LedgerError::Refused(Fault::of_reason(
        reason,
        institution.code.as_str(),
    )))
}

/// Ends an import whose lines are all done.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn finish_import(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
    now: DateTime<Utc>,
) -> Result<ImportView, LedgerError> {
    end(ledger, grant, import_id, None, now)
}

/// Ends an import whose file cannot be read as a whole.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn fail_import(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
    fault: &Fault,
    now: DateTime<Utc>,
) -> Result<ImportView, LedgerError> {
    end(ledger, grant, import_id, Some(fault), now)
}

fn end(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
    fault: Option<&Fault>,
    now: DateTime<Utc>,
) -> Result<ImportView, LedgerError> {
    let institution = grant.institution()?;
    ledger.write(grant, |tx| {
        imports::lock(tx, institution, import_id)?;
        let failure = fault.map(fault_json);
        let state = if failure.is_some() {
            "failed"
        } else {
            "finished"
        };
        imports::finish(tx, import_id, state, failure.as_ref(), now)?;
        let ended = imports::find(tx.conn(), institution, import_id)?;
        let figures = json!({
            "state": ended.state, "posted": ended.posted,
            "already_posted": ended.already_posted, "rejected": ended.rejected,
        });
        let subject = ("import", Some(import_id.as_uuid()));
        audit_events::insert(tx, grant, subject, &figures, now)?;
        ImportView::of(&ended, tx.keys())
    })
}

/// How a fault is kept beside a line.
pub(super) fn fault_json(fault: &Fault) -> serde_json::Value {
    json!({ "code": fault.code, "zh": fault.zh, "en": fault.en })
}

/// Reads the mode of a stored import.
pub(crate) fn mode_of(row: &ImportRow) -> Result<ImportMode, LedgerError> {
    parsed(&row.mode, "imports.mode")
}
