//! `creditbank import`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use creditbank_domain::authz::{Grant, ReadImport, RunImport};
use creditbank_import::{
    ColumnMapping, ImportError, ImportOptions, check_mapping, result_file_from_ledger,
    result_file_name, run_import,
};
use creditbank_ledger::flows::{ImportMode, save_mapping};
use creditbank_ledger::reads::{self, ImportView};
use creditbank_ledger::{Ledger, LedgerError};
use serde::Deserialize;

use super::file_bytes;
use super::learner::LearnerArguments;
use crate::importing::{self, Bar};
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// Beside 0 (every line posted) and 1 (nothing could be done); clap's own refusals take 2.
const SOME_LINES_REJECTED: u8 = 3;

/// Which file, whose, and how to read it. Exit code 0: every line is posted; 3: some lines were
/// rejected, the others are posted; 1: the file as a whole was refused.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// As the institution's system exports it: CSV, XLSX, XLS (pages too), ODS, JSON Lines, ELMO (as EMREX packs
    /// it too), EWP, PESC, CLR, Open Badges, OneRoster
    file: PathBuf,
    /// The code of the institution
    #[arg(long)]
    institution: String,
    /// Say what would happen and post nothing
    #[arg(long)]
    dry_run: bool,
    /// A column mapping: a JSON file, which is saved under its name, or the name of a saved one
    #[arg(long)]
    mapping: Option<String>,
    #[command(flatten)]
    learner: LearnerArguments,
    /// Where the file goes with its three more columns; beside the original when not given
    #[arg(long)]
    result_file: Option<PathBuf>,
}

/// Posts the file, prints the counts and says where the result file is.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let institution = operator::institution(&ledger, &arguments.institution)?;
    let grant = operator::for_institution::<RunImport>(&institution)?;
    let options = options(&ledger, &grant, arguments)?;
    let bar = Bar::new();
    let file = &arguments.file;
    let import = run_import(
        &ledger,
        &grant,
        file,
        &options,
        clock::now(),
        &mut |progress| {
            bar.show(progress);
        },
    );
    bar.end();
    let import = import.map_err(importing::problem)?;
    let reading = operator::for_institution::<ReadImport>(&institution)?;
    say_result(&ledger, &reading, &import, options.lines_per_transaction)?;
    let out = match &arguments.result_file {
        Some(given) => given.clone(),
        None => beside(file).map_err(importing::problem)?,
    };
    let mapping = options.mapping.as_ref();
    result_file_from_ledger(&ledger, &reading, import.import_id, file, mapping, &out)
        .map_err(importing::problem)?;
    say!("回执文件 result file: {}", out.display());
    let rejected = import.rejected > 0;
    Ok(if rejected {
        ExitCode::from(SOME_LINES_REJECTED)
    } else {
        ExitCode::SUCCESS
    })
}

fn options(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    arguments: &Arguments,
) -> Result<ImportOptions, Problem> {
    let name = arguments
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mode = if arguments.dry_run {
        ImportMode::DryRun
    } else {
        ImportMode::Post
    };
    let mut options = ImportOptions::new(name, mode);
    let given = arguments.mapping.as_deref();
    options.mapping = given
        .map(|given| mapping(ledger, grant, given))
        .transpose()?;
    options.learner = arguments.learner.read()?;
    Ok(options)
}

/// A JSON file, kept under the stem of its name, or what was kept under the name given.
fn mapping(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    given: &str,
) -> Result<ColumnMapping, Problem> {
    let path = Path::new(given);
    let is_file = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let value = if is_file {
        let value = serde_json::from_slice(&file_bytes(path)?);
        value.map_err(|error| malformed(&error))?
    } else {
        let reading = grant
            .narrowed::<ReadImport>()
            .map_err(LedgerError::Denied)?;
        let kept = reads::mapping(ledger, &reading, given)?;
        kept.ok_or_else(|| unknown(given))?.mapping
    };
    let mapping = ColumnMapping::deserialize(&value).map_err(|error| malformed(&error))?;
    if is_file {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let kept =
            check_mapping(&value).map_err(|fault| Problem::new(fault.code, fault.zh, fault.en))?;
        save_mapping(ledger, grant, &name, &kept, clock::now())?;
    }
    Ok(mapping)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(
        "MAPPING_INVALID",
        format!("列映射格式有误({error})"),
        format!("the column mapping is malformed ({error})"),
    )
}

fn unknown(name: &str) -> Problem {
    Problem::new(
        "MAPPING_UNKNOWN",
        format!("没有名为 {name} 的列映射"),
        format!("there is no column mapping named {name}"),
    )
    .todo(
        "请给出 .json 文件",
        "give a .json file; it is saved under its name",
    )
}

fn say_result(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: &ImportView,
    lines_per_transaction: usize,
) -> Result<(), Problem> {
    if import.mode == ImportMode::DryRun {
        say!("试运行,未入账 / dry run: nothing was posted");
    }
    importing::say_counts(import);
    for sentence in importing::dry_run_caveat(import, lines_per_transaction)
        .into_iter()
        .flatten()
    {
        say!("{sentence}");
    }
    for (code, count) in importing::rejected_by_code(ledger, grant, import)? {
        say!("  {count} × {code}");
    }
    if let Some(found) = reads::signature_found(ledger, grant, import.import_id)? {
        match found.reason {
            None => say!("签名已验证 signature verified"),
            Some(why) => say!("签名未验证 signature not verified: {why}"),
        }
    }
    Ok(())
}

/// 成绩.csv gets 成绩.result.csv; a file that is there from an earlier run is replaced.
fn beside(file: &Path) -> Result<PathBuf, ImportError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok(file.with_file_name(result_file_name(&name, file)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_file_stands_beside_the_original() {
        let directory = tempfile::tempdir().unwrap();
        for (name, bytes, result) in [
            ("成绩.2024.csv", "学号,成绩\n", "成绩.2024.result.csv"),
            ("transcript.xml", "<elmo/>", "transcript.result.csv"),
            ("成绩", "学号,成绩\n", "成绩.result"),
        ] {
            let file = directory.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(beside(&file).unwrap(), directory.path().join(result));
        }
    }
}
