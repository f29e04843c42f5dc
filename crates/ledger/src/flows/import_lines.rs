//! Some lines of a file, in one transaction: the outcomes, what is worth saying of each line, the
//! counts and the cursor. A kill before its end leaves nothing of them, after it everything.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{CorrectOutcomes, Grant, PostOutcomes, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportId, InstitutionId};
use creditbank_domain::import_job::LinesTogether;
use creditbank_domain::outcome::ReportedOutcome;
use diesel::connection::SimpleConnection as _;

use crate::error::LedgerError;
use crate::flows::correct_outcome::CorrectionOrder;
use crate::flows::lines_done::Done;
use crate::flows::open_import::{ImportMode, fault_json, mode_of};
use crate::store::{Ledger, Tx};
use crate::tables::import_lines::ImportLineRow;
use crate::tables::imports::{self, Progress};

/// A line of a file as it was read.
#[derive(Debug, Clone)]
pub struct ImportLine {
    /// Its place in the institution's own file, counted from 1.
    pub line_no: u64,
    /// What it says, or everything that is wrong with it.
    pub content: Result<LineContent, Vec<Fault>>,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum LineContent {
    /// An outcome.
    Report(ReportedOutcome),
    /// That an outcome that was posted is to be otherwise, or should not be there.
    Change(CorrectionOrder),
}

impl ImportLine {
    /// The outcome that it reports, if it does.
    #[must_use]
    pub const fn report(&self) -> Option<&ReportedOutcome> {
        match &self.content {
            Ok(LineContent::Report(report)) => Some(report),
            Ok(LineContent::Change(_)) | Err(_) => None,
        }
    }

    const fn changes(&self) -> bool {
        matches!(self.content, Ok(LineContent::Change(_)))
    }
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineStatus {
    /// 已入账
    Posted,
    /// 已存在
    AlreadyPosted,
    /// 已拒绝
    Rejected,
}

impl LineStatus {
    /// The name used in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::AlreadyPosted => "already_posted",
            Self::Rejected => "rejected",
        }
    }
}

impl std::str::FromStr for LineStatus {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Posted, Self::AlreadyPosted, Self::Rejected]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(LedgerError::Corrupt("import_lines.status"))
    }
}

/// The answer to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineResult {
    /// The line.
    pub line_no: u64,
    /// What became of it.
    pub status: LineStatus,
    /// Why it was rejected, why it earned nothing, or what has to be seen to though it counts.
    pub faults: Vec<Fault>,
}

/// Posts some lines and moves the cursor behind the last of them. Lines must come in their order.
/// Where they stand or fall together, one that is rejected holds the others back.
///
/// # Errors
/// [`LedgerError::Conflict`] where the cursor is past the first line already (another process
/// works at the same import), or the import has ended.
pub fn post_import_lines(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
    (lines, together): (&[ImportLine], LinesTogether),
    now: DateTime<Utc>,
) -> Result<Vec<LineResult>, LedgerError> {
    let institution = grant.institution()?;
    // Whoever may import may post: the policy says so, and this fails if it ever stops.
    let _posting: Grant<PostOutcomes> = grant.narrowed()?;
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Ok(Vec::new());
    };
    let correcting: Option<Grant<CorrectOutcomes>> = match lines.iter().any(ImportLine::changes) {
        true => Some(grant.narrowed()?),
        false => None,
    };
    let span = (signed(first.line_no)?, signed(last.line_no)?);
    ledger.write(grant, |tx| {
        let mode = mode_at(tx, institution, import_id, span.0)?;
        tx.conn().batch_execute("savepoint lines")?;
        // A change meets what stands before it in the file, so that has to be there.
        let looks_only = mode == ImportMode::DryRun && correcting.is_none();
        let mut done = Done::new(looks_only);
        // What stands before a change in the file is posted before it.
        for lines in lines.chunk_by(|one, next| !one.changes() && !next.changes()) {
            match (lines, &correcting) {
                ([line], Some(grant)) if line.changes() => {
                    done.change(tx, grant, import_id, line, now)?;
                }
                _ => done.post(tx, institution, lines, now)?,
            }
        }
        done.hold_back(together);
        if mode == ImportMode::DryRun || done.held_back {
            tx.conn().batch_execute("rollback to savepoint lines")?;
        }
        done.note(tx, import_id, span.1)?;
        Ok(done.results)
    })
}

