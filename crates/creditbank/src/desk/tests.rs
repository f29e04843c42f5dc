//! The desk and its workers over a bank of the kit. The clock is the real one: leases are short.

mod cohorts;
mod learner;
mod levels;
mod names;
mod questions;
mod room;
mod shared;
mod together;
mod turns;
mod waits;

use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use creditbank_domain::authz::{
    ApproveImport, Grant, KeepImportSettings, KeepRegister, ReadImport, Role, RunImport,
};
use creditbank_domain::import_job::{
    ApprovalVerdict, ImportJobState, LinesTogether, QuestionsWanted,
};
use creditbank_ledger::flows::{ApprovalOrder, ImportMode, NewImportJob};
use kit::{SCHOOL, TestBank, UNIVERSITY};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::turns::Bench;
use super::*;
use crate::{clock, operator};

/// The name of a file on which the reader panics, in tests alone.
pub(super) const PANICS: &str = "panics.csv";

/// A bank with a desk and everything that its workers need.
struct Office {
    bank: TestBank,
    desk: Desk,
    keeper: Grant<KeepRegister>,
    limits: TurnLimits,
    metrics: creditbank_api::Metrics,
    directory: TempDir,
}

impl Office {
    fn open() -> Self {
        Self::with(TestBank::start(), None)
    }

    /// A desk with a directory of its own over this bank.
    fn with(bank: TestBank, shared: Option<&Vault>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            desk: Desk::open(bank.ledger().clone(), directory.path(), shared).unwrap(),
            bank,
            keeper: operator::for_bank().unwrap(),
            limits: TurnLimits {
                lease: TimeDelta::seconds(3),
                worked_max: Duration::from_secs(600),
                quantum: Duration::ZERO,
                waits: TimeDelta::days(30),
                lines_per_transaction: 10,
            },
            metrics: creditbank_api::Metrics::default(),
            directory,
        }
    }

    fn registrar(&self, institution: &str) -> Grant<RunImport> {
        self.bank.grant(Role::Registrar, institution)
    }

    fn hand_in(&self, institution: &str, content: &str) -> ImportJobView {
        let file = self.directory.path().join("handed-in");
        std::fs::write(&file, content).unwrap();
        let new = NewImportJob {
            sha256: None,
            ..new_job(content)
        };
        self.submit_as(&self.registrar(institution), &file, new)
            .unwrap()
    }

    fn submit_as(
        &self,
        grant: &Grant<RunImport>,
        file: &Path,
        new: NewImportJob,
    ) -> Result<ImportJobView, DeskError> {
        self.desk.submit(grant, file, new, clock::now())
    }

    fn announce(&self, new: &NewImportJob) -> ImportJobView {
        let grant = self.registrar(UNIVERSITY);
        flows::open_import_job(self.bank.ledger(), &grant, new, clock::now()).unwrap()
    }

    fn send(&self, job: &ImportJobView, starts_at: usize, bytes: &[u8]) -> Result<u64, String> {
        let part = Part {
            starts_at: u64::try_from(starts_at).unwrap(),
            bytes: bytes.to_vec(),
        };
        let grant = self.registrar(UNIVERSITY);
        let received = self.desk.receive(&grant, job.job_id, part, clock::now());
        received
            .map(|job| job.received)
            .map_err(|error| match error {
                DeskError::Ledger(error) => error.fault().unwrap().code.to_owned(),
                DeskError::Refused(fault) => fault.code.to_owned(),
                other => panic!("{other:?}"),
            })
    }

    fn reading(&self, institution: &str) -> Grant<ReadImport> {
        self.bank.grant(Role::Registrar, institution)
    }

    fn job(&self, institution: &str, job: &ImportJobView) -> ImportJobView {
        reads::import_job(self.bank.ledger(), &self.reading(institution), job.job_id).unwrap()
    }

    /// One turn of a worker; whether there was one.
    fn step(&self) -> bool {
        self.try_step().unwrap()
    }

    fn try_step(&self) -> Result<bool, LedgerError> {
        let closing = AtomicBool::new(false);
        let bench = Bench {
            ledger: self.bank.ledger(),
            store: &self.desk.store,
            keeper: &self.keeper,
            limits: self.limits,
            closing: &closing,
            metrics: &self.metrics,
        };
        worker::step(&bench, &self.keeper)
    }

    fn work(&self) {
        while self.step() {}
    }

    fn workers(&self, many: u32) -> ImportWorkers {
        let (ledger, store) = (self.bank.ledger(), self.desk.store());
        ImportWorkers::start(ledger, &store, many, self.limits, &self.metrics).unwrap()
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(Instant::now() < deadline, "{what}");
            std::thread::yield_now();
        }
    }

    fn blobs(&self) -> Vec<Vec<u8>> {
        files_in(&self.directory.path().join("sealed"))
    }
}

