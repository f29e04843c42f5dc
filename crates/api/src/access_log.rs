//! Access that was refused, on its way to the ledger.
//!
//! A refusal never waits for its line: where the queue is full the line is lost, and the log says
//! how many were. Of a flood from one side the first ones of each minute are kept, so that nobody
//! hides behind it; how many there were is in the metrics. What was done is written by the transaction that did it, not here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::HttpMessage as _;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{RefusedAccess, RefusedSubject, record_access};
use creditbank_ledger::{Ledger, LedgerError};
use uuid::Uuid;

use crate::abuse::ClientAddress;
use crate::auth::CallerActor;
use crate::endpoints::Endpoint;
use crate::notebook::{Full, Notebook};
use crate::observe::occasion;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Lines that may wait.
const WAITING_MAX: usize = 10_000;
/// Of how many lost lines one is told in the log.
const TOLD_EVERY: u64 = 1_000;
const CODE_CHARACTERS_MAX: usize = 60;

/// See the module. Clones share the queue; the last one to go writes what is left.
#[derive(Clone)]
pub struct AccessLog {
    notebook: Option<Notebook<RefusedAccess>>,
    lost: Arc<AtomicU64>,
}

impl std::fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessLog")
    }
}

impl AccessLog {
    /// Begins to write to this ledger, on a connection of its own.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`] without a database.
    pub fn start(ledger: &Ledger) -> Result<Self, LedgerError> {
        Self::with_room_for(WAITING_MAX, ledger)
    }

    /// The same with another queue.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_room_for(waiting_max: usize, ledger: &Ledger) -> Result<Self, LedgerError> {
        let ledger = ledger.beside(1)?;
        let notebook = Notebook::over(ledger, "refusals", waiting_max, record_access);
        Ok(Self {
            notebook: Some(notebook),
            lost: Arc::default(),
        })
    }

    /// Writes nothing down.
    #[must_use]
    pub fn none() -> Self {
        Self {
            notebook: None,
            lost: Arc::default(),
        }
    }

    /// Writes what is left and takes no more.
    pub fn close(&self) {
        if let Some(notebook) = &self.notebook {
            notebook.close();
        }
    }

    /// Takes a line where the answer refuses access.
    pub(crate) fn note(
        &self,
        response: &ServiceResponse<BoxBody>,
        endpoint: &Endpoint,
        state: &ApiState,
    ) {
        let status = response.status().as_u16();
        let Some(notebook) = &self.notebook else {
            return;
        };
        let address = response.request().extensions().get().copied();
        let address: ClientAddress = address.unwrap_or_default();
        let caller = || {
            let extensions = response.request().extensions();
            let actor = extensions.get::<CallerActor>();
            actor.map(|it| (it.0.client, it.0.person))
        };
        let news = match status {
            401 | 403 | 404 => state.throttle.is_noted(caller(), address.ip),
            429 => state.throttle.is_news(address.ip),
            _ => false,
        };
        if !news {
            return;
        }
        let line = refused(response, endpoint, address, state);
        if let Err(Full) = notebook.note_at_once(line) {
            let lost = self.lost.fetch_add(1, Ordering::Relaxed);
            if lost.is_multiple_of(TOLD_EVERY) {
                let lost = lost.saturating_add(1);
                tracing::error!(lost, "refusals come faster than they are written down");
            }
        }
    }
}

fn refused(
    response: &ServiceResponse<BoxBody>,
    endpoint: &Endpoint,
    address: ClientAddress,
    state: &ApiState,
) -> RefusedAccess {
    let request = response.request();
    let status = response.status().as_u16();
    let error = response.response().error();
    let code = match error.and_then(|error| error.as_error::<ApiError>()) {
        Some(error) => error.problem().code.into_owned(),
        None => format!("STATUS_{status}"),
    };
    let extensions = request.extensions();
    let actor = extensions.get::<CallerActor>().map(|it| it.0.clone());
    RefusedAccess {
        occurred_at: state.now(),
        actor,
        action: endpoint.action,
        route: format!("{} {}", endpoint.method, endpoint.path),
        subject: request
            .match_info()
            .iter()
            .last()
            .map(|(name, value)| (name.to_owned(), subject(name, value))),
        status,
        code: code.chars().take(CODE_CHARACTERS_MAX).collect(),
        address: address.ip.map(|ip| ip.to_string()),
        occasion: occasion(&extensions),
    }
}

fn subject(name: &str, value: &str) -> RefusedSubject {
    if name == "learner_no" {
        let number: Option<LearnerNo> = value.parse().ok();
        return number.map_or(RefusedSubject::Unreadable, RefusedSubject::Learner);
    }
    let id: Option<Uuid> = value.parse().ok();
    id.map_or(RefusedSubject::Unreadable, RefusedSubject::Id)
}
