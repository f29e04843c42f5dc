//! The import desk behind `POST /v1/imports`: keeps the file, opens the import, works later.
//!
//! A kill at any instant loses nothing: the file is on disk before the import is opened, and the
//! ledger knows how far each import has come, so the next start goes on from there.

mod queue;
mod store;
mod worker;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use chrono::{DateTime, Utc};
use creditbank_api::{DeskError, ImportDesk, ResultFile, Upload};
use creditbank_domain::authz::{
    Actor, Grant, KeepRegister, ReadImport, RunImport, Subject, authorize,
};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportId;
use creditbank_import::{
    ColumnMapping, ImportError, ImportOptions, result_file_from_ledger, result_file_name,
};
use creditbank_ledger::flows::{NewImport, open_import};
use creditbank_ledger::reads::{self, ImportState, ImportView};
use creditbank_ledger::{Ledger, LedgerError};

use crate::operator;
use crate::problem::Problem;
use queue::{Job, Queue};
use store::{Record, Store};

/// Imports that may wait or run at once; whoever comes then is told to come again.
const IMPORTS_MAX: usize = 64;
const RETRY_AFTER_SECONDS: u32 = 30;
/// More would only make the posting of outcomes wait.
const WORKERS: usize = 2;

/// The desk. Its workers end when it is dropped.
pub(crate) struct Desk {
    ledger: Ledger,
    store: Arc<Store>,
    queue: Arc<Queue>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Desk {
    /// Makes the storage directory where there is none and starts the workers.
    pub(crate) fn open(ledger: Ledger, directory: &Path) -> Result<Self, Problem> {
        let unusable = |error: std::io::Error| {
            let shown = directory.display();
            Problem::new(
                "STORAGE",
                format!("存储目录 {shown} 无法使用({error})"),
                format!("the storage directory {shown} cannot be used ({error})"),
            )
            .todo(
                "请设置 CREDITBANK_STORAGE_DIR",
                "set CREDITBANK_STORAGE_DIR",
            )
        };
        let store = Arc::new(Store::open(directory).map_err(unusable)?);
        let queue = Arc::new(Queue::new(IMPORTS_MAX));
        for _ in 0..WORKERS {
            let (ledger, store, queue) = (ledger.clone(), Arc::clone(&store), Arc::clone(&queue));
            let work = move || worker::work(&ledger, &store, &queue);
            let builder = thread::Builder::new().name("import-desk".to_owned());
            builder.spawn(work).map_err(unusable)?;
        }
        Ok(Self {
            ledger,
            store,
            queue,
        })
    }

    /// Where uploads should arrive: on the same file system as what is kept.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.store.uploads()
    }

    /// Queues the imports that an earlier end cut short, where their file is kept here.
    pub(crate) fn go_on(&self) -> Result<(), Problem> {
        let register = operator::for_bank::<KeepRegister>()?;
        for import in reads::unfinished_imports(&self.ledger, &register)? {
            if !self.store.has_file(&import.file_sha256) {
                continue;
            }
            let subject = Subject::Institution(import.institution_id);
            let grant = authorize::<RunImport>(&Actor::operator(), subject)?;
            let mut options = ImportOptions::new(import.file_name, import.mode);
            let record = self.store.record(import.import_id).ok();
            options.mapping = record.and_then(|record| record.mapping);
            let (import_id, file_sha256) = (import.import_id, import.file_sha256);
            let reading = options.reading_sha256(&|text| self.ledger.pseudonym(text));
            if reading.ok() != Some(import.reading_sha256) {
                // The command line's, with more said beside it, or cut short before its record was
                // kept: whoever hands the file in again goes on with it.
                tracing::info!(import.id = %import_id, "left to whoever knows how it is read");
                continue;
            }
            tracing::info!(import.id = %import_id, "going on with an import");
            self.queue
                .put(Job::new(import_id, grant, file_sha256, options));
        }
        Ok(())
    }
}

