//! Whole files through the reader, without a ledger.

use std::path::PathBuf;

use chrono::NaiveDate;
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::outcome::{LearnerRef, ReportedOutcome};
use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

use crate::{ColumnMapping, ImportLine, ReadOptions, read_lines};

mod attendance;
mod bad_files;
mod bad_lines;
mod blocks;
mod enemies;
mod formats;
mod harmless;
mod layouts;
mod linear;
mod memory;
mod pages;
mod patience;
mod poisoned_workbooks;
mod round_trip;
mod samples;
mod to_and_fro;
mod turns;
mod workbooks;

/// A stand-in for the ledger's keyed digest: equal texts get equal names.
fn pseudonym(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text)).chars().take(32).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn options() -> ReadOptions {
    ReadOptions {
        mapping: None,
        learner: None,
        today: day("2026-11-22"),
    }
}

fn mapping(json: &str) -> ReadOptions {
    let mapping: ColumnMapping = serde_json::from_str(json).unwrap();
    ReadOptions {
        mapping: Some(mapping),
        ..options()
    }
}

fn student(number: &str) -> LearnerRef {
    let identifier =
        Identifier::parse(IdentifierKind::StudentNumber, number, day("2026-11-22")).unwrap();
    LearnerRef::Identified {
        identifiers: identifier.into(),
        name: None,
    }
}

fn named(number: &str, name: &str) -> LearnerRef {
    let LearnerRef::Identified { identifiers, .. } = student(number) else {
        panic!("a student is told by identifiers");
    };
    LearnerRef::Identified {
        identifiers,
        name: Some(creditbank_domain::text::PersonName::new(name).unwrap()),
    }
}

/// A file in a directory of its own, which lives as long as this does.
struct TestFile {
    path: PathBuf,
    _directory: TempDir,
}

impl TestFile {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("transcript");
        std::fs::write(&path, bytes).unwrap();
        Self {
            path,
            _directory: directory,
        }
    }

    fn read(&self) -> Result<Vec<ImportLine>, Fault> {
        self.read_with(&options())
    }

    fn read_with(&self, options: &ReadOptions) -> Result<Vec<ImportLine>, Fault> {
        read_lines(&self.path, options, &pseudonym)
    }
}

/// A workbook of one sheet, every cell a text.
fn workbook(rows: &[&[&str]]) -> Workbook {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book
}

/// Line number and codes of every line that is not an outcome.
fn faults(lines: &[ImportLine]) -> Vec<(u64, Vec<&'static str>)> {
    let refused = lines.iter().filter_map(|line| {
        let faults = line.content.as_ref().err()?;
        Some((
            line.line_no,
            faults.iter().map(|fault| fault.code).collect(),
        ))
    });
    refused.collect()
}

fn line_nos(lines: &[ImportLine]) -> Vec<u64> {
    lines.iter().map(|line| line.line_no).collect()
}

/// Lines in a form that can be compared.
fn told(lines: &[ImportLine]) -> Vec<(u64, &Result<crate::LineContent, Vec<Fault>>)> {
    lines
        .iter()
        .map(|line| (line.line_no, &line.content))
        .collect()
}
