//! Waiting for what another process does, with a deadline.

use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(20);

/// Repeats `attempt` until it gives something or `limit` has passed.
pub(crate) fn poll<T>(limit: Duration, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = attempt() {
            return Some(found);
        }
        if Instant::now() >= deadline {
            return None;
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process's end gives no event to wait on; the caller's deadline bounds this"
)]
fn pause() {
    std::thread::sleep(STEP);
}
