//! What has to be written down of a request, on its way to the ledger.
//!
//! A line goes into a bounded queue and the request goes on; a thread writes what has gathered, some
//! twenty times a second, on a connection of its own. An orderly end writes everything; a process
//! that is killed loses the lines of its last moment, a twentieth of a second where the database
//! keeps up.

use std::sync::atomic::{AtomicU64, Ordering};
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
    lost: Arc<AtomicU64>,
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
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lost);
        let thread = std::thread::spawn(move || {
            let mut write = |lines: &[T]| write(&ledger, lines);
            work(name, receiver, &mut write, &counter);
        });
        Self {
            queue: Arc::new(Queue {
                sender: Mutex::new(Some(sender)),
                thread: Mutex::new(Some(thread)),
                lost,
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

    /// How many lines the ledger did not take, whatever was tried.
    pub(crate) fn lost(&self) -> u64 {
        self.queue.lost.load(Ordering::Relaxed)
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

fn work<T>(
    name: &'static str,
    mut receiver: Receiver<T>,
    write: &mut dyn FnMut(&[T]) -> Result<usize, LedgerError>,
    lost: &AtomicU64,
) {
    // A clock to wait by: nobody ever sends on it.
    let (_kept, tick) = channel::<()>();
    let pause = |time| tick.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    let mut waiting = Vec::new();
    while receiver.blocking_recv_many(&mut waiting, AT_ONCE_MAX) > 0 {
        loop {
            let settled = settle(name, &waiting, write);
            lost.fetch_add(settled.lost, Ordering::Relaxed);
            drop(waiting.drain(..settled.lines));
            let Some(error) = settled.away else {
                break;
            };
            tracing::warn!(error = %error, "{name} will be written when the database answers");
            let closed = receiver.is_closed();
            if closed || !pause(AFTER_FAILURE) {
                let lines = waiting.len();
                tracing::error!(lines, "{name} were lost at the end");
                return;
            }
        }
        pause(EVERY);
    }
}

/// What became of lines, from the first on.
struct Settled {
    /// So many are written or lost.
    lines: usize,
    /// So many of them are lost.
    lost: u64,
    /// Why not more.
    away: Option<LedgerError>,
}

/// Writes lines. Where the ledger does not take them together, halves are tried, so that one that it
/// never takes, which is our bug, loses nothing but itself.
fn settle<T>(
    name: &'static str,
    lines: &[T],
    write: &mut dyn FnMut(&[T]) -> Result<usize, LedgerError>,
) -> Settled {
    let whole = |lost, away| Settled {
        lines: lines.len(),
        lost,
        away,
    };
    let error = match write(lines) {
        Ok(_) => return whole(0, None),
        Err(error) if error.is_unavailable() => {
            return Settled {
                lines: 0,
                lost: 0,
                away: Some(error),
            };
        }
        Err(error) => error,
    };
    if lines.len() <= 1 {
        tracing::error!(error = %error, "one of the {name} was not written");
        return whole(1, None);
    }
    let (first, second) = lines.split_at(lines.len().div_ceil(2));
    let before = settle(name, first, write);
    if before.away.is_some() {
        return before;
    }
    let after = settle(name, second, write);
    Settled {
        lines: before.lines.saturating_add(after.lines),
        lost: before.lost.saturating_add(after.lost),
        away: after.away,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_that_is_never_taken_loses_nothing_but_itself(
            lines in proptest::collection::vec(0..100u8, 1..200), bad in 0..100u8, calls_max in 1..400usize,
        ) {
            let mut written = Vec::new();
            let mut calls = 0;
            let mut write = |some: &[u8]| {
                calls += 1;
                // Away from a moment on, in the midst of whatever is tried.
                if calls > calls_max {
                    return Err(LedgerError::Unavailable("away".into()));
                }
                if some.contains(&bad) {
                    return Err(LedgerError::Corrupt("a bad line"));
                }
                written.extend_from_slice(some);
                Ok(some.len())
            };
            let settled = settle("lines", &lines, &mut write);
            prop_assert_eq!(settled.away.is_none(), settled.lines == lines.len());
            let done = &lines[..settled.lines];
            let good: Vec<u8> = done.iter().copied().filter(|it| *it != bad).collect();
            prop_assert_eq!(written, good, "each once, in order, and none beyond");
            let lost = u64::try_from(done.iter().filter(|it| **it == bad).count()).unwrap();
            prop_assert_eq!(settled.lost, lost);
        }
    }
}
