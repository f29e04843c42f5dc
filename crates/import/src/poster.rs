//! Posts the lines of a file on a thread of its own, a transaction after the other. Where there are
//! processors enough, the next ones are read meanwhile: the file on one processor, the ledger on
//! another. What is only looked up is looked up for two transactions at once, and noted in their order.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Scope, available_parallelism};

use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{ImportLine, LineResult};

use crate::error::ImportError;
use crate::run::{Progress, Watch};

/// An import that reads on while it posts keeps so many processors busy: its own, and the one on
/// which the ledger writes.
const PROCESSORS_KEPT_BUSY: usize = 2;

type Posted = Result<Vec<LineResult>, LedgerError>;

/// Lines on their way: the how manieth of the file's transactions they are.
type Numbered = (u64, Vec<ImportLine>);

/// Whether whoever asks for a balance meanwhile finds a processor free. Reading takes a small part of
/// what posting takes, so there is little to win where they do not.
pub(crate) fn leaves_a_processor() -> bool {
    available_parallelism().is_ok_and(|it| it.get() > PROCESSORS_KEPT_BUSY)
}

/// What is done with the lines of a transaction.
pub(crate) struct Work<L, N> {
    /// How many transactions are worked at together.
    pub(crate) at_once: usize,
    /// Whether the file is read on while that goes on.
    pub(crate) reads_ahead: bool,
    /// What can be done before the transaction before has ended.
    pub(crate) look: L,
    /// What is done after it, with what was seen.
    pub(crate) note: N,
}

/// Whose turn it is. Where one fails, nobody gets a turn any more: what is noted has no gap.
#[derive(Default)]
struct Turns {
    state: Mutex<Turn>,
    passed: Condvar,
}

#[derive(Default)]
struct Turn {
    next: u64,
    failed: bool,
}

impl Turns {
    fn state(&self) -> MutexGuard<'_, Turn> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; false where it never comes.
    fn wait(&self, number: u64) -> bool {
        let waiting = self
            .passed
            .wait_while(self.state(), |turn| !turn.failed && turn.next != number);
        !waiting.unwrap_or_else(PoisonError::into_inner).failed
    }

    fn pass(&self, number: u64) {
        self.state().next = number.saturating_add(1);
        self.passed.notify_all();
    }
}

/// What the threads of a [`Poster`] share.
struct Shared {
    to_post: Mutex<Receiver<Numbered>>,
    posted: SyncSender<Posted>,
    turns: Turns,
}

impl Shared {
    fn next(&self) -> Option<Numbered> {
        let lines = self.to_post.lock().unwrap_or_else(PoisonError::into_inner);
        lines.recv().ok()
    }

    fn work<T>(
        &self,
        look: &impl Fn(&[ImportLine]) -> Result<T, LedgerError>,
        note: &impl Fn(T, &[ImportLine]) -> Posted,
    ) {
        while let Some((number, lines)) = self.next() {
            let mut held = Held {
                shared: self,
                passed: false,
            };
            let seen = look(&lines);
            if !self.turns.wait(number) {
                return;
            }
            let posted = seen.and_then(|seen| note(seen, &lines));
            held.passed = posted.is_ok();
            // Nobody waits for it where the file's end was not reached.
            let _ = self.posted.send(posted);
            if !held.passed {
                return;
            }
            self.turns.pass(number);
        }
    }
}

/// Lines that somebody works at. Where that is not brought to its end, nobody gets a turn any more.
struct Held<'s> {
    shared: &'s Shared,
    passed: bool,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.passed {
            return;
        }
        self.shared.turns.state().failed = true;
        self.shared.turns.passed.notify_all();
        if std::thread::panicking() {
            // Whoever waits for the result has to learn that there will be none.
            let _ = self.shared.posted.try_send(Err(PANICKED));
        }
    }
}

/// See the module. Lines are in memory at most for the transactions that are worked at and one that
/// is read.
pub(crate) struct Poster<'p, 'w> {
    lines: SyncSender<Numbered>,
    results: Receiver<Posted>,
    at_once: usize,
    reads_ahead: bool,
    sent: u64,
    /// Where the file will have been read to when each of those that are worked at is done.
    at_work: VecDeque<u64>,
    done: Progress,
    watch: &'p mut Watch<'w>,
}

impl<'p, 'w> Poster<'p, 'w> {
    /// Starts the threads, which end with this.
    pub(crate) fn start<'scope, T, L, N>(
        scope: &'scope Scope<'scope, '_>,
        work: Work<L, N>,
        (done, watch): (Progress, &'p mut Watch<'w>),
    ) -> Self
    where
        L: Fn(&[ImportLine]) -> Result<T, LedgerError> + Send + Clone + 'scope,
        N: Fn(T, &[ImportLine]) -> Posted + Send + Clone + 'scope,
    {
        let (lines, to_post) = sync_channel(0);
        let (posted, results) = sync_channel(work.at_once);
        let shared = Arc::new(Shared {
            to_post: Mutex::new(to_post),
            posted,
            turns: Turns::default(),
        });
        for _ in 0..work.at_once {
            let (look, note) = (work.look.clone(), work.note.clone());
            let (shared, span) = (Arc::clone(&shared), tracing::Span::current());
            scope.spawn(move || {
                let _entered = span.enter();
                shared.work(&look, &note);
            });
        }
        Self {
            lines,
            results,
            at_once: work.at_once,
            reads_ahead: work.reads_ahead,
            sent: 0,
            at_work: VecDeque::new(),
            done,
            watch,
        }
    }

    /// Whether somebody wants the import to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        (self.watch.stopped)()
    }

    pub(crate) const fn byte_count(&self) -> u64 {
        self.done.byte_count
    }

    /// Hands over the lines of a transaction, once there is room for them; the file was read to
    /// here.
    ///
    /// # Errors
    /// Of a transaction before; [`ImportError::Stopped`] where that was enough.
    pub(crate) fn post(&mut self, lines: Vec<ImportLine>, read_to: u64) -> Result<(), ImportError> {
        if self.at_work.len() >= self.at_once {
            self.wait()?;
        }
        if self.lines.send((self.sent, lines)).is_err() {
            return Err(ImportError::Ledger(PANICKED));
        }
        self.sent = self.sent.saturating_add(1);
        self.at_work.push_back(read_to);
        if !self.reads_ahead {
            self.wait()?;
        }
        Ok(())
    }

    /// Waits for the last transactions.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub(crate) fn finish(mut self) -> Result<(), ImportError> {
        while !self.at_work.is_empty() {
            self.wait()?;
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<(), ImportError> {
        let Some(read_to) = self.at_work.pop_front() else {
            return Ok(());
        };
        let posted = self.results.recv().unwrap_or(Err(PANICKED));
        let results = posted.map_err(ImportError::Ledger)?;
        self.done.bytes_read = read_to;
        self.done.count(&results);
        self.watch.tell(self.done)
    }
}

/// So does the import, when the thread is joined.
const PANICKED: LedgerError = LedgerError::Corrupt("the thread that posts");
