//! Whether the server can work, asked of the database by one at a time and remembered for a moment:
//! anybody may ask, as often as they like, and nobody else waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web;
use creditbank_ledger::{Ledger, reads};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::problem::ApiError;

/// How long an answer holds: soon enough for a balancer.
const HOLDS_FOR: Duration = Duration::from_millis(500);
/// How long the database may take for its answer.
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// How many migrations the database lacks; nothing where it did not answer.
type Found = Option<usize>;

/// See the module. Clones share what was found. It goes past the gate: a server that is busy is not
/// one that cannot work.
#[derive(Clone, Default)]
pub(crate) struct Readiness {
    last: Arc<Mutex<Option<(Instant, Found)>>>,
}

impl Readiness {
    /// How many migrations the database lacks.
    ///
    /// # Errors
    /// 503 where it does not answer.
    pub(crate) async fn look(&self, ledger: Option<&Ledger>) -> Result<usize, ApiError> {
        let mut last = self.last.lock().await;
        let found = match *last {
            Some((at, found)) if at.elapsed() < HOLDS_FOR => found,
            _ => {
                let found = ask(ledger).await;
                *last = Some((Instant::now(), found));
                found
            }
        };
        found.ok_or(ApiError::Overloaded {
            retry_after_seconds: 1,
        })
    }
}

async fn ask(ledger: Option<&Ledger>) -> Found {
    let ledger = ledger?.clone();
    let asked = web::block(move || reads::unapplied_migrations(&ledger));
    timeout(ANSWER_MAX, asked).await.ok()?.ok()?.ok()
}
