//! Threads that work at jobs, one turn after the other, each for whoever's turn it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use creditbank_api::Metrics;
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_ledger::{Ledger, LedgerError, flows};

use super::store::Store;
use super::turns::{Bench, TurnLimits};
use crate::problem::{Problem, chain};
use crate::{clock, operator};

/// The pause where nothing was to do.
const EVERY: Duration = Duration::from_millis(250);

/// The pause after a database that did not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Works until it is dropped; the lines in hand are posted first, and the rest waits for the next
/// start or another server.
pub(crate) struct ImportWorkers {
    closing: Arc<AtomicBool>,
    workers: Vec<(Sender<()>, JoinHandle<()>)>,
}

impl ImportWorkers {
    /// Begins at once, on connections of its own.
    pub(crate) fn start(
        ledger: &Ledger,
        store: &Arc<Store>,
        workers: u32,
        limits: TurnLimits,
        metrics: &Metrics,
    ) -> Result<Self, Problem> {
        let closing = Arc::new(AtomicBool::new(false));
        // One each, and one to renew leases while every worker has its own in hand.
        let ledger = ledger.beside(workers.saturating_add(1))?;
        let mut started = Vec::new();
        for _ in 0..workers {
            let (stop, stopped) = channel();
            let (ledger, store) = (ledger.clone(), Arc::clone(store));
            let metrics = metrics.clone();
            let (closing, keeper) = (Arc::clone(&closing), operator::for_bank::<KeepRegister>()?);
            let work = move || {
                let bench = Bench {
                    ledger: &ledger,
                    store: &store,
                    keeper: &keeper,
                    limits,
                    closing: &closing,
                    metrics: &metrics,
                };
                work(&bench, &keeper, &stopped);
            };
            let builder = thread::Builder::new().name("import-worker".to_owned());
            let thread = builder
                .spawn(work)
                .map_err(|error| Problem::internal(&error))?;
            started.push((stop, thread));
        }
        Ok(Self {
            closing,
            workers: started,
        })
    }
}

impl Drop for ImportWorkers {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        let workers: (Vec<_>, Vec<_>) = self.workers.drain(..).unzip();
        // Closing the channels ends the waits.
        drop(workers.0);
        for thread in workers.1 {
            let _ended = thread.join();
        }
    }
}

fn work(bench: &Bench<'_>, keeper: &Grant<KeepRegister>, stopped: &Receiver<()>) {
    loop {
        // A turn catches what its reader throws; whatever else is thrown ends no worker either.
        let pause = match catch_unwind(AssertUnwindSafe(|| step(bench, keeper))) {
            Err(_) => {
                bench.metrics.import_panicked();
                tracing::error!("a worker panicked and goes on");
                AFTER_FAILURE
            }
            Ok(Ok(true)) => Duration::ZERO,
            Ok(Ok(false)) => EVERY,
            Ok(Err(error)) => {
                tracing::warn!(error = chain(&error), "jobs will be looked for again");
                AFTER_FAILURE
            }
        };
        if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Takes one turn, where there is one.
pub(super) fn step(bench: &Bench<'_>, keeper: &Grant<KeepRegister>) -> Result<bool, LedgerError> {
    let taken = flows::take_import_turn(bench.ledger, keeper, bench.limits.lease, clock::now())?;
    let Some(turn) = taken else {
        return Ok(false);
    };
    tracing::info!(job.id = %turn.job_id, "a turn at a job");
    bench.take(&turn)?;
    Ok(true)
}