impl Desk {
    fn made_result(
        &self,
        grant: &Grant<ReadImport>,
        import: ImportId,
    ) -> Result<ResultFile, DeskError> {
        self.result_file(grant, import)?.make()
    }

    fn made_result_of_cohort(
        &self,
        grant: &Grant<RequestConversion>,
        cohort: CohortId,
    ) -> Result<ResultFile, DeskError> {
        self.result_of_cohort(grant, cohort)?.make()
    }
}

fn files_in(directory: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(directory).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

fn transcript(lines: usize, first: usize) -> String {
    let mut text = "学号,学期,课程代码,学分,成绩\r\n".to_owned();
    for line in first..first + lines {
        text += &format!("S{line:06},2024-2025-1,MATH101,4,{}\r\n", 60 + line % 40);
    }
    text
}

fn sha256(content: &str) -> [u8; 32] {
    Sha256::digest(content).into()
}

fn new_job(content: &str) -> NewImportJob {
    NewImportJob {
        file_name: "成绩.csv".to_owned(),
        byte_count: u64::try_from(content.len()).unwrap(),
        sha256: Some(sha256(content)),
        mode: ImportMode::Post,
        mapping: None,
        learner: None,
        lines: LinesTogether::Each,
        questions: QuestionsWanted::All,
        again: false,
    }
}

#[test]
fn a_file_in_parts_is_kept_sealed_and_imported_as_if_it_came_whole() {
    let office = Office::open();
    let content = transcript(37, 0);
    let job = office.announce(&new_job(&content));
    assert_eq!(job.state, ImportJobState::Receiving);
    assert!(!office.step(), "nothing to do before the file is whole");
    for (at, part) in content.as_bytes().chunks(300).enumerate() {
        // Cut off and sent again, or sent out of order: it says where to go on, and changes nothing.
        let at = at * 300;
        assert_eq!(
            office.send(&job, at + 300, part),
            Err("UPLOAD_OFFSET".to_owned())
        );
        assert_eq!(
            office.send(&job, at, part),
            Ok(u64::try_from(at + part.len()).unwrap())
        );
    }
    assert_eq!(
        office.send(&job, content.len(), b"x"),
        Err("UPLOAD_COMPLETE".to_owned())
    );
    for blob in office.blobs() {
        assert!(
            !blob.windows(6).any(|it| it == b"S00000"),
            "a file lies open"
        );
    }
    office.work();
    let job = office.job(UNIVERSITY, &job);
    assert_eq!(job.state, ImportJobState::Finished);
    assert_eq!(
        (job.pace.lines_read, job.sha256),
        (37, Some(sha256(&content)))
    );
    assert_eq!(office.bank.row_counts()["outcomes"], 37);
    let import = job.import_id.unwrap();
    for _ in 0..2 {
        // Made, and then as it is kept.
        let result = office
            .desk
            .made_result(&office.reading(UNIVERSITY), import)
            .unwrap();
        assert_eq!(result.file_name, "成绩.result.csv");
        let mut text = String::new();
        (&result.file).read_to_string(&mut text).unwrap();
        assert_eq!(text.matches("已入账").count(), 37);
    }
    assert!(files_in(&office.directory.path().join("open")).is_empty());
}

#[test]
fn what_arrives_otherwise_than_announced_posts_nothing() {
    let office = Office::open();
    let content = transcript(5, 0);
    let mut new = new_job(&content);
    new.sha256 = Some([1; 32]);
    let job = office.announce(&new);
    office.send(&job, 0, content.as_bytes()).unwrap();
    office.work();
    let job = office.job(UNIVERSITY, &job);
    assert_eq!(job.failure.unwrap().code, "UPLOAD_DIGEST");
    assert_eq!(office.bank.row_counts()["outcomes"], 0);
    let more = format!("{content}x");
    let job = office.announce(&new_job(&content));
    assert_eq!(
        office.send(&job, 0, more.as_bytes()),
        Err("UPLOAD_RANGE".to_owned())
    );
}

#[test]
fn the_same_file_is_recognised_and_its_bytes_are_not_sent_again() {
    let office = Office::open();
    let content = transcript(5, 0);
    let first = office.announce(&new_job(&content));
    assert!(
        office.announce(&new_job(&content)).recognised,
        "also before it is whole"
    );
    office.send(&first, 0, content.as_bytes()).unwrap();
    office.work();
    let same = office.announce(&new_job(&content));
    assert_eq!((same.job_id, same.recognised), (first.job_id, true));
    let dry = NewImportJob {
        mode: ImportMode::DryRun,
        ..new_job(&content)
    };
    let again = NewImportJob {
        again: true,
        ..new_job(&content)
    };
    for other in [dry, again] {
        let job = office.announce(&other);
        assert_eq!((job.state, job.recognised), (ImportJobState::Queued, false));
        assert_ne!(job.job_id, first.job_id);
        office.work();
        assert_eq!(office.job(UNIVERSITY, &job).state, ImportJobState::Finished);
    }
    assert_eq!(office.bank.row_counts()["outcomes"], 5);
    let school = office.registrar(SCHOOL);
    let theirs = new_job(&content);
    let theirs = flows::open_import_job(office.bank.ledger(), &school, &theirs, clock::now());
    let theirs = theirs.unwrap();
    assert_eq!(
        theirs.state,
        ImportJobState::Receiving,
        "of no other institution"
    );
}

#[test]
fn after_its_time_a_file_is_gone_with_its_key_and_its_row_stays() {
    let office = Office::open();
    let (ledger, store) = (office.bank.ledger(), office.desk.store());
    let content = transcript(5, 0);
    let job = office.hand_in(UNIVERSITY, &content);
    let soon = clock::now() + TimeDelta::days(1);
    let purge = || purge_files(ledger, &store, &office.keeper, soon, soon).unwrap();
    assert_eq!(purge(), 0, "its job is not done");
    office.work();
    let import = office.job(UNIVERSITY, &job).import_id.unwrap();
    office
        .desk
        .made_result(&office.reading(UNIVERSITY), import)
        .unwrap();
    let early = clock::now() - TimeDelta::days(1);
    assert_eq!(
        purge_files(ledger, &store, &office.keeper, early, early).unwrap(),
        0
    );
    assert_eq!(purge(), 1);
    assert!(office.blobs().is_empty(), "the result went with it");
    let seen = office.job(UNIVERSITY, &job);
    assert!(seen.purged && seen.sha256 == Some(sha256(&content)));
    let gone = office.desk.made_result(&office.reading(UNIVERSITY), import);
    assert!(matches!(gone, Err(DeskError::NotFound)));
    // It is still recognised; done again, it has to be sent again.
    assert!(office.announce(&new_job(&content)).recognised);
    let again = NewImportJob {
        again: true,
        ..new_job(&content)
    };
    assert_eq!(office.announce(&again).state, ImportJobState::Receiving);
}

#[test]
fn a_stored_file_that_was_tampered_with_posts_nothing_more() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &transcript(5, 0));
    let directory = office.directory.path().join("sealed");
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    office.work();
    let seen = office.job(UNIVERSITY, &job);
    assert_eq!(seen.failure.unwrap().code, "FILE_STORED_DAMAGED");
    assert_eq!(office.bank.row_counts()["outcomes"], 0);
}
