//! Imports the three transcript files, as their institutions' registrars would.

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadImport, Role, RunImport, Subject, authorize};
use creditbank_import::{ImportOptions, result_file_from_ledger, run_import};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{ImportMode, LineStatus};
use creditbank_ledger::reads::ImportView;

use super::clients;
use super::files::{TRANSCRIPTS, TranscriptFile};
use super::place::Place;
use super::teller::{Teller, tell};
use crate::importing::{self, Bar};
use crate::operator;
use crate::problem::Problem;

/// More rejected lines of one reason are counted, not listed.
const LISTED_MAX: usize = 6;

/// Imports all three and gives their counts.
pub(crate) fn run(
    ledger: &Ledger,
    place: &Place,
    teller: Teller,
    now: DateTime<Utc>,
) -> Result<Vec<ImportView>, Problem> {
    teller.chapter("导入成绩文件", "transcript files");
    TRANSCRIPTS
        .iter()
        .map(|file| import(ledger, place, teller, file, now))
        .collect()
}

fn import(
    ledger: &Ledger,
    place: &Place,
    teller: Teller,
    file: &TranscriptFile,
    now: DateTime<Utc>,
) -> Result<ImportView, Problem> {
    let registrar = clients::of_institution(ledger, Role::Registrar, file.institution, now)?;
    let institution = operator::institution(ledger, file.institution)?;
    let actor = clients::actor(&registrar);
    let grant = authorize::<RunImport>(&actor, Subject::Institution(institution.id))?;
    let path = place.handed_in().join(file.name);
    let unwritable = |error: std::io::Error| Problem::internal(&error);
    fs::write(&path, file.bytes).map_err(unwritable)?;
    let options = ImportOptions::new(file.name, ImportMode::Post);
    let bar = (teller == Teller::Person).then(Bar::new);
    let import = run_import(ledger, &grant, &path, &options, now, &mut |progress| {
        if let Some(bar) = &bar {
            bar.show(progress);
        }
    });
    if let Some(bar) = &bar {
        bar.end();
    }
    let import = import.map_err(importing::problem)?;
    let ImportView {
        read,
        posted,
        already_posted,
        rejected,
        ..
    } = import;
    tell!(
        teller,
        "  {}({};{})",
        file.name,
        file.institution,
        file.about
    );
    tell!(
        teller,
        "    读取 read {read} = 入账 posted {posted} + 已存在 already posted {already_posted} \
         + 拒绝 rejected {rejected}"
    );
    let reading = grant.narrowed::<ReadImport>()?;
    if teller == Teller::Person {
        tell_rejected(ledger, &reading, &import)?;
    }
    let out = result_path(place, file);
    result_file_from_ledger(ledger, &reading, import.import_id, &path, None, &out)
        .map_err(importing::problem)?;
    tell!(
        teller,
        "    回执文件 their own file back: {}",
        out.display()
    );
    Ok(import)
}

/// 成绩.csv goes back as 成绩.result.csv.
fn result_path(place: &Place, file: &TranscriptFile) -> PathBuf {
    let (stem, extension) = file.name.rsplit_once('.').unwrap_or((file.name, ""));
    place.results().join(format!("{stem}.result.{extension}"))
}

fn tell_rejected(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: &ImportView,
) -> Result<(), Problem> {
    let mut listed = Vec::new();
    importing::for_each_result(ledger, grant, import, |line| {
        if line.status == LineStatus::Rejected && listed.len() < LISTED_MAX {
            let codes: Vec<&str> = line
                .faults
                .iter()
                .map(|fault| fault.code.as_str())
                .collect();
            let zh: Vec<&str> = line.faults.iter().map(|fault| fault.zh.as_str()).collect();
            let line_no = line.line_no;
            let (codes, zh) = (codes.join(" "), zh.join(";"));
            listed.push(format!("    第 {line_no} 行 line {line_no}: {codes} {zh}"));
        }
    })?;
    for line in &listed {
        Teller::Person.say(format_args!("{line}"));
    }
    for (code, count) in importing::rejected_by_code(ledger, grant, import)? {
        Teller::Person.say(format_args!("    {count} × {code}"));
    }
    Ok(())
}
