//! The import desk: keeps files sealed, and has jobs worked at.
//!
//! A kill at any instant loses nothing: a file is on disk before its job is written down, the job
//! before the client is answered, and the ledger knows how far each import has come.

mod blobs;
mod cohorts;
mod halt;
mod refusals;
mod sealed;
mod shared;
mod store;
mod turns;
mod worker;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_api::{DeskError, ImportDesk, Making, Part, ResultFile, Upload};
use creditbank_domain::authz::{Grant, KeepRegister, ReadImport, RequestConversion, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, ImportId, ImportJobId};
use creditbank_import::{
    ColumnMapping, ImportError, ImportOptions, check_mapping, mapping_faults,
    result_file_from_ledger, result_file_name,
};
use creditbank_ledger::flows::{
    self, CohortOrder, FileKey, KeptFile, NewImport, NewImportJob, SaidBeside,
};
use creditbank_ledger::reads::{
    self, CohortFileView, ImportJobView, ImportState, ImportView, StoredFile,
};
use creditbank_ledger::{Ledger, LedgerError};
use creditbank_vault::{Vault, VaultError};
use serde::Deserialize as _;

use crate::clock;
use crate::problem::Problem;
pub(crate) use cohorts::Said;
pub(crate) use store::Store;
pub(crate) use turns::TurnLimits;
pub(crate) use worker::ImportWorkers;

/// The desk.
pub(crate) struct Desk {
    ledger: Ledger,
    /// For what takes as long as a file is large, where nobody who asks waits for a connection.
    files: Ledger,
    store: Arc<Store>,
}

impl Desk {
    /// Makes the storage directory where there is none. What is handed in is kept in it, or in the
    /// store that servers share.
    pub(crate) fn open(
        ledger: Ledger,
        directory: &Path,
        shared: Option<&Vault>,
    ) -> Result<Self, Problem> {
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
        let store =
            Arc::new(Store::open(directory, shared.map(Vault::sealed_files)).map_err(unusable)?);
        Ok(Self {
            files: ledger.clone(),
            ledger,
            store,
        })
    }

    /// The same desk, which takes and makes whole files on connections of its own.
    pub(crate) fn working_at_files_on(self, files: Ledger) -> Self {
        Self { files, ..self }
    }

    /// A result that `write` writes, from the original to a place, and names, where it is not kept.
    fn making(
        &self,
        (stored, import): (StoredFile, ImportId),
        grant: Grant<ReadImport>,
        write: impl FnOnce(&Ledger, &Path, &Path) -> Result<String, ImportError> + Send + 'static,
    ) -> Making {
        let (ledger, store) = (self.files.clone(), Arc::clone(&self.store));
        Making::new(move || {
            let write = |original: &Path, out: &Path| write(&ledger, original, out);
            let of = (import, stored.file_id);
            let made = store.result(&stored, import, write, |byte_count| {
                flows::make_room_for_result(&ledger, &grant, of, byte_count, clock::now())
            });
            let (file, file_name) = made.map_err(import_error)?;
            Ok(ResultFile { file, file_name })
        })
    }

