//! Webhooks: where deliveries may go, when they are tried again, and the words of their states.

mod address;
mod target;

use chrono::{DateTime, TimeDelta, Utc};

use crate::words::words;

pub use address::is_public;
pub use target::{Network, WebhookUrl};

words!(
    /// What becomes of an endpoint's deliveries.
    EndpointState, "a state of an endpoint", {
        /// They are sent.
        Active => "active",
        /// They wait.
        Paused => "paused",
        /// There are no more.
        Ended => "ended",
    }
);

words!(
    /// Why an endpoint is paused.
    PauseReason, "a reason to pause", {
        /// Its keeper wished it.
        Asked => "asked",
        /// Nothing got through for days.
        Failing => "failing",
        /// It answered 410.
        Gone => "gone",
    }
);

words!(
    /// How far a delivery is.
    DeliveryState, "a state of a delivery", {
        /// Not tried yet, or being tried for the first time.
        Pending => "pending",
        /// Tried in vain; it will be tried again.
        Failed => "failed",
        /// Answered with 2xx.
        Delivered => "delivered",
        /// Not tried any more, unless somebody asks for it.
        GivenUp => "given_up",
    }
);

/// The pauses after each attempt in vain: those that Standard Webhooks recommends, 75 hours in all.
const PAUSES_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// After so long without any success an endpoint is paused: as long as one delivery is tried.
pub const FAILING_MAX: TimeDelta = TimeDelta::hours(75);

/// When a delivery is tried again that failed at its `attempt`-th time; `None` where it is given
/// up. `jitter`, any number, lengthens the pause by up to a fifth: what failed together should not
/// come back together.
#[must_use]
pub fn next_attempt(attempt: u16, jitter: u16, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = usize::from(attempt.checked_sub(1)?);
    let pause = *PAUSES_SECONDS.get(at)?;
    let milliseconds = pause
        .saturating_mul(1_000)
        .saturating_add(pause.saturating_mul(i64::from(jitter % 201)));
    Some(now + TimeDelta::milliseconds(milliseconds))
}

#[cfg(test)]
mod tests;
