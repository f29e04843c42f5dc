//! Imports that wait for a worker: bounded, each import once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use creditbank_domain::authz::{Grant, RunImport};
use creditbank_domain::ids::ImportId;
use creditbank_import::ImportOptions;

use super::Active;

/// How long a worker sleeps at most before it looks whether a delayed job is due.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// One import to be worked at.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) import_id: ImportId,
    pub(super) grant: Grant<RunImport>,
    pub(super) file_sha256: [u8; 32],
    pub(super) options: ImportOptions,
    /// How often it was tried before.
    pub(super) tries: u32,
    due: Instant,
}

impl Job {
    pub(super) fn new(
        import_id: ImportId,
        grant: Grant<RunImport>,
        file_sha256: [u8; 32],
        options: ImportOptions,
    ) -> Self {
        Self {
            import_id,
            grant,
            file_sha256,
            options,
            tries: 0,
            due: Instant::now(),
        }
    }
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    active: Active,
    closed: bool,
}

/// The queue.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    imports_max: usize,
}

impl Queue {
    pub(super) fn new(imports_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            imports_max,
        }
    }

    /// True where no more uploads should be taken.
    pub(super) fn is_full(&self) -> bool {
        self.lock().active.len() >= self.imports_max
    }

    /// Queues a job, unless its import is queued or running already.
    pub(super) fn put(&self, job: Job) {
        let mut state = self.lock();
        if state.active.insert(job.import_id) {
            state.waiting.push_back(job);
            self.changed.notify_one();
        }
    }

    /// Queues a job that a worker has again, for later.
    pub(super) fn put_back(&self, mut job: Job, after: Duration) {
        job.tries = job.tries.saturating_add(1);
        job.due = Instant::now().checked_add(after).unwrap_or(job.due);
        self.lock().waiting.push_back(job);
    }

    /// Waits for a job that is due; none when the queue is closed.
    pub(super) fn take(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let now = Instant::now();
            let due = state.waiting.iter().position(|job| job.due <= now);
            if let Some(job) = due.and_then(|position| state.waiting.remove(position)) {
                return Some(job);
            }
            let waited = self.changed.wait_timeout(state, LOOK_AGAIN);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Says that a job has ended.
    pub(super) fn done(&self, import_id: ImportId) {
        self.lock().active.remove(&import_id);
    }

    /// Sends the workers home after what they are doing.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
