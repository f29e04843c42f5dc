//! Who read whose account, on its way to the ledger.
//!
//! A read puts a line into a bounded queue and answers; a thread writes what has gathered, some
//! twenty times a second, on a connection of its own. Where the queue is full because the database
//! does not take it, a read waits a moment and is then refused with 503: nobody reads without a
//! trace. An orderly end writes everything; a process that is killed loses the lines of its last
//! moment, a twentieth of a second where the database keeps up.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use creditbank_ledger::flows::{Reading, record_readings};
use creditbank_ledger::{Ledger, LedgerError};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::timeout;

use crate::posting::queued;
use crate::problem::ApiError;

/// Lines that may wait.
const WAITING_MAX: usize = 10_000;
/// Lines written at once.
const AT_ONCE_MAX: usize = 2_000;
/// Between two writes.
const EVERY: Duration = Duration::from_millis(50);
/// After a database that did not answer.
const AFTER_FAILURE: Duration = Duration::from_millis(500);
/// How long a read waits for a place.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// See the module. Clones share the queue; the last one to go writes what is left.
#[derive(Clone)]
pub struct ReadLog {
    queue: Option<Arc<Queue>>,
}

struct Queue {
    sender: Mutex<Option<Sender<Reading>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for ReadLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReadLog")
    }
}

impl ReadLog {
    /// Begins to write to this ledger, beside the connections of those who read.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`] without a database.
    pub fn start(ledger: &Ledger) -> Result<Self, LedgerError> {
        Ok(Self::over(ledger.beside(1)?, WAITING_MAX))
    }

    fn over(ledger: Ledger, waiting_max: usize) -> Self {
        let (sender, receiver) = tokio::sync::mpsc::channel(waiting_max);
        let thread = std::thread::spawn(move || work(&ledger, receiver));
        Self {
            queue: Some(Arc::new(Queue {
                sender: Mutex::new(Some(sender)),
                thread: Mutex::new(Some(thread)),
            })),
        }
    }

    /// Writes nothing down: where there is no ledger.
    #[cfg(test)]
    pub(crate) const fn none() -> Self {
        Self { queue: None }
    }

    /// How many lines are not written yet.
    pub(crate) fn waiting(&self) -> usize {
        let Some(queue) = &self.queue else { return 0 };
        let sender = queue.sender.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().map_or(0, queued)
    }

    /// Takes a line, before the answer goes out.
    pub(crate) async fn note(&self, reading: Option<Reading>) -> Result<(), ApiError> {
        let (Some(reading), Some(queue)) = (reading, &self.queue) else {
            return Ok(());
        };
        let full = ApiError::Overloaded {
            retry_after_seconds: 1,
        };
        let sender = queue
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(sender) = sender else {
            return Err(full);
        };
        match timeout(WAIT_MAX, sender.send(reading)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(full),
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // Without a sender the thread writes what is left and ends.
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let _ended = thread.join();
        }
    }
}

fn work(ledger: &Ledger, mut receiver: Receiver<Reading>) {
    // A clock to wait by: nobody ever sends on it.
    let (_kept, tick) = channel::<()>();
    let pause = |time| tick.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    let mut waiting = Vec::new();
    while receiver.blocking_recv_many(&mut waiting, AT_ONCE_MAX) > 0 {
        while let Err(error) = record_readings(ledger, &waiting) {
            if !error.is_unavailable() {
                // Our bug. It must not stop every later line, so it is told and left.
                tracing::error!(error = %error, lines = waiting.len(), "readings were not written");
                break;
            }
            tracing::warn!(error = %error, "readings will be written when the database answers");
            let closed = receiver.is_closed();
            if closed || !pause(AFTER_FAILURE) {
                tracing::error!(lines = waiting.len(), "readings were lost at the end");
                return;
            }
        }
        waiting.clear();
        pause(EVERY);
    }
}
