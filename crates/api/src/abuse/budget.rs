//! How many requests in how many seconds.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use governor::Quota;

/// So many requests in so many seconds, all of them at one moment where the caller wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    requests: NonZeroU32,
    seconds: NonZeroU32,
}

/// A text that is no budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a budget is REQUESTS/SECONDS, for example 600/60, both above zero")]
pub struct BudgetError;

impl FromStr for Budget {
    type Err = BudgetError;

    fn from_str(text: &str) -> Result<Self, BudgetError> {
        let (requests, seconds) = text.split_once('/').ok_or(BudgetError)?;
        let number = |text: &str| text.trim().parse().map_err(|_| BudgetError);
        Ok(Self {
            requests: number(requests)?,
            seconds: number(seconds)?,
        })
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.seconds)
    }
}

impl Budget {
    /// So many requests in so many seconds.
    #[must_use]
    pub const fn new(requests: NonZeroU32, seconds: NonZeroU32) -> Self {
        Self { requests, seconds }
    }

    /// The part of one of so many servers, at least one request.
    #[must_use]
    pub fn part_of(self, servers: NonZeroU32) -> Self {
        let requests = self.requests.get() / servers.get();
        Self {
            requests: NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN),
            ..self
        }
    }

    pub(super) const fn requests(self) -> u32 {
        self.requests.get()
    }

    pub(super) const fn seconds(self) -> u32 {
        self.seconds.get()
    }

    /// After how long one more request is allowed.
    pub(super) fn pause(self) -> Duration {
        Duration::from_secs(u64::from(self.seconds.get())) / self.requests.get()
    }

    pub(super) fn quota(self) -> Quota {
        // No budget comes to less than a nanosecond a request: both numbers fit into 32 bits.
        let pause = self.pause().max(Duration::from_nanos(1));
        Quota::with_period(pause)
            .unwrap_or_else(|| Quota::per_second(self.requests))
            .allow_burst(self.requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_two_numbers_above_zero() {
        let budget: Budget = " 600 / 60".parse().unwrap();
        assert_eq!((budget.requests(), budget.seconds()), (600, 60));
        assert_eq!(budget.to_string(), "600/60");
        for text in [
            "",
            "600",
            "0/60",
            "600/0",
            "-1/2",
            "1/2/3",
            "a/b",
            "99999999999/1",
        ] {
            assert_eq!(text.parse::<Budget>(), Err(BudgetError), "{text}");
        }
    }

    #[test]
    fn servers_share_a_budget_and_each_has_something() {
        let budget: Budget = "10/60".parse().unwrap();
        let part = |servers| {
            budget
                .part_of(NonZeroU32::new(servers).unwrap())
                .to_string()
        };
        assert_eq!([part(1), part(3), part(99)], ["10/60", "3/60", "1/60"]);
    }
}
