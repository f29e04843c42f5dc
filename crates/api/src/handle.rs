//! The gate before the ledger: as many calls at once as it has connections, a bounded queue, and
//! an honest 503 for whoever would wait too long.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web;
use creditbank_ledger::{Connections, Ledger};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::problem::ApiError;
use crate::readiness::Readiness;

/// How long a request may wait, and how many may.
#[derive(Debug, Clone, Copy)]
pub struct GateLimits {
    /// Longest wait for a turn.
    pub wait_max: Duration,
    /// Most requests that wait at the same moment.
    pub waiting_max: usize,
    /// Longest wait for the answer once it is its turn; the work itself is never cut off.
    pub answer_max: Duration,
}

impl Default for GateLimits {
    fn default() -> Self {
        Self {
            wait_max: Duration::from_secs(5),
            waiting_max: 2_000,
            answer_max: Duration::from_secs(60),
        }
    }
}

/// How many whole files are taken or made at once: the desk has as many connections of its own.
pub const FILES_AT_ONCE: usize = 4;

/// How many times as long as for the ledger somebody waits for a file's turn.
const FILES_PATIENCE: u32 = 6;

/// The ledger as handlers see it. Cheap to clone; all clones share one gate.
#[derive(Clone)]
pub struct LedgerHandle {
    ledger: Option<Ledger>,
    gate: Arc<Semaphore>,
    files: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    limits: GateLimits,
    readiness: Readiness,
}

impl fmt::Debug for LedgerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerHandle")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// One place in the queue, given back however the wait ends.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LedgerHandle {
    /// Opens a gate as wide as the ledger's pool but for one connection, which is left for whoever
    /// posts and keeps house.
    #[must_use]
    pub fn new(ledger: Ledger, limits: GateLimits) -> Self {
        let connections = usize::try_from(ledger.pool_size()).unwrap_or(1);
        let width = connections.saturating_sub(1).max(1);
        Self::with_width(Some(ledger), width, limits)
    }

    fn with_width(ledger: Option<Ledger>, width: usize, limits: GateLimits) -> Self {
        Self {
            ledger,
            gate: Arc::new(Semaphore::new(width)),
            files: Arc::new(Semaphore::new(FILES_AT_ONCE)),
            waiting: Arc::default(),
            limits,
            readiness: Readiness::default(),
        }
    }

    /// A gate before blocking work that needs no ledger: [`Self::take_turn`] only.
    pub(crate) fn gate(width: usize, limits: GateLimits) -> Self {
        Self::with_width(None, width, limits)
    }

    /// A gate with nothing behind it: every call answers 503.
    #[cfg(test)]
    pub(crate) fn without_ledger(limits: GateLimits) -> Self {
        Self::with_width(None, 1, limits)
    }

    /// How many turns are free, and how many requests wait for one.
    pub(crate) fn occupancy(&self) -> (usize, usize) {
        let waiting = self.waiting.load(Ordering::Relaxed);
        (self.gate.available_permits(), waiting)
    }

    /// How the pool behind the gate stands.
    pub(crate) fn connections(&self) -> Option<Connections> {
        self.ledger.as_ref().map(Ledger::connections)
    }

    /// How many migrations the database lacks, asked past the gate.
    ///
    /// # Errors
    /// 503 where it does not answer.
    pub(crate) async fn unapplied_migrations(&self) -> Result<usize, ApiError> {
        self.readiness.look(self.ledger.as_ref()).await
    }

    /// Waits for a turn and runs blocking work on the ledger.
    pub(crate) async fn run<T, E>(
        &self,
        work: impl FnOnce(&Ledger) -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        let Some(ledger) = self.ledger.clone() else {
            return Err(self.overloaded());
        };
        self.take_turn(move || work(&ledger)).await
    }

    /// Waits for a turn and runs blocking work that uses the ledger by its own means.
    pub(crate) async fn take_turn<T, E>(
        &self,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        self.hold(self.wait().await?, work).await
    }

    /// Takes a whole file or makes one: beside the gate, since that takes as long as the file is
    /// large, and only a few at once. It uses nothing that requests share.
    pub(crate) async fn work_at_file<T, E>(
        &self,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        let patience = self.limits.wait_max.saturating_mul(FILES_PATIENCE);
        self.hold(self.wait_at(&self.files, patience).await?, work)
            .await
    }

    async fn hold<T, E>(
        &self,
        turn: OwnedSemaphorePermit,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        // The turn moves into the work: a client that leaves does not let another one in early.
        let running = web::block(move || {
            let _turn = turn;
            work()
        });
        match timeout(self.limits.answer_max, running).await {
            Ok(Ok(answer)) => answer.map_err(Into::into),
            Ok(Err(_)) => Err(ApiError::Internal("the work was cancelled")),
            Err(_) => Err(self.overloaded()),
        }
    }

    /// Waits for a turn, for whoever has to hold it over more than one piece of work.
    pub(crate) async fn wait(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        self.wait_at(&self.gate, self.limits.wait_max).await
    }

    async fn wait_at(
        &self,
        gate: &Arc<Semaphore>,
        patience: Duration,
    ) -> Result<OwnedSemaphorePermit, ApiError> {
        if let Ok(turn) = Arc::clone(gate).try_acquire_owned() {
            return Ok(turn);
        }
        let ahead = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _place = Waiting(&self.waiting);
        if ahead >= self.limits.waiting_max {
            return Err(self.overloaded());
        }
        match timeout(patience, Arc::clone(gate).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(self.overloaded()),
        }
    }

    fn overloaded(&self) -> ApiError {
        let seconds = u32::try_from(self.limits.wait_max.as_secs()).unwrap_or(1);
        ApiError::Overloaded {
            retry_after_seconds: seconds.max(1),
        }
    }
}

#[cfg(test)]
mod tests;
