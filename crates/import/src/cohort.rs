//! A file of requests from its bytes to the ledger: the readers, the numbering and the resuming of a
//! transcript, and each line becomes a request of one cohort.

use std::ops::ControlFlow;
use std::path::Path;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, RunImport};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{
    CohortLine, CohortOrder, OpenCohort, fail_import, finish_import, request_cohort_lines,
};
use creditbank_ledger::reads::ImportView;
use sha2::{Digest, Sha256};

use crate::cohort_line::CohortParser;
use crate::error::ImportError;
use crate::faults;
use crate::kind::check_size;
use crate::mapping::ColumnMapping;
use crate::run::{ImportOptions, Progress, Watch};
use crate::sheet::Role;
use crate::transcript::Transcript;

/// How many learners one file asks for at most.
const LINES_MAX: u64 = 10_000;

/// How many requests are sent in one transaction: each holds lots, plans and writes its lines.
const LINES_PER_TRANSACTION: usize = 500;

/// Digest of what decides what the lines mean: the mapping, and what they have in common.
///
/// # Errors
/// `MAPPING_INVALID` where the mapping cannot be written down.
pub fn cohort_reading_sha256(
    mapping: Option<&ColumnMapping>,
    order: &CohortOrder,
) -> Result<[u8; 32], Fault> {
    let said = serde_json::to_vec(&("requests", mapping, order.said()))
        .map_err(|_| faults::mapping_invalid("无法写出", "it cannot be written down"))?;
    Ok(Sha256::digest(said).into())
}

/// Sends the requests of a file, from the line on at which it stands, until the watch says that it
/// is enough: [`ImportError::Stopped`].
///
/// # Errors
/// [`ImportError::Failed`] where the file as a whole cannot be read or has too many lines,
/// [`ImportError::Ledger`] where the ledger does not answer, or no rules would decide any more.
pub fn run_watched_cohort(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    (file, cohort): (&Path, &OpenCohort),
    options: &ImportOptions,
    now: DateTime<Utc>,
    watch: &mut Watch<'_>,
) -> Result<ImportView, ImportError> {
    let mut sending = Sending {
        ledger,
        grant,
        cohort,
        now,
        lines: Vec::new(),
        done: Progress {
            byte_count: check_size(file)?,
            ..Progress::default()
        },
        watch,
    };
    let import = cohort.opened.import_id;
    match sending.whole_file(file, options) {
        Ok(()) => finish_import(ledger, grant, import, now).map_err(ImportError::Ledger),
        Err(ImportError::Refused(fault)) => {
            let view = fail_import(ledger, grant, import, &fault, now);
            let view = Box::new(view.map_err(ImportError::Ledger)?);
            Err(ImportError::Failed { view, fault })
        }
        Err(other) => Err(other),
    }
}

struct Sending<'a, 'w> {
    ledger: &'a Ledger,
    grant: &'a Grant<RunImport>,
    cohort: &'a OpenCohort,
    now: DateTime<Utc>,
    lines: Vec<CohortLine>,
    done: Progress,
    watch: &'a mut Watch<'w>,
}

impl Sending<'_, '_> {
    fn whole_file(&mut self, file: &Path, options: &ImportOptions) -> Result<(), ImportError> {
        let mut transcript = Transcript::open_requests(file, options.mapping.as_ref())?;
        refuse_too_many(&mut transcript)?;
        let sheets = transcript.sheets.clone();
        let parser = CohortParser {
            sheets: &sheets,
            programme: &self.cohort.order.programme,
            today: bank_day(self.now),
        };
        let lines_max = options.lines_per_transaction;
        let lines_max = lines_max.clamp(1, LINES_PER_TRANSACTION);
        let mut stopped = None;
        transcript.for_each_row(&mut |row, role| {
            let Role::Lines(lines) = role else {
                return ControlFlow::Continue(());
            };
            if (self.watch.stopped)() {
                stopped = Some(ImportError::Stopped);
                return ControlFlow::Break(());
            }
            self.done.bytes_read = row.bytes_read;
            for at in lines {
                if at.line_no <= self.cohort.opened.resume_after_line {
                    continue;
                }
                self.lines.push(parser.line(&row, &at));
                if self.lines.len() >= lines_max
                    && let Err(error) = self.send()
                {
                    stopped = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        stopped.map_or(Ok(()), Err)?;
        self.done.bytes_read = self.done.byte_count;
        self.send()
    }

    /// Sends the requests of the gathered lines in one transaction.
    fn send(&mut self) -> Result<(), ImportError> {
        let import = self.cohort.opened.import_id;
        let results = request_cohort_lines(self.ledger, self.grant, import, &self.lines, self.now)
            .map_err(ImportError::Ledger)?;
        self.lines.clear();
        self.done.count(&results);
        self.watch.tell(self.done)
    }
}

/// Counted before the first line is asked for: half a cohort is nobody's wish.
fn refuse_too_many(transcript: &mut Transcript) -> Result<(), Fault> {
    let mut count = 0_u64;
    transcript.for_each_row(&mut |_, role| {
        if let Role::Lines(lines) = role {
            count = count.saturating_add(u64::try_from(lines.len()).unwrap_or(u64::MAX));
        }
        ControlFlow::Continue(())
    })?;
    if count > LINES_MAX {
        return Err(Fault::new(
            "COHORT_TOO_LARGE",
            format!("文件有 {count} 行,一个批次文件至多 {LINES_MAX} 行;请拆分后分别提交,均未申请"),
            format!(
                "the file has {count} lines, at most {LINES_MAX} are asked for in one; split it; \
                 nothing was asked for"
            ),
        ));
    }
    Ok(())
}