    /// Where uploads should arrive: on the same file system as what is kept.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.store.uploads()
    }

    /// Where files are kept, for those who work at them.
    pub(crate) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// Seals a whole file and stores it.
    fn keep(&self, file: &Path) -> Result<KeptFile, DeskError> {
        let (file_id, key) = (KeptFile::new_id(), FileKey::generate());
        let mut source = File::open(file).map_err(DeskError::Storage)?;
        let byte_count = source.metadata().map_err(DeskError::Storage)?.len();
        let kept = self.store.keep_part((file_id, &key), 0, &mut source);
        let (blob, sha256) = kept.map_err(not_kept)?;
        Ok(KeptFile {
            file_id,
            key,
            blob,
            sha256,
            byte_count,
        })
    }

    /// Keeps a whole file and hands in a job with it.
    pub(crate) fn submit(
        &self,
        grant: &Grant<RunImport>,
        file: &Path,
        new: NewImportJob,
        now: DateTime<Utc>,
    ) -> Result<ImportJobView, DeskError> {
        mapping_of(new.mapping.as_ref())?;
        let kept = self.keep(file)?;
        let new = NewImportJob {
            byte_count: kept.byte_count,
            ..new
        };
        let job = flows::keep_import_job(&self.ledger, grant, &new, &kept, now);
        self.or_forget(&kept, job)
    }

    /// What was stored for nothing goes again.
    fn or_forget<T>(
        &self,
        kept: &KeptFile,
        result: Result<T, LedgerError>,
    ) -> Result<T, DeskError> {
        result.map_err(|error| {
            if error.fault().is_some()
                && let Err(left) = self.store.purge(kept.file_id)
            {
                tracing::warn!(error = crate::problem::chain(&left), "a file is left over");
            }
            ledger_error(error)
        })
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
        let mut options = ImportOptions::new(upload.file_name.clone(), upload.mode);
        options.mapping = mapping_of(upload.mapping.as_ref())?;
        options.learner = upload.learner;
        let reading_sha256 = options.reading_sha256(&|text| self.files.pseudonym(text));
        let reading_sha256 = reading_sha256.map_err(DeskError::Refused)?;
        let kept = self.keep(&upload.path)?;
        let new = NewImport {
            file_name: upload.file_name,
            file_sha256: kept.sha256,
            reading_sha256,
            byte_count: kept.byte_count,
            mode: upload.mode,
            approved_in: None,
        };
        let said = SaidBeside {
            mapping: upload.mapping.as_ref(),
            learner: options.learner.as_ref(),
        };
        let submitted = flows::submit_kept_file(&self.files, grant, &new, &said, &kept, now);
        let (import, taken) = self.or_forget(&kept, submitted)?;
        if !taken {
            // Its import is under way with the same bytes, kept before.
            self.store.purge(kept.file_id).map_err(DeskError::Storage)?;
        }
        reads::import(&self.files, &reading, import).map_err(ledger_error)
    }

    fn receive(
        &self,
        grant: &Grant<RunImport>,
        job: ImportJobId,
        part: Part,
        now: DateTime<Utc>,
    ) -> Result<ImportJobView, DeskError> {
        let byte_count = u64::try_from(part.bytes.len()).unwrap_or(u64::MAX);
        let range = (part.starts_at, byte_count);
        let file = flows::awaited_part(&self.ledger, grant, job, range).map_err(ledger_error)?;
        let of = (file.file_id, &file.key);
        let kept = self
            .store
            .keep_part(of, part.starts_at, &mut part.bytes.as_slice());
        let (blob, _) = kept.map_err(not_kept)?;
        let noted = flows::add_import_part(&self.ledger, grant, job, (range, &blob), now);
        noted.map_err(|error| {
            // Somebody else sent the same part at the same moment, or the job has ended.
            if matches!(error, LedgerError::Conflict(_) | LedgerError::Refused(_))
                && let Err(left) = self.store.forget_part(&blob)
            {
                tracing::warn!(error = crate::problem::chain(&left), "a part is left over");
            }
            ledger_error(error)
        })
    }

    fn check_mapping(&self, mapping: &serde_json::Value) -> Result<serde_json::Value, Fault> {
        check_mapping(mapping)
    }

    fn mapping_faults(&self, mapping: &serde_json::Value) -> Vec<(Vec<String>, Fault)> {
        mapping_faults(mapping)
    }

    fn ask(
        &self,
        grant: &Grant<RequestConversion>,
        upload: Upload,
        order: &CohortOrder,
        now: DateTime<Utc>,
    ) -> Result<CohortFileView, DeskError> {
        let said = Said {
            file_name: upload.file_name,
            mode: upload.mode,
            mapping: upload.mapping,
        };
        self.submit_cohort(grant, &upload.path, (&said, order), now)
    }

    fn cohort_result(
        &self,
        grant: &Grant<RequestConversion>,
        cohort_id: CohortId,
    ) -> Result<Making, DeskError> {
        self.result_of_cohort(grant, cohort_id)
    }

    fn result_file(
        &self,
        grant: &Grant<ReadImport>,
        import_id: ImportId,
    ) -> Result<Making, DeskError> {
        let import = reads::import(&self.ledger, grant, import_id).map_err(ledger_error)?;
        match import.state {
            ImportState::Running => return Err(DeskError::StillRunning),
            ImportState::Failed => return Err(DeskError::Refused(failed(&import))),
            ImportState::Finished => {}
        }
        // Not found: imported by the command line, which gave the file back itself, or removed
        // after its time.
        let kept = reads::file_of_import(&self.ledger, grant, import_id).map_err(ledger_error)?;
        let (stored, mapping) = kept;
        let mapping = mapping_of(mapping.as_ref())?;
        let (grant, counted) = (grant.clone(), grant.clone());
        let write = move |ledger: &Ledger, original: &Path, out: &Path| {
            let mapping = mapping.as_ref();
            result_file_from_ledger(ledger, &grant, import_id, original, mapping, out)?;
            result_file_name(&import.file_name, original)
        };
        Ok(self.making((stored, import_id), counted, write))
    }
}

