//! `creditbank export`

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use creditbank_domain::authz::ExportBooks;
use creditbank_ledger::Ledger;
use creditbank_ledger::reads::{ExportSlice, export_transfers};

use crate::export::Format;
use crate::output::warn_user;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// Which transfers, and as what. Learners stand in it by their numbers only.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How it is written
    #[arg(long, value_enum)]
    format: Format,
    /// One learner's account, by its number
    #[arg(long)]
    learner: Option<String>,
    /// The lots that came from one institution's outcomes, by its code
    #[arg(long)]
    institution: Option<String>,
    /// Only what was recorded from this day in China on, for example 2026-01-01
    #[arg(long)]
    from: Option<String>,
    /// Only what was recorded up to the end of this day
    #[arg(long)]
    to: Option<String>,
    /// The file to write, which is replaced when it is whole; standard output when not given
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Streams the transfers, and says on standard error how many there were.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let day = |text: &Option<String>| text.as_deref().map(operator::day).transpose();
    let (from, to) = (day(&arguments.from)?, day(&arguments.to)?);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(reversed().into());
    }
    let number = arguments.learner.as_deref().map(operator::learner_no);
    let learner = number.transpose()?;
    let ledger = settings.ledger()?;
    let institution = match &arguments.institution {
        Some(code) => Some(operator::institution(&ledger, code)?.id),
        None => None,
    };
    let slice = ExportSlice {
        learner,
        institution,
        from,
        to,
    };
    let count = match &arguments.output {
        None => to_standard_output(&ledger, arguments.format, &slice)?,
        Some(file) => to_file(&ledger, arguments.format, &slice, file)?,
    };
    warn_user!("已导出 {count} 笔过账 / {count} transfers exported");
    Ok(ExitCode::SUCCESS)
}

fn to_standard_output(
    ledger: &Ledger,
    format: Format,
    slice: &ExportSlice,
) -> Result<u64, Problem> {
    match write(ledger, format, slice, &mut io::stdout().lock())? {
        // A reader that goes away has had enough; it is no error.
        (count, Err(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(count),
        (count, written) => {
            written.map_err(|error| unwritable("standard output", &error))?;
            Ok(count)
        }
    }
}

/// Beside the file first: what has its name is whole.
fn to_file(
    ledger: &Ledger,
    format: Format,
    slice: &ExportSlice,
    file: &Path,
) -> Result<u64, Problem> {
    let shown = file.display().to_string();
    let wrong = |error: io::Error| unwritable(&shown, &error);
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let mut out = File::create(&beside).map_err(wrong)?;
    let done = write(ledger, format, slice, &mut out).and_then(|(count, written)| {
        written
            .and_then(|()| out.sync_all())
            .and_then(|()| fs::rename(&beside, file))
            .map_err(wrong)?;
        Ok(count)
    });
    if done.is_err() {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    done
}

/// How many transfers were read, and whether they could be written.
fn write(
    ledger: &Ledger,
    format: Format,
    slice: &ExportSlice,
    out: &mut dyn Write,
) -> Result<(u64, io::Result<()>), Problem> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let mut scribe = format.scribe();
    let mut written = scribe.begin(&mut out);
    let grant = operator::for_bank::<ExportBooks>()?;
    let count = export_transfers(ledger, &grant, slice, clock::now(), &mut |page| {
        if written.is_ok() {
            written = scribe.transfers(&page, &mut out);
        }
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    let written = written
        .and_then(|()| scribe.end(count, &mut out))
        .and_then(|()| out.flush());
    Ok((count, written))
}

fn reversed() -> Problem {
    Problem::new(
        "PERIOD_REVERSED",
        "期间的最后一天早于第一天",
        "the last day of the period is before its first",
    )
}

fn unwritable(place: &str, error: &io::Error) -> Problem {
    Problem::new(
        "EXPORT_UNWRITABLE",
        format!("无法写入 {place}({error})"),
        format!("{place} cannot be written ({error})"),
    )
    .todo(
        "请核对路径、权限和磁盘空间",
        "check the path, its permissions and the space on the disk",
    )
}
