//! Files: every line ends as posted, already posted or rejected with a reason, whatever happens.

use std::path::{Path, PathBuf};

use creditbank_domain::ids::ImportId;
use creditbank_import::{ImportError, ImportOptions};
use creditbank_ledger::flows::LineStatus;
use creditbank_ledger::reads::{ImportState, ImportView};
use kit::TestBank;
use tempfile::TempDir;

mod bad_input;
mod bulk;
mod changes;
mod dry_run;
mod dry_run_agrees;
mod formats;
mod mappings;
mod oulad;
mod reading;
mod repaired;
mod result_file;
mod resume;
mod samples;
mod signatures;
mod uiuc;

/// A file in a directory of its own, which lives as long as this does.
struct TestFile {
    path: PathBuf,
    directory: TempDir,
}

impl TestFile {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("transcript");
        std::fs::write(&path, bytes).unwrap();
        Self { path, directory }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

fn in_transactions_of(lines: usize, options: ImportOptions) -> ImportOptions {
    ImportOptions {
        lines_per_transaction: lines,
        ..options
    }
}

fn gbk(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding_rs::GBK.encode(text);
    assert!(!lossy, "not in GBK: {text}");
    bytes.into_owned()
}

/// Read, posted, already posted, rejected; the first is the sum of the others.
fn figures(view: &ImportView) -> [u64; 4] {
    assert_eq!(view.state, ImportState::Finished);
    let [read, posted, already, rejected] =
        [view.read, view.posted, view.already_posted, view.rejected];
    assert_eq!(read, posted + already + rejected, "{view:?}");
    [read, posted, already, rejected]
}

/// Line, status and codes of every line that was not plainly posted.
fn told(bank: &TestBank, institution: &str, import: ImportId) -> Vec<(u64, LineStatus, String)> {
    let results = bank.line_results(institution, import);
    let told = results.into_iter().map(|line| {
        let codes: Vec<_> = line.faults.into_iter().map(|fault| fault.code).collect();
        (line.line_no, line.status, codes.join("; "))
    });
    told.collect()
}

/// The code with which a file as a whole is refused; its import, where it has one, has failed
/// with that code and done no line.
fn refusal(bank: &TestBank, institution: &str, file: &Path, options: &ImportOptions) -> String {
    let error = bank.try_import(institution, file, options).unwrap_err();
    let code = error.fault().expect("a coded refusal").code.to_owned();
    if let ImportError::Failed { view, .. } = error {
        assert_eq!((view.state, view.read), (ImportState::Failed, 0));
        assert_eq!(view.failure.expect("its reason").code, code);
    }
    code
}
