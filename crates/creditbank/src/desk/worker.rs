//! What a worker thread does: one import after the other.

use std::time::Duration;

use creditbank_domain::fault::Fault;
use creditbank_import::{ImportError, run_import};
use creditbank_ledger::flows::fail_import;
use creditbank_ledger::{Ledger, LedgerError};

use super::queue::{Job, Queue};
use super::store::Store;
use crate::clock;
use crate::problem::chain;

/// How often an import is tried that the ledger did not answer; the next start tries it again.
const TRIES_MAX: u32 = 20;
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(15);

/// Works until the queue is closed.
pub(super) fn work(ledger: &Ledger, store: &Store, queue: &Queue) {
    while let Some(job) = queue.take() {
        let import_id = job.import_id;
        match run(ledger, store, &job) {
            Ok(()) => queue.done(import_id),
            Err(error) if job.tries < TRIES_MAX => {
                tracing::warn!(import.id = %import_id, error = chain(&error),
                    "an import will be tried again");
                queue.put_back(job, TRY_AGAIN_AFTER);
            }
            Err(error) => {
                tracing::error!(import.id = %import_id, error = chain(&error),
                    "an import was given up until the next start");
                queue.done(import_id);
            }
        }
    }
}

/// Runs an import to its end. An error is one that may pass.
fn run(ledger: &Ledger, store: &Store, job: &Job) -> Result<(), ImportError> {
    let (import_id, file) = (job.import_id, store.file(&job.file_sha256));
    let ran = run_import(
        ledger,
        &job.grant,
        &file,
        &job.options,
        clock::now(),
        &mut |_| {},
    );
    match ran {
        Ok(import) => {
            let (read, rejected) = (import.read, import.rejected);
            tracing::info!(import.id = %import_id, read, rejected, "import finished");
            Ok(())
        }
        Err(ImportError::Failed { fault, .. }) => {
            tracing::info!(import.id = %import_id, code = fault.code, "import failed");
            Ok(())
        }
        Err(ImportError::Refused(fault)) => close_as_failed(ledger, job, &fault),
        // The institution was suspended after it handed the file in.
        Err(ImportError::Ledger(LedgerError::Refused(fault))) => {
            close_as_failed(ledger, job, &fault)
        }
        Err(ImportError::Ledger(error)) if error.fault().is_some() => {
            let code = error.fault().map_or("", |fault| fault.code);
            tracing::info!(import.id = %import_id, code, "import left to others");
            Ok(())
        }
        Err(other) => Err(other),
    }
}

/// The file was refused before its import was looked at; it would stay under way for ever.
fn close_as_failed(ledger: &Ledger, job: &Job, fault: &Fault) -> Result<(), ImportError> {
    let ended = fail_import(ledger, &job.grant, job.import_id, fault, clock::now());
    ended.map(drop).map_err(ImportError::Ledger)
}
