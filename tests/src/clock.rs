//! The test's clock is moved by hand.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use crate::bank::TestBank;

impl TestBank {
    /// Lets time pass.
    pub fn advance(&self, time: TimeDelta) {
        self.ticks.fetch_add(time.num_seconds(), Ordering::Relaxed);
    }

    /// What the clock will say when it is read next; does not read it.
    #[must_use]
    pub fn next_moment(&self) -> DateTime<Utc> {
        Self::opening() + TimeDelta::seconds(self.ticks.load(Ordering::Relaxed))
    }
}