/// Removes the bytes of files whose jobs ended before `before`, with their names, and the names of
/// what the command line imported before.
pub(crate) fn purge_files(
    ledger: &Ledger,
    store: &Store,
    grant: &Grant<KeepRegister>,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> anyhow::Result<usize> {
    let outdated = reads::outdated_import_files(ledger, grant, before)?;
    for file in &outdated {
        store.purge(*file)?;
        flows::purge_import_file(ledger, grant, *file, now)?;
    }
    flows::forget_import_names(ledger, grant, before)?;
    Ok(outdated.len())
}

/// How long what nobody wrote down yet may be on its way to be: sealing the largest file and the
/// transaction after it take minutes.
const UNWRITTEN_MAX: TimeDelta = TimeDelta::days(1);

/// Removes sealed bytes that no row names: of a server that died between storing and writing down.
pub(crate) fn sweep_files(
    ledger: &Ledger,
    store: &Store,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> anyhow::Result<usize> {
    store.sweep((now - UNWRITTEN_MAX).into(), &|some| {
        let needless = reads::needless_import_blobs(ledger, grant, some);
        needless.map_err(anyhow::Error::from)
    })
}

fn mapping_of(value: Option<&serde_json::Value>) -> Result<Option<ColumnMapping>, DeskError> {
    let mapping = value.map(ColumnMapping::deserialize).transpose();
    mapping.map_err(|error| DeskError::Refused(malformed(&error)))
}

fn ledger_error(error: LedgerError) -> DeskError {
    match error {
        LedgerError::NotFound => DeskError::NotFound,
        LedgerError::Denied(denied) => DeskError::Denied(denied),
        LedgerError::Refused(fault) => DeskError::Refused(fault),
        other => DeskError::Ledger(other),
    }
}

/// A store that does not answer does so later; what a disk does not do is our fault.
fn not_kept(error: std::io::Error) -> DeskError {
    let away = error
        .get_ref()
        .is_some_and(|inner| inner.is::<VaultError>());
    if !away || error.kind() == std::io::ErrorKind::NotFound {
        return DeskError::Storage(error);
    }
    tracing::warn!(
        error = crate::problem::chain(&error),
        "the shared store is away"
    );
    DeskError::Busy {
        retry_after_seconds: 5,
    }
}

fn import_error(error: ImportError) -> DeskError {
    match error {
        ImportError::Ledger(error) => ledger_error(error),
        ImportError::Refused(fault) | ImportError::Failed { fault, .. } => {
            DeskError::Refused(*fault)
        }
        ImportError::ResultFile { source } => not_kept(source),
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

#[cfg(test)]
mod tests;
