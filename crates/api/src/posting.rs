//! Single posts on their way into the ledger: those that arrive together go in together.
//!
//! One thread posts. While it commits one transaction the queue fills, and what is in the queue is
//! the next transaction: nobody waits for a timer, and the more come, the more share one commit.
//! The queue is bounded; beyond it a client is told when to come again. What was taken in is
//! posted, whether its client still waits or not.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use creditbank_ledger::flows::{SinglePost, post_singles_once};
use creditbank_ledger::{Answered, Ledger, LedgerError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::handle::LedgerHandle;
use crate::problem::ApiError;

/// How many may wait, how many go together, and how long one waits for its answer.
#[derive(Debug, Clone, Copy)]
pub struct PostingLimits {
    /// Most posts that wait for the next transaction.
    pub waiting_max: usize,
    /// Most posts of one transaction.
    pub together_max: usize,
    /// Longest wait for an answer; what was taken in is posted all the same.
    pub answer_max: Duration,
}

impl Default for PostingLimits {
    fn default() -> Self {
        Self {
            waiting_max: 2_000,
            together_max: 500,
            answer_max: Duration::from_secs(60),
        }
    }
}

struct Waiting {
    post: SinglePost,
    reply: oneshot::Sender<Result<Answered, LedgerError>>,
}

/// Where handlers hand in single posts. Cheap to clone; all clones share one queue.
#[derive(Clone)]
pub struct Posting {
    way: Way,
}

#[derive(Clone)]
enum Way {
    OneByOne { clock: Clock },
    Together(Arc<Queue>),
}

impl fmt::Debug for Posting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::OneByOne { .. } => "Posting(one by one)",
            Way::Together(_) => "Posting(together)",
        })
    }
}

impl Posting {
    /// A transaction for each post, through the gate that all requests share.
    #[must_use]
    pub const fn one_by_one(clock: Clock) -> Self {
        Self {
            way: Way::OneByOne { clock },
        }
    }

    /// One transaction for all posts that are waiting when the one before it has ended.
    ///
    /// # Errors
    /// Where the thread that posts cannot be started.
    pub fn together(ledger: Ledger, clock: Clock, limits: PostingLimits) -> std::io::Result<Self> {
        let work = move |posts: &[SinglePost]| post_singles_once(&ledger, posts, clock.now());
        Self::with_work(limits, work)
    }

    fn with_work(
        limits: PostingLimits,
        work: impl Fn(&[SinglePost]) -> Vec<Result<Answered, LedgerError>> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, queue) = mpsc::channel(limits.waiting_max.max(1));
        let together_max = limits.together_max.max(1);
        let thread = std::thread::Builder::new()
            .name("posting".to_owned())
            .spawn(move || post_until_closed(queue, together_max, work))?;
        let queue = Queue {
            sender: Some(sender),
            thread: Mutex::new(Some(thread)),
            answer_max: limits.answer_max,
        };
        Ok(Self {
            way: Way::Together(Arc::new(queue)),
        })
    }

    /// How many wait for the next transaction.
    pub(crate) fn waiting(&self) -> usize {
        match &self.way {
            Way::OneByOne { .. } => 0,
            Way::Together(queue) => queue.sender.as_ref().map_or(0, queued),
        }
    }

    /// Posts and waits for the answer.
    pub(crate) async fn post(
        &self,
        post: SinglePost,
        ledger: &LedgerHandle,
    ) -> Result<Answered, ApiError> {
        match &self.way {
            Way::OneByOne { clock } => {
                let now = clock.now();
                let alone = move |ledger: &Ledger| {
                    let answer = post_singles_once(ledger, &[post], now).pop();
                    answer.unwrap_or(Err(LedgerError::Corrupt("an unanswered post")))
                };
                ledger.run(alone).await
            }
            Way::Together(queue) => queue.post(post).await,
        }
    }
}

/// The queue and the thread behind it. Its end waits until everything in it is posted.
struct Queue {
    /// Taken at the end, so that the thread sees that nobody comes any more.
    sender: Option<mpsc::Sender<Waiting>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    answer_max: Duration,
}

impl Queue {
    async fn post(&self, post: SinglePost) -> Result<Answered, ApiError> {
        let (reply, answer) = oneshot::channel();
        let sender = self.sender.as_ref().ok_or_else(overloaded)?;
        sender
            .try_send(Waiting { post, reply })
            .map_err(|_| overloaded())?;
        match timeout(self.answer_max, answer).await {
            Ok(Ok(answered)) => answered.map_err(Into::into),
            Ok(Err(_)) => Err(ApiError::Internal("the posting thread gave no answer")),
            Err(_) => Err(overloaded()),
        }
    }
}

/// How much is in a queue.
pub(crate) fn queued<T>(sender: &mpsc::Sender<T>) -> usize {
    sender.max_capacity().saturating_sub(sender.capacity())
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.sender = None;
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // It cannot have panicked: it catches what its work throws.
            let _ended = thread.join();
        }
    }
}

const fn overloaded() -> ApiError {
    ApiError::Overloaded {
        retry_after_seconds: 1,
    }
}

fn post_until_closed(
    mut queue: mpsc::Receiver<Waiting>,
    together_max: usize,
    work: impl Fn(&[SinglePost]) -> Vec<Result<Answered, LedgerError>>,
) {
    let mut waiting = Vec::with_capacity(together_max);
    while queue.blocking_recv_many(&mut waiting, together_max) > 0 {
        let (posts, replies): (Vec<SinglePost>, Vec<_>) =
            waiting.drain(..).map(|it| (it.post, it.reply)).unzip();
        // A bug that panics loses the answers of one transaction, never the thread.
        let answers = catch_unwind(AssertUnwindSafe(|| work(&posts))).unwrap_or_default();
        for (reply, answer) in replies.into_iter().zip(answers) {
            // Whoever does not wait any more can ask again with the same key.
            let _gone = reply.send(answer);
        }
    }
}

#[cfg(test)]
mod tests;
