//! What has to be written down of a request, on its way to the ledger.
//!
//! A line goes into a bounded queue and the request goes on; a thread writes what has gathered, some
//! twenty times a second, on a connection of its own. An orderly end writes everything; a process
//! that is killed loses the lines of its last moment, a twentieth of a second where the database
//! keeps up.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use creditbank_ledger::{Ledger, LedgerError};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::timeout;

use crate::posting::queued;

/// Lines written at once.
const AT_ONCE_MAX: usize = 2_000;
/// Between two writes.
const EVERY: Duration = Duration::from_millis(50);
/// After a database that did not answer.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// Writes lines to the ledger, all of them or none.
pub(crate) type Write<T> = fn(&Ledger, &[T]) -> Result<usize, LedgerError>;

/// No line can be taken.
#[derive(Debug)]
pub(crate) struct Full;

/// See the module. Clones share the queue; the last one to go writes what is left.
pub(crate) struct Notebook<T> {
    queue: Arc<Queue<T>>,
}

impl<T> Clone for Notebook<T> {
    fn clone(&self) -> Self {
        Self {
            queue: Arc::clone(&self.queue),
        }
    }
}

struct Queue<T> {
    sender: Mutex<Option<Sender<T>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<T: Send + 'static> Notebook<T> {
    /// Begins to write to this ledger. `name` says in the log what lines are.
    pub(crate) fn over(
        ledger: Ledger,
        name: &'static str,
        waiting_max: usize,
        write: Write<T>,
    ) -> Self {
        let (sender, receiver) = tokio::sync::mpsc::channel(waiting_max.max(1));
        let thread = std::thread::spawn(move || work(&ledger, name, receiver, write));
        Self {
            queue: Arc::new(Queue {
                sender: Mutex::new(Some(sender)),
                thread: Mutex::new(Some(thread)),
            }),
        }
    }

    fn sender(&self) -> Option<Sender<T>> {
        let sender = &self.queue.sender;
        sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many lines are not written yet.
    pub(crate) fn waiting(&self) -> usize {
        self.sender().as_ref().map_or(0, queued)
    }

    /// Takes a line, waiting so long for a place.
    pub(crate) async fn note(&self, line: T, wait_max: Duration) -> Result<(), Full> {
        let sender = self.sender().ok_or(Full)?;
        match timeout(wait_max, sender.send(line)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Full),
        }
    }

    /// Writes what is left and takes no more, whoever still has a clone.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    /// Takes a line where there is a place.
    pub(crate) fn note_at_once(&self, line: T) -> Result<(), Full> {
        let sender = self.sender().ok_or(Full)?;
        sender.try_send(line).map_err(|_| Full)
    }
}

impl<T> Queue<T> {
    fn close(&self) {
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

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        self.close();
    }
}

fn work<T>(ledger: &Ledger, name: &'static str, mut receiver: Receiver<T>, write: Write<T>) {
    // A clock to wait by: nobody ever sends on it.
    let (_kept, tick) = channel::<()>();
    let pause = |time| tick.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    let mut waiting = Vec::new();
    while receiver.blocking_recv_many(&mut waiting, AT_ONCE_MAX) > 0 {
        while let Err(error) = write(ledger, &waiting) {
            let lines = waiting.len();
            if !error.is_unavailable() {
                // Our bug. It must not stop every later line, so it is told and left.
                tracing::error!(error = %error, lines, "{name} were not written");
                break;
            }
            tracing::warn!(error = %error, "{name} will be written when the database answers");
            let closed = receiver.is_closed();
            if closed || !pause(AFTER_FAILURE) {
                tracing::error!(lines, "{name} were lost at the end");
                return;
            }
        }
        waiting.clear();
        pause(EVERY);
    }
}
