//! The API over the measured bank, on a socket of its own, as `creditbank serve` serves it: with
//! its middleware, its register of clients and its log, which goes nowhere.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};
use creditbank_api::{
    AccessLog, ApiLimits, ApiState, Authentication, ClientRegister, Clock, DeskError, Draining,
    EvidenceDesk, GateLimits, ImportDesk, LedgerHandle, Making, Metrics, Part, Posting,
    PostingLimits, RateLimits, ReadLog, Sockets, Throttle, Upload,
};
use creditbank_domain::authz::{
    Actor, Grant, KeepRegister, ReadImport, RequestConversion, Role, RunImport, Subject, authorize,
};
use creditbank_domain::ids::{CohortId, ImportId, ImportJobId};
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::CohortOrder;
use creditbank_ledger::flows::{NewClient, register_client};
use creditbank_ledger::reads::{CohortFileView, ImportJobView, ImportView};
use kit::tokens::{AUDIENCE, ISSUER, claims, signed, verifier};
use tokio::sync::oneshot;

use crate::bank::{BenchBank, UNIVERSITY};

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    /// Of a registrar of the university.
    pub token: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

/// No file is handed in here.
struct NoDesk;

impl ImportDesk for NoDesk {
    fn accept(
        &self,
        _: &Grant<RunImport>,
        _: Upload,
        _: DateTime<Utc>,
    ) -> Result<ImportView, DeskError> {
        Err(DeskError::NotFound)
    }

    fn receive(
        &self,
        _: &Grant<RunImport>,
        _: ImportJobId,
        _: Part,
        _: DateTime<Utc>,
    ) -> Result<ImportJobView, DeskError> {
        Err(DeskError::NotFound)
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
        _: &Grant<RequestConversion>,
        _: Upload,
        _: &CohortOrder,
        _: DateTime<Utc>,
    ) -> Result<CohortFileView, DeskError> {
        Err(DeskError::NotFound)
    }

    fn cohort_result(
        &self,
        _: &Grant<RequestConversion>,
        _: CohortId,
    ) -> Result<Making, DeskError> {
        Err(DeskError::NotFound)
    }

    fn result_file(&self, _: &Grant<ReadImport>, _: ImportId) -> Result<Making, DeskError> {
        Err(DeskError::NotFound)
    }
}

impl Server {
    /// Serves the bank; single posts together or one by one.
    pub fn start(bank: &BenchBank, together: bool) -> Result<Self> {
        let clock = Clock::system();
        let ledger = bank.ledger.clone();
        let posting = if together {
            Posting::together(ledger.clone(), clock.clone(), PostingLimits::default())?
        } else {
            Posting::one_by_one(clock.clone())
        };
        let token = token(bank, clock.now())?;
        let state = ApiState {
            readings: ReadLog::start(&ledger)?,
            refusals: AccessLog::start(&ledger)?,
            throttle: Throttle::new(&RateLimits::none()),
            posting,
            ledger: LedgerHandle::new(ledger, GateLimits::default()),
            verifier: Arc::new(verifier()),
            authentication: Arc::new(Authentication::new(ISSUER, AUDIENCE)),
            clients: ClientRegister::checked(),
            imports: Arc::new(NoDesk),
            evidence: EvidenceDesk::new(creditbank_vault::Vault::memory()),
            clock,
            limits: ApiLimits::default(),
            metrics: Metrics::default(),
            draining: Draining::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let shutdown = async move {
                let _ = stopped.await;
            };
            let sockets = Sockets {
                api: listener,
                metrics: None,
            };
            let served = creditbank_api::serve(sockets, state, shutdown, Duration::ZERO);
            actix_web::rt::System::new().block_on(served)
        });
        Ok(Self {
            address,
            token,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Ends it when everybody has their answer.
    pub fn stop(mut self) -> Result<()> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => Ok(ended?),
            Some(Err(_)) | None => Err(anyhow!("the server panicked")),
        }
    }
}

fn token(bank: &BenchBank, now: DateTime<Utc>) -> Result<String> {
    let keeper: Grant<KeepRegister> = authorize(&Actor::operator(), Subject::Bank)?;
    let roles = [Role::Registrar];
    let new = NewClient {
        name: "bench".to_owned(),
        institution: Some(InstitutionCode::new(UNIVERSITY)?),
        learner_no: None,
        roles: roles.to_vec(),
    };
    let client = register_client(&bank.ledger, &keeper, &new, now)?;
    Ok(signed(&claims(
        client,
        Some(bank.university),
        None,
        &roles,
        now,
    )))
}
