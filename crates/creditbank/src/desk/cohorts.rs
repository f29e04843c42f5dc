//! Files of requests: kept, worked at and given back as transcripts are.

use std::path::Path;

use chrono::{DateTime, Utc};
use creditbank_api::{DeskError, Making};
use creditbank_domain::authz::{Actor, Grant, ReadImport, RequestConversion, Subject, authorize};
use creditbank_domain::ids::CohortId;
use creditbank_import::{cohort_reading_sha256, result_file_name, result_file_of_cohort};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{self, CohortOrder, ImportMode, NewImport};
use creditbank_ledger::reads::{self, CohortFileView, ImportState};

use super::{Desk, failed, ledger_error, mapping_of};

/// What is said beside a whole file of requests.
pub(crate) struct Said {
    pub(crate) file_name: String,
    pub(crate) mode: ImportMode,
    pub(crate) mapping: Option<serde_json::Value>,
}

impl Desk {
    /// Keeps a whole file of requests and queues the work.
    pub(crate) fn submit_cohort(
        &self,
        grant: &Grant<RequestConversion>,
        file: &Path,
        (said, order): (&Said, &CohortOrder),
        now: DateTime<Utc>,
    ) -> Result<CohortFileView, DeskError> {
        let mapping = mapping_of(said.mapping.as_ref())?;
        let reading_sha256 = cohort_reading_sha256(mapping.as_ref(), order);
        let reading_sha256 = reading_sha256.map_err(DeskError::Refused)?;
        let kept = self.keep(file)?;
        let new = NewImport {
            file_name: said.file_name.clone(),
            file_sha256: kept.sha256,
            reading_sha256,
            byte_count: kept.byte_count,
            mode: said.mode,
            approved_in: None,
        };
        let about = (&new, said.mapping.as_ref());
        let submitted = flows::submit_cohort_file(&self.files, grant, order, about, &kept, now);
        let (import, taken) = self.or_forget(&kept, submitted)?;
        if !taken {
            // The same bytes are under way, kept before.
            self.store.purge(kept.file_id).map_err(DeskError::Storage)?;
        }
        let cohort_id = CohortId::from_uuid(import.as_uuid());
        reads::cohort_file(&self.files, grant, cohort_id).map_err(ledger_error)
    }

    /// The file of requests with what became of each line.
    pub(super) fn result_of_cohort(
        &self,
        grant: &Grant<RequestConversion>,
        cohort_id: CohortId,
    ) -> Result<Making, DeskError> {
        let view = reads::cohort_file(&self.ledger, grant, cohort_id).map_err(ledger_error)?;
        match view.import.state {
            ImportState::Running => return Err(DeskError::StillRunning),
            ImportState::Failed => return Err(DeskError::Refused(failed(&view.import))),
            ImportState::Finished => {}
        }
        // Whoever may ask sees what became of it: it was found as their own.
        let school = grant.institution().map_err(DeskError::Denied)?;
        let subject = Subject::Institution(school);
        let reading = authorize::<ReadImport>(&Actor::operator(), subject);
        let reading = reading.map_err(DeskError::Denied)?;
        let import = view.import.import_id;
        let kept = reads::file_of_import(&self.ledger, &reading, import).map_err(ledger_error)?;
        let (stored, mapping) = kept;
        let mapping = mapping_of(mapping.as_ref())?;
        let counted = reading.clone();
        let write = move |ledger: &Ledger, original: &Path, out: &Path| {
            let mapping = mapping.as_ref();
            result_file_of_cohort(ledger, &reading, import, original, mapping, out)?;
            result_file_name(&view.import.file_name, original)
        };
        Ok(self.making((stored, import), counted, write))
    }
}