impl ImportDesk for Desk {
    fn accept(
        &self,
        grant: &Grant<RunImport>,
        upload: Upload,
        now: DateTime<Utc>,
    ) -> Result<ImportView, DeskError> {
        let reading = grant.narrowed::<ReadImport>().map_err(DeskError::Denied)?;
        if self.queue.is_full() {
            return Err(DeskError::Busy {
                retry_after_seconds: RETRY_AFTER_SECONDS,
            });
        }
        let Upload {
            path,
            file_name,
            byte_count,
            mode,
            mapping,
        } = upload;
        let mapping = mapping
            .map(serde_json::from_value::<ColumnMapping>)
            .transpose();
        let mapping = mapping.map_err(|error| DeskError::Refused(malformed(&error)))?;
        let file_sha256 = self.store.keep(path).map_err(DeskError::Storage)?;
        let mut options = ImportOptions::new(file_name.clone(), mode);
        options.mapping = mapping;
        let reading_sha256 = options.reading_sha256(&|text| self.ledger.pseudonym(text));
        let new = NewImport {
            file_name: file_name.clone(),
            file_sha256,
            reading_sha256: reading_sha256.map_err(DeskError::Refused)?,
            byte_count,
            mode,
        };
        let opened = open_import(&self.ledger, grant, &new, now).map_err(ledger_error)?;
        let record = Record {
            file_sha256,
            file_name,
            mapping: options.mapping.clone(),
        };
        self.store
            .keep_record(opened.import_id, &record)
            .map_err(DeskError::Storage)?;
        self.queue.put(Job::new(
            opened.import_id,
            grant.clone(),
            file_sha256,
            options,
        ));
        reads::import(&self.ledger, &reading, opened.import_id).map_err(ledger_error)
    }

    fn result_file(
        &self,
        grant: &Grant<ReadImport>,
        import_id: ImportId,
    ) -> Result<ResultFile, DeskError> {
        let import = reads::import(&self.ledger, grant, import_id).map_err(ledger_error)?;
        match import.state {
            ImportState::Running => return Err(DeskError::StillRunning),
            ImportState::Failed => return Err(DeskError::Refused(failed(&import))),
            ImportState::Finished => {}
        }
        let Ok(record) = self.store.record(import_id) else {
            // Imported by the command line, which gave the file back itself.
            return Err(DeskError::NotFound);
        };
        let path = self.store.result_path(import_id, &import.file_name);
        let original = self.store.file(&record.file_sha256);
        let file_name = result_file_name(&import.file_name, &original).map_err(import_error)?;
        if !path.exists() {
            let part = self.store.part_path(import_id);
            let mapping = record.mapping.as_ref();
            result_file_from_ledger(&self.ledger, grant, import_id, &original, mapping, &part)
                .map_err(import_error)?;
            std::fs::rename(&part, &path).map_err(DeskError::Storage)?;
        }
        Ok(ResultFile { path, file_name })
    }
}

fn ledger_error(error: LedgerError) -> DeskError {
    match error {
        LedgerError::NotFound => DeskError::NotFound,
        LedgerError::Denied(denied) => DeskError::Denied(denied),
        LedgerError::Refused(fault) => DeskError::Refused(fault),
        other => DeskError::Ledger(other),
    }
}

fn import_error(error: ImportError) -> DeskError {
    match error {
        ImportError::Ledger(error) => ledger_error(error),
        ImportError::Refused(fault) | ImportError::Failed { fault, .. } => {
            DeskError::Refused(*fault)
        }
        ImportError::ResultFile { source } => DeskError::Storage(source),
        other => DeskError::Storage(std::io::Error::other(other)),
    }
}

fn malformed(error: &serde_json::Error) -> Fault {
    Fault::new(
        "MAPPING_INVALID",
        "列映射格式有误",
        format!("the column mapping is malformed: {error}"),
    )
}

fn failed(import: &ImportView) -> Fault {
    let (zh, en) = import
        .failure
        .as_ref()
        .map_or(("", ""), |failure| (&failure.zh, &failure.en));
    Fault::new(
        "IMPORT_FAILED",
        format!("文件未能读取,没有回执文件。{zh}"),
        format!("the file could not be read, so there is no result file: {en}"),
    )
}

/// Imports that are queued or run, for whoever must not start them twice.
type Active = BTreeSet<ImportId>;

#[cfg(test)]
mod tests;
