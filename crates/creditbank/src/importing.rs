//! What the `import` command and the demo share: the progress bar, and counts by code.

use std::collections::BTreeMap;

use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::import_job::{ImportJobState, Pace};
use creditbank_domain::reason::ReasonCode;
use creditbank_import::{ImportError, Progress};
use creditbank_ledger::flows::{ImportMode, LineStatus};
use creditbank_ledger::reads::{self, ImportJobView, ImportView, StoredLineResult};
use creditbank_ledger::{Ledger, LedgerError};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::output::say;
use crate::problem::Problem;

const RESULTS_A_PAGE: u32 = 1_000;
const TEMPLATE: &str = "{bar:30} {percent:>3} %  {bytes}/{total_bytes}  {msg}  剩余 left {eta}";

/// A bar of the bytes that are done, with the lines a second; silent off a terminal.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn show(&self, progress: Progress) {
        let bar = &self.0;
        bar.set_length(progress.byte_count);
        bar.set_position(progress.bytes_read);
        let millis = u64::try_from(bar.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let a_second = progress.read.saturating_mul(1_000) / millis;
        bar.set_message(format!("{} 行 lines, {a_second}/s", progress.read));
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// The same for a job that the server works at.
pub(crate) struct JobBar(ProgressBar);

const JOB_TEMPLATE: &str = "{bar:30} {percent:>3} %  {bytes}/{total_bytes}  {msg}";

impl JobBar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(JOB_TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn show(&self, job: &ImportJobView) {
        let bar = &self.0;
        bar.set_length(job.byte_count);
        bar.set_position(job.pace.bytes_read);
        bar.set_message(standing(job.state, &job.pace));
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Where a job stands, how many lines lie behind, how fast, and how long it still takes.
fn standing(state: ImportJobState, pace: &Pace) -> String {
    let rate = pace.lines_per_second().unwrap_or_default();
    let left = pace.seconds_left().map_or_else(
        || "…".to_owned(),
        |seconds| HumanDuration(std::time::Duration::from_secs(seconds)).to_string(),
    );
    let lines = pace.lines_read;
    format!("{state} {lines} 行 lines, {rate}/s  剩余 left {left}")
}

/// Visits every line of an import that was not plainly posted, in their order.
pub(crate) fn for_each_result(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: &ImportView,
    mut visit: impl FnMut(&StoredLineResult),
) -> Result<(), LedgerError> {
    let mut after = 0;
    loop {
        let page =
            reads::import_line_results(ledger, grant, import.import_id, after, RESULTS_A_PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.line_no;
        page.iter().for_each(&mut visit);
    }
}

/// How many lines were rejected for which reason.
pub(crate) fn rejected_by_code(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: &ImportView,
) -> Result<BTreeMap<String, u64>, LedgerError> {
    let mut counts = BTreeMap::new();
    for_each_result(ledger, grant, import, |line| {
        if line.status == LineStatus::Rejected {
            for fault in &line.faults {
                let count: &mut u64 = counts.entry(fault.code.clone()).or_default();
                *count = count.saturating_add(1);
            }
        }
    })?;
    Ok(counts)
}

/// The counts of an import, in both languages.
pub(crate) fn say_counts(import: &ImportView) {
    let ImportView {
        read,
        posted,
        already_posted,
        rejected,
        accounts_opened,
        ..
    } = import;
    say!(
        "读取 {read} = 入账 {posted} + 已存在 {already_posted} + 拒绝 {rejected};\
         新开账户 {accounts_opened}"
    );
    say!(
        "read {read} = posted {posted} + already posted {already_posted} + rejected {rejected}; \
         {accounts_opened} accounts opened"
    );
}

/// What stopped an import, for people.
pub(crate) fn problem(error: ImportError) -> Problem {
    match error {
        ImportError::Refused(fault) | ImportError::Failed { fault, .. } => {
            Problem::of_fault(&fault).todo(
                "整个文件未导入,请更正后重试",
                "nothing was posted; correct the file and try again",
            )
        }
        ImportError::Ledger(error) => ledger_problem(error),
        other => Problem::internal(&other),
    }
}

/// Only what may have passed by the next time is worth another run.
fn ledger_problem(error: LedgerError) -> Problem {
    let code = error.fault().map(|fault| fault.code);
    let (zh, en) = if error.is_unavailable() {
        (
            "请检查数据库是否在运行,然后再次导入:从中断处继续,已入账的行不会重复",
            "check that the database is running, then run it again: it goes on where it stopped \
             and posts nothing twice",
        )
    } else if code == Some("IMPORT_OVERTAKEN") || matches!(error, LedgerError::Contended) {
        (
            "已入账的行不会重复,再次导入即可从中断处继续",
            "run it again: it goes on where it stopped and posts nothing twice",
        )
    } else if code == Some(ReasonCode::InstitutionSuspended.as_str())
        || code == Some(ReasonCode::InstitutionNotMember.as_str())
    {
        (
            "请联系学分银行秘书处;恢复之前再次导入也不会入账",
            "contact the secretariat; until it is settled nothing more is posted",
        )
    } else {
        return Problem::from(error);
    };
    Problem::from(error).todo(zh, en)
}

/// What a dry run cannot see, where the file takes more than one transaction.
pub(crate) fn dry_run_caveat(
    import: &ImportView,
    lines_per_transaction: usize,
) -> Option<[String; 2]> {
    let at_once = u64::try_from(lines_per_transaction).unwrap_or(u64::MAX);
    (import.mode == ImportMode::DryRun && import.read > at_once).then(|| {
        [
            format!("注意:试运行每 {at_once} 行为一批,批与批之间的重复行看不到,新开账户数可能偏大"),
            format!(
                "note: a dry run looks at {at_once} lines at a time; it does not see that a line \
                 repeats one of another {at_once}, and may count an account more than once"
            ),
        ]
    })
}

#[cfg(test)]
mod tests {
    use creditbank_domain::fault::Fault;
    use creditbank_domain::ids::ImportId;
    use creditbank_ledger::reads::ImportState;

    use super::*;

    #[test]
    fn the_bar_of_a_job_tells_its_lines_its_pace_and_the_time_left() {
        let pace = Pace {
            byte_count: 1_000,
            bytes_read: 250,
            lines_read: 50,
            turn_lines: 20,
            turn_millis: 4_000,
        };
        assert_eq!(
            standing(ImportJobState::Queued, &pace),
            "queued 50 行 lines, 5/s  剩余 left 30 seconds"
        );
        let begun = Pace {
            byte_count: 1_000,
            ..Pace::default()
        };
        assert_eq!(
            standing(ImportJobState::Receiving, &begun),
            "receiving 0 行 lines, 0/s  剩余 left …"
        );
    }

    const RERUN: &str = "run it again";

    fn told(error: LedgerError) -> String {
        problem(ImportError::Ledger(error)).to_string()
    }

    #[test]
    fn only_what_may_have_passed_by_the_next_time_is_worth_another_run() {
        let unavailable = told(LedgerError::Unavailable("it is away".into()));
        assert!(unavailable.contains(RERUN), "{unavailable}");
        let overtaken = Fault::new("IMPORT_OVERTAKEN", "已被抢先", "overtaken");
        let overtaken = told(LedgerError::Conflict(overtaken));
        assert!(overtaken.contains(RERUN), "{overtaken}");
        assert!(!told(LedgerError::NotFound).contains(RERUN));
        let other = Fault::new("FILE_NAME", "文件名", "file name");
        assert!(!told(LedgerError::Refused(other)).contains(RERUN));
    }

    #[test]
    fn an_institution_that_may_not_hand_in_is_sent_to_the_secretariat() {
        for reason in [
            ReasonCode::InstitutionSuspended,
            ReasonCode::InstitutionNotMember,
        ] {
            let told = told(LedgerError::Refused(Fault::of_reason(reason, "90002")));
            assert!(told.starts_with(reason.as_str()), "{told}");
            assert!(told.contains("秘书处") && told.contains("secretariat"));
            assert!(!told.contains(RERUN), "{told}");
        }
    }

    fn import(mode: ImportMode, read: u64) -> ImportView {
        ImportView {
            import_id: ImportId::from_uuid(uuid::Uuid::from_u128(1)),
            file_name: "a.csv".to_owned(),
            mode,
            state: ImportState::Finished,
            read,
            posted: read,
            already_posted: 0,
            rejected: 0,
            accounts_opened: read,
            failure: None,
            started_at: chrono::DateTime::UNIX_EPOCH,
            finished_at: None,
        }
    }

    #[test]
    fn a_dry_run_of_more_lines_than_one_transaction_says_what_it_does_not_see() {
        let [zh, en] = dry_run_caveat(&import(ImportMode::DryRun, 11), 10).unwrap();
        assert!(zh.contains("每 10 行") && en.contains("10 lines at a time"));
        assert_eq!(dry_run_caveat(&import(ImportMode::DryRun, 10), 10), None);
        assert_eq!(dry_run_caveat(&import(ImportMode::Post, 11), 10), None);
    }
}
