//! Some lines of a file, in one transaction: the outcomes, what is worth saying of each line, the
//! counts and the cursor. A kill before its end leaves nothing of them, after it everything.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{CorrectOutcomes, Grant, PostOutcomes, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportId, InstitutionId};
use creditbank_domain::import_job::LinesTogether;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::ReportedOutcome;
use diesel::connection::SimpleConnection as _;

use crate::error::LedgerError;
use crate::flows::correct_outcome::CorrectionOrder;
use crate::flows::import_changes::change;
use crate::flows::open_import::{ImportMode, fault_json, mode_of};
use crate::flows::post_outcomes::{Origin, PostAnswer, PostedOutcome, post_reports, try_reports};
use crate::store::{Ledger, Tx};
use crate::tables::import_credits;
use crate::tables::import_lines::{self, ImportLineRow};
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
    let cursor_line = signed(last.line_no)?;
    let first_line = signed(first.line_no)?;
    ledger.write(grant, |tx| {
        let import = imports::lock(tx, institution, import_id)?;
        if import.state != "running" || import.cursor_line >= first_line {
            return Err(LedgerError::Conflict(overtaken()));
        }
        let mode = mode_of(&import)?;
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
        let mut results = std::mem::take(&mut done.results);
        let held_back = together == LinesTogether::AllOrNothing && hold_back(&mut results);
        if mode == ImportMode::DryRun || held_back {
            tx.conn().batch_execute("rollback to savepoint lines")?;
        }
        if held_back {
            done.opened.clear();
        } else {
            import_credits::add(tx, import_id, &done.earned())?;
        }
        import_lines::insert_all(tx, import_id, &noteworthy(&results)?)?;
        imports::add_progress(
            tx,
            import_id,
            progress(&results, done.opened.len(), cursor_line)?,
        )?;
        Ok(results)
    })
}

/// Where one line is rejected, none is posted; gives whether that is so.
fn hold_back(results: &mut [LineResult]) -> bool {
    if results
        .iter()
        .all(|result| result.status != LineStatus::Rejected)
    {
        return false;
    }
    for result in results {
        if result.status == LineStatus::Posted {
            result.status = LineStatus::Rejected;
            result.faults = vec![held_back()];
        }
    }
    true
}

fn held_back() -> Fault {
    Fault::new(
        "LINE_HELD_BACK",
        "本行无误,但本文件按全部或全不方式导入,其他行被拒绝,故未入账",
        "nothing is wrong with this line, but all lines were to post or none, and another one was \
         rejected",
    )
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

/// What became of the lines of a transaction so far.
struct Done {
    /// Nothing is written that looking answers as well.
    looks_only: bool,
    results: Vec<LineResult>,
    /// The accounts that were opened.
    opened: HashSet<LearnerNo>,
    /// What was earned, by unit, in hundredths.
    earned: BTreeMap<&'static str, Hundredths>,
}

impl Done {
    fn new(looks_only: bool) -> Self {
        Self {
            looks_only,
            results: Vec::new(),
            opened: HashSet::new(),
            earned: BTreeMap::new(),
        }
    }

    fn post(
        &mut self,
        tx: &mut Tx<'_>,
        institution: InstitutionId,
        lines: &[ImportLine],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let reports: Vec<ReportedOutcome> = lines
            .iter()
            .filter_map(ImportLine::report)
            .cloned()
            .collect();
        let answers = if self.looks_only {
            try_reports(tx, institution, &reports, now)?
        } else {
            post_reports(tx, institution, &reports, Origin::Import, now)?
        };
        for answer in &answers {
            if let PostAnswer::Posted(outcome) = answer
                && outcome.account_opened
            {
                self.opened.insert(outcome.learner_no);
            }
            if let PostAnswer::Posted(outcome) = answer {
                self.count(outcome)?;
            }
        }
        let mut answers = answers.iter();
        for line in lines {
            let (status, faults) = match &line.content {
                Err(faults) => (LineStatus::Rejected, faults.clone()),
                Ok(_) => answer(
                    answers
                        .next()
                        .ok_or(LedgerError::Corrupt("a lost answer"))?,
                ),
            };
            self.add(line, status, faults);
        }
        Ok(())
    }

    fn change(
        &mut self,
        tx: &mut Tx<'_>,
        grant: &Grant<CorrectOutcomes>,
        import: ImportId,
        line: &ImportLine,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        if let Ok(LineContent::Change(order)) = &line.content {
            let (status, faults) = change(tx, grant, import, order, now)?;
            self.add(line, status, faults);
        }
        Ok(())
    }

    fn count(&mut self, outcome: &PostedOutcome) -> Result<(), LedgerError> {
        for lot in &outcome.lots {
            let sum = self.earned.entry(lot.amount.unit().as_str()).or_default();
            let more = sum.plus(lot.amount.hundredths());
            *sum = more.map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        }
        Ok(())
    }

    fn earned(&self) -> Vec<(&'static str, i64)> {
        let all = self.earned.iter();
        all.map(|(unit, sum)| (*unit, sum.get())).collect()
    }

    fn add(&mut self, line: &ImportLine, status: LineStatus, faults: Vec<Fault>) {
        self.results.push(LineResult {
            line_no: line.line_no,
            status,
            faults,
        });
    }
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
