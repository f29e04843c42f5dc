//! The second pair of eyes: what an institution wants, and what the second person says.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{ApproveImport, Grant, KeepImportSettings};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportJobId;
use creditbank_domain::import_job::{ApprovalVerdict, ImportJobState};
use creditbank_domain::text::bounded;
use serde_json::json;

use crate::error::LedgerError;
use crate::reads::{ImportJobView, ImportSettingsView};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, import_job_turns, import_jobs, import_settings, institutions};

const NOTE_CHARACTERS_MAX: usize = 500;

/// What a second person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalOrder {
    /// Whether it is posted.
    pub verdict: ApprovalVerdict,
    /// What they add.
    pub note: Option<String>,
}

/// Says whether a job that was tried is posted, once for an idempotency key.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Refused`] for whoever handed it in,
/// [`LedgerError::Conflict`] where it waits for nobody.
pub fn approve_import_once(
    ledger: &Ledger,
    grant: &Grant<ApproveImport>,
    job: ImportJobId,
    order: &ApprovalOrder,
    request: &Once<'_, ImportJobView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        decide(tx, grant, job, order, now)
    })
}

/// As [`approve_import_once`], for the command line.
///
/// # Errors
/// As there.
pub fn approve_import(
    ledger: &Ledger,
    grant: &Grant<ApproveImport>,
    job: ImportJobId,
    order: &ApprovalOrder,
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    ledger.write(grant, |tx| decide(tx, grant, job, order, now))
}

fn decide(
    tx: &mut Tx<'_>,
    grant: &Grant<ApproveImport>,
    job: ImportJobId,
    order: &ApprovalOrder,
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    let row = import_jobs::lock(tx, job, Some(institution))?;
    if row.state != ImportJobState::AwaitingApproval.as_str() {
        return Err(LedgerError::Conflict(waits_for_nobody()));
    }
    let hand = grant.actor().hand().0;
    if hand == row.hand {
        return Err(LedgerError::Refused(own_import()));
    }
    let note = order.note.as_deref();
    if let Some(note) = note {
        bounded("note", note, NOTE_CHARACTERS_MAX)
            .map_err(|wrong| LedgerError::Refused(wrong.into()))?;
    }
    import_settings::decide(tx, job, hand, (order.verdict, note), now)?;
    match order.verdict {
        ApprovalVerdict::Approve => {
            import_jobs::set_state(tx, job, ImportJobState::Queued, None, now)?;
            import_job_turns::set_due(tx, job, Some(now))?;
        }
        ApprovalVerdict::Decline => {
            import_jobs::set_state(tx, job, ImportJobState::Declined, None, now)?;
            import_job_turns::set_due(tx, job, None)?;
        }
    }
    let figures = json!({ "verdict": order.verdict.as_str() });
    let subject = ("import_job", Some(job.as_uuid()));
    audit_events::insert(tx, grant, subject, &figures, now)?;
    let row = import_jobs::find(tx.conn(), job, Some(institution))?;
    ImportJobView::of(row, tx.keys())
}

/// Says whether a second person has to approve what an institution's files post, once for an
/// idempotency key. Jobs that were handed in before keep to what was wanted then.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn keep_import_settings_once(
    ledger: &Ledger,
    grant: &Grant<KeepImportSettings>,
    approval_required: bool,
    request: &Once<'_, ImportSettingsView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        keep(tx, grant, approval_required, now)
    })
}

/// As [`keep_import_settings_once`], for the command line.
///
/// # Errors
/// As there.
pub fn keep_import_settings(
    ledger: &Ledger,
    grant: &Grant<KeepImportSettings>,
    approval_required: bool,
    now: DateTime<Utc>,
) -> Result<ImportSettingsView, LedgerError> {
    ledger.write(grant, |tx| keep(tx, grant, approval_required, now))
}

fn keep(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepImportSettings>,
    approval_required: bool,
    now: DateTime<Utc>,
) -> Result<ImportSettingsView, LedgerError> {
    let institution = grant.institution()?;
    institutions::find(tx.conn(), institution)?.ok_or(LedgerError::NotFound)?;
    let hand = grant.actor().hand().0;
    import_settings::save(tx, institution, approval_required, hand, now)?;
    let figures = json!({ "approval_required": approval_required });
    let subject = ("import_settings", Some(institution.as_uuid()));
    audit_events::insert(tx, grant, subject, &figures, now)?;
    Ok(ImportSettingsView { approval_required })
}

fn waits_for_nobody() -> Fault {
    Fault::new(
        "IMPORT_NOT_AWAITING",
        "该任务不在等待审核:尚在试运行、无需审核或已有结论",
        "the job does not wait for approval: it is still tried, needs none or has its verdict",
    )
}

fn own_import() -> Fault {
    Fault::new(
        "OWN_IMPORT",
        "不能审核自己提交的文件,请由另一人审核",
        "this is the hand that handed the file in; another person has to approve it",
    )
}
