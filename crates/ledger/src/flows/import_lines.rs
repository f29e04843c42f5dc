//! Some lines of a file, in one transaction: the outcomes, what is worth saying of each line, the
//! counts and the cursor. A kill before its end leaves nothing of them, after it everything.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, PostOutcomes, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportId;
use creditbank_domain::outcome::ReportedOutcome;

use crate::error::LedgerError;
use crate::flows::open_import::{ImportMode, fault_json, mode_of};
use crate::flows::post_outcomes::{Origin, PostAnswer, PostedOutcome, post_reports};
use crate::store::{Ledger, Tx};
use crate::tables::import_lines::{self, ImportLineRow};
use crate::tables::imports::{self, Progress};

/// A line of a file as it was read.
#[derive(Debug, Clone)]
pub struct ImportLine {
    /// Its place in the institution's own file, counted from 1.
    pub line_no: u64,
    /// What it reports, or everything that is wrong with it.
    pub content: Result<ReportedOutcome, Vec<Fault>>,
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
///
/// # Errors
/// [`LedgerError::Conflict`] where the cursor is past the first line already (another process
/// works at the same import), or the import has ended.
pub fn post_import_lines(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
    lines: &[ImportLine],
    now: DateTime<Utc>,
) -> Result<Vec<LineResult>, LedgerError> {
    let institution = grant.institution()?;
    // Whoever may import may post: the policy says so, and this fails if it ever stops.
    let _posting: Grant<PostOutcomes> = grant.narrowed()?;
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Ok(Vec::new());
    };
    let reports: Vec<ReportedOutcome> = lines
        .iter()
        .filter_map(|line| line.content.as_ref().ok())
        .cloned()
        .collect();
    let cursor_line = signed(last.line_no)?;
    let first_line = signed(first.line_no)?;
    ledger.write(|tx| {
        let import = imports::lock(tx, institution, import_id)?;
        if import.state != "running" || import.cursor_line >= first_line {
            return Err(LedgerError::Conflict(overtaken()));
        }
        let mode = mode_of(&import)?;
        let answers = if mode == ImportMode::DryRun {
            without_trace(tx, |tx| {
                post_reports(tx, institution, &reports, Origin::Import, now)
            })?
        } else {
            post_reports(tx, institution, &reports, Origin::Import, now)?
        };
        let results = results(lines, &answers)?;
        import_lines::insert_all(tx, import_id, &noteworthy(&results)?)?;
        imports::add_progress(tx, import_id, progress(&results, &answers, cursor_line)?)?;
        Ok(results)
    })
}

/// Does the work for its answers and takes it back.
fn without_trace<T>(
    tx: &mut Tx<'_>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    use diesel::connection::SimpleConnection as _;
    tx.conn().batch_execute("savepoint dry_run")?;
    let done = work(tx)?;
    tx.conn().batch_execute("rollback to savepoint dry_run")?;
    Ok(done)
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

fn results(lines: &[ImportLine], answers: &[PostAnswer]) -> Result<Vec<LineResult>, LedgerError> {
    let mut answers = answers.iter();
    lines
        .iter()
        .map(|line| {
            let (status, faults) = match &line.content {
                Err(faults) => (LineStatus::Rejected, faults.clone()),
                Ok(_) => answer(
                    answers
                        .next()
                        .ok_or(LedgerError::Corrupt("a lost answer"))?,
                ),
            };
            Ok(LineResult {
                line_no: line.line_no,
                status,
                faults,
            })
        })
        .collect()
}

fn answer(answer: &PostAnswer) -> (LineStatus, Vec<Fault>) {
    let said = |outcome: &PostedOutcome| {
        let reason = outcome.why_nothing();
        reason.into_iter().chain(outcome.warnings.clone()).collect()
    };
    match answer {
        PostAnswer::Posted(outcome) => (LineStatus::Posted, said(outcome)),
        PostAnswer::AlreadyPosted(outcome) => (LineStatus::AlreadyPosted, said(outcome)),
        PostAnswer::Rejected(fault) => (LineStatus::Rejected, vec![fault.clone()]),
    }
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
    answers: &[PostAnswer],
    cursor_line: i64,
) -> Result<Progress, LedgerError> {
    let counted = |status: LineStatus| {
        let lines = results
            .iter()
            .filter(|result| result.status == status)
            .count();
        i64::try_from(lines).map_err(|_| LedgerError::Corrupt("a count of lines"))
    };
    let mut opened = std::collections::HashSet::new();
    for answer in answers {
        if let PostAnswer::Posted(outcome) = answer
            && outcome.account_opened
        {
            opened.insert(outcome.learner_no);
        }
    }
    Ok(Progress {
        cursor_line,
        posted: counted(LineStatus::Posted)?,
        already_posted: counted(LineStatus::AlreadyPosted)?,
        rejected: counted(LineStatus::Rejected)?,
        accounts_opened: i64::try_from(opened.len())
            .map_err(|_| LedgerError::Corrupt("a count of accounts"))?,
    })
}
