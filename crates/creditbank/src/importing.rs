//! What the `import` command and the demo share: the progress bar, and counts by code.

use std::collections::BTreeMap;

use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_import::{ImportError, Progress};
use creditbank_ledger::flows::LineStatus;
use creditbank_ledger::reads::{self, ImportView, StoredLineResult};
use creditbank_ledger::{Ledger, LedgerError};
use indicatif::{ProgressBar, ProgressStyle};

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
        ImportError::Ledger(error) => Problem::from(error).todo(
            "已入账的行不会重复,再次导入即可从中断处继续",
            "run it again: it goes on where it stopped and posts nothing twice",
        ),
        other => Problem::internal(&other),
    }
}