/// What would become of some lines of a dry run.
#[derive(Debug)]
pub struct TriedLines {
    done: Done,
    span: (i64, i64),
}

/// Looks what would become of these lines, and notes nothing: so the next ones can be looked at
/// meanwhile. Nothing where one of them changes something, since it meets what was done before it.
///
/// # Errors
/// As [`post_import_lines`].
pub fn try_import_lines(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    (lines, together): (&[ImportLine], LinesTogether),
    now: DateTime<Utc>,
) -> Result<Option<TriedLines>, LedgerError> {
    let institution = grant.institution()?;
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Ok(None);
    };
    if lines.iter().any(ImportLine::changes) {
        return Ok(None);
    }
    let span = (signed(first.line_no)?, signed(last.line_no)?);
    let done = ledger.write(grant, |tx| {
        tx.conn().batch_execute("savepoint lines")?;
        let mut done = Done::new(true);
        done.post(tx, institution, lines, now)?;
        done.hold_back(together);
        tx.conn().batch_execute("rollback to savepoint lines")?;
        Ok(done)
    })?;
    Ok(Some(TriedLines { done, span }))
}

/// Notes what would become of some lines and moves the cursor behind the last of them. They must
/// come in their order.
///
/// # Errors
/// As [`post_import_lines`].
pub fn note_tried_lines(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
    tried: TriedLines,
) -> Result<Vec<LineResult>, LedgerError> {
    let institution = grant.institution()?;
    ledger.write(grant, |tx| {
        match mode_at(tx, institution, import_id, tried.span.0)? {
            ImportMode::DryRun => tried.done.note(tx, import_id, tried.span.1),
            ImportMode::Post => Err(LedgerError::Corrupt("an import that was only tried")),
        }
    })?;
    Ok(tried.done.results)
}

/// Locks an import that is at these lines, and says what it does with them.
fn mode_at(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    import: ImportId,
    first_line: i64,
) -> Result<ImportMode, LedgerError> {
    let import = imports::lock(tx, institution, import)?;
    if import.state != "running" || import.cursor_line >= first_line {
        return Err(LedgerError::Conflict(overtaken()));
    }
    mode_of(&import)
}

pub(super) fn signed(line_no: u64) -> Result<i64, LedgerError> {
    i64::try_from(line_no).map_err(|_| LedgerError::Corrupt("a line number"))
}

pub(super) fn overtaken() -> Fault {
    Fault::new(
        "IMPORT_OVERTAKEN",
        "该导入已结束或正由另一进程处理,请查看导入结果",
        "the import has ended or another process is working at it; look at its result",
    )
}

/// The lines that are not plainly posted.
pub(super) fn noteworthy(results: &[LineResult]) -> Result<Vec<ImportLineRow>, LedgerError> {
    results
        .iter()
        .filter(|result| result.status != LineStatus::Posted || !result.faults.is_empty())
        .map(|result| {
            Ok(ImportLineRow {
                line_no: signed(result.line_no)?,
                status: result.status.as_str().to_owned(),
                faults: result.faults.iter().map(fault_json).collect(),
            })
        })
        .collect()
}

pub(super) fn progress(
    results: &[LineResult],
    opened: usize,
    cursor_line: i64,
) -> Result<Progress, LedgerError> {
    let counted = |status: LineStatus| {
        let lines = results
            .iter()
            .filter(|result| result.status == status)
            .count();
        i64::try_from(lines).map_err(|_| LedgerError::Corrupt("a count of lines"))
    };
    Ok(Progress {
        cursor_line,
        posted: counted(LineStatus::Posted)?,
        already_posted: counted(LineStatus::AlreadyPosted)?,
        rejected: counted(LineStatus::Rejected)?,
        accounts_opened: i64::try_from(opened)
            .map_err(|_| LedgerError::Corrupt("a count of accounts"))?,
    })
}
