//! How a server of the kit is set, and the desk that it has.

use std::fmt;

use chrono::{DateTime, Utc};
use creditbank_api::{
    ApiLimits, Authentication, Clock, DeskError, ImportDesk, Making, Part, RateLimits, Upload,
};
use creditbank_domain::authz::{Grant, ReadImport, RequestConversion, RunImport};
use creditbank_domain::ids::{CohortId, ImportId, ImportJobId};
use creditbank_ledger::flows::CohortOrder;
use creditbank_ledger::reads::{self, CohortFileView, ImportJobView, ImportView};
use creditbank_ledger::{Ledger, LedgerError};
use creditbank_vault::Vault;

use crate::bank::TestBank;
use crate::tokens::{AUDIENCE, ISSUER};

/// How a [`crate::TestApp`] is set.
pub struct TestServer {
    /// Who is believed.
    pub authentication: Authentication,
    /// What time it is.
    pub clock: Clock,
    /// How often callers may ask; nothing but tokens is limited where a test does not say so.
    pub rates: RateLimits,
    /// Sizes and times.
    pub limits: ApiLimits,
    /// Lines that may wait for the log of readings, and for that of refusals.
    pub lines_waiting_max: usize,
    /// Where evidence is kept.
    pub vault: Vault,
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer")
            .field("rates", &self.rates)
            .finish_non_exhaustive()
    }
}

impl Default for TestServer {
    fn default() -> Self {
        Self {
            authentication: Authentication::new(ISSUER, AUDIENCE),
            clock: Clock::fixed(TestBank::opening()),
            rates: RateLimits {
                tokens: "30/60".parse().ok(),
                ..RateLimits::none()
            },
            limits: ApiLimits::default(),
            lines_waiting_max: 10_000,
            vault: Vault::memory(),
        }
    }
}

/// The binary's desk has its own tests. This one looks for what it is asked about, as that one does
/// before anything else, and is busy with what it finds.
pub(crate) struct BusyDesk {
    pub(crate) ledger: Ledger,
}

impl ImportDesk for BusyDesk {
    fn accept(
        &self,
        grant: &Grant<RunImport>,
        _: Upload,
        _: DateTime<Utc>,
    ) -> Result<ImportView, DeskError> {
        busy_with(grant.institution().map_err(LedgerError::from))
    }

    fn receive(
        &self,
        grant: &Grant<RunImport>,
        job: ImportJobId,
        _: Part,
        _: DateTime<Utc>,
    ) -> Result<ImportJobView, DeskError> {
        let reading = grant.narrowed().map_err(DeskError::Denied)?;
        busy_with(reads::import_job(&self.ledger, &reading, job))
    }

    fn check_mapping(
        &self,
        mapping: &serde_json::Value,
    ) -> Result<serde_json::Value, creditbank_domain::fault::Fault> {
        Ok(mapping.clone())
    }

    fn mapping_faults(
        &self,
        _: &serde_json::Value,
    ) -> Vec<(Vec<String>, creditbank_domain::fault::Fault)> {
        Vec::new()
    }

    fn ask(
        &self,
        grant: &Grant<RequestConversion>,
        _: Upload,
        _: &CohortOrder,
        _: DateTime<Utc>,
    ) -> Result<CohortFileView, DeskError> {
        busy_with(grant.institution().map_err(LedgerError::from))
    }

    fn cohort_result(
        &self,
        grant: &Grant<RequestConversion>,
        cohort: CohortId,
    ) -> Result<Making, DeskError> {
        busy_with(reads::cohort_file(&self.ledger, grant, cohort))
    }

    fn result_file(
        &self,
        grant: &Grant<ReadImport>,
        import: ImportId,
    ) -> Result<Making, DeskError> {
        busy_with(reads::import(&self.ledger, grant, import))
    }
}

fn busy_with<T, F>(found: Result<F, LedgerError>) -> Result<T, DeskError> {
    Err(match found {
        Ok(_) => DeskError::Busy {
            retry_after_seconds: 7,
        },
        Err(LedgerError::NotFound) => DeskError::NotFound,
        Err(LedgerError::Denied(denied)) => DeskError::Denied(denied),
        Err(other) => DeskError::Ledger(other),
    })
}
