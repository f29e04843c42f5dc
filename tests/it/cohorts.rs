//! Files of requests: each line becomes one request, or comes back with its reason, whatever happens.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use creditbank_domain::authz::{
    Actor, Grant, ReadImport, RequestConversion, RunImport, Subject, authorize,
};
use creditbank_domain::consent::{LegalBasis, StatedBasis};
use creditbank_domain::ids::{CohortId, ImportId};
use creditbank_domain::text::InstitutionCode;
use creditbank_import::{
    ImportError, ImportOptions, Progress, Watch, cohort_reading_sha256, result_file_of_cohort,
    run_watched_cohort,
};
use creditbank_ledger::flows::{
    CohortOrder, FileKey, ImportMode, KeptFile, LineStatus, NewImport, open_cohort,
    submit_cohort_file,
};
use creditbank_ledger::reads::{ImportState, ImportView};
use creditbank_ledger::{Ledger, LedgerError};
use kit::{PROGRAMME, RECEIVING, SCHOOL, TestBank, UNIVERSITY, outcome};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

mod kills;
mod lines;

/// A file of requests as the school hands it in.
struct CohortTestFile {
    path: PathBuf,
    bytes: Vec<u8>,
    directory: TempDir,
}

impl CohortTestFile {
    fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let (directory, bytes) = (tempfile::tempdir().unwrap(), bytes.into());
        let path = directory.path().join("cohort");
        std::fs::write(&path, &bytes).unwrap();
        Self {
            path,
            bytes,
            directory,
        }
    }
}

fn order() -> CohortOrder {
    CohortOrder {
        receiving: InstitutionCode::new(RECEIVING).unwrap(),
        programme: PROGRAMME.to_owned(),
        rule_set: None,
        reference: "2026夏".to_owned(),
        basis: None,
    }
}

fn for_the_worker<A: creditbank_domain::authz::Action>(bank: &TestBank) -> Grant<A> {
    let subject = Subject::Institution(bank.institution(SCHOOL));
    authorize(&Actor::operator(), subject).unwrap()
}

/// Hands a file in, as the desk does once it is stored.
fn try_hand_in(
    bank: &TestBank,
    file: &CohortTestFile,
    order: &CohortOrder,
    mode: ImportMode,
) -> Result<ImportId, LedgerError> {
    let sha256 = Sha256::digest(&file.bytes).into();
    let new = NewImport {
        file_name: "申请.csv".to_owned(),
        file_sha256: sha256,
        reading_sha256: cohort_reading_sha256(None, order).unwrap(),
        byte_count: file.bytes.len().try_into().unwrap(),
        mode,
        approved_in: None,
    };
    let kept = KeptFile {
        file_id: KeptFile::new_id(),
        key: FileKey::generate(),
        blob: "kept".to_owned(),
        sha256,
        byte_count: new.byte_count,
    };
    let grant: Grant<RequestConversion> = bank.school_asks();
    let submitted = submit_cohort_file(
        bank.ledger(),
        &grant,
        order,
        (&new, None),
        &kept,
        bank.now(),
    );
    submitted.map(|(import, _)| import)
}

/// Works at a file with so many lines a transaction; `told` after each may end it, as a kill would.
fn work(
    bank: &TestBank,
    ledger: &Ledger,
    (file, import): (&CohortTestFile, ImportId),
    lines: usize,
    told: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportView, ImportError> {
    let grant: Grant<RunImport> = for_the_worker(bank);
    let cohort = open_cohort(ledger, &grant, import).unwrap().unwrap();
    let mut options = ImportOptions::new("申请.csv", ImportMode::Post);
    options.lines_per_transaction = lines;
    let mut watch = Watch {
        told,
        stopped: &|| false,
    };
    let of = (file.path.as_path(), &cohort);
    run_watched_cohort(ledger, &grant, of, &options, bank.now(), &mut watch)
}

/// From its bytes to its end.
fn run(bank: &TestBank, bytes: impl Into<Vec<u8>>, order: &CohortOrder) -> (ImportView, Told) {
    let file = CohortTestFile::new(bytes);
    let import = try_hand_in(bank, &file, order, ImportMode::Post).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let view = work(bank, bank.ledger(), (&file, import), 100, go_on).unwrap();
    let told = told(bank, import);
    (view, told)
}

/// Status and codes by line.
type Told = BTreeMap<u64, (LineStatus, String)>;

fn told(bank: &TestBank, import: ImportId) -> Told {
    let results = bank.line_results(SCHOOL, import);
    let told = results.into_iter().map(|line| {
        let codes: Vec<_> = line.faults.into_iter().map(|fault| fault.code).collect();
        (line.line_no, (line.status, codes.join("; ")))
    });
    told.collect()
}

fn rejected(told: &Told) -> Vec<(u64, &str)> {
    { told.iter() }
        .filter(|(_, (status, _))| *status == LineStatus::Rejected)
        .map(|(line, (_, codes))| (*line, codes.as_str()))
        .collect()
}

/// Read, requested, requested before, rejected.
fn figures(view: &ImportView) -> [u64; 4] {
    assert_eq!(view.state, ImportState::Finished);
    [view.read, view.posted, view.already_posted, view.rejected]
}

fn count(bank: &TestBank, table: &str) -> u64 {
    let rows = bank
        .database()
        .sql(&format!("select count(*) from {table}"));
    rows.unwrap().trim().parse().unwrap()
}

fn requests(bank: &TestBank) -> u64 {
    count(bank, "conversion_requests")
}

fn student(bank: &TestBank, number: &str, certificates: &[&str]) {
    for certificate in certificates {
        bank.post(SCHOOL, outcome(certificate).student(number).build());
    }
}

/// The result file of a file of requests, as text.
fn result_of(bank: &TestBank, file: &CohortTestFile, import: ImportId) -> Vec<u8> {
    let out = file.directory.path().join("result");
    let grant: Grant<ReadImport> = for_the_worker(bank);
    result_file_of_cohort(bank.ledger(), &grant, import, &file.path, None, &out).unwrap();
    std::fs::read(out).unwrap()
}
