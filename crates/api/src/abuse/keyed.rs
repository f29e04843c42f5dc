//! One budget for each of many keys, in bounded memory.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use governor::RateLimiter;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;

use super::Budget;
use super::standing::Standing;

/// Keys with a state of their own.
const KEYS_MAX: usize = 20_000;
/// Where so many are busy at once that there is no room, the others share so many states.
const CELLS: u64 = 4_096;

type Limiter =
    RateLimiter<u128, DefaultKeyedStateStore<u128>, DefaultClock, StateInformationMiddleware>;

/// See the module. A key is a number that tells one holder of a budget from another.
pub(crate) struct Keyed {
    name: &'static str,
    budget: Budget,
    limiter: Limiter,
    cells: Limiter,
    begun: Instant,
    /// Second in which room was made last.
    swept: AtomicU64,
    hasher: RandomState,
    keys_max: usize,
}

impl Keyed {
    pub(crate) fn new(name: &'static str, budget: Budget) -> Self {
        Self::with_room_for(KEYS_MAX, name, budget)
    }

    fn with_room_for(keys_max: usize, name: &'static str, budget: Budget) -> Self {
        let limiter = || RateLimiter::keyed(budget.quota()).with_middleware();
        Self {
            name,
            budget,
            limiter: limiter(),
            cells: limiter(),
            begun: Instant::now(),
            swept: AtomicU64::new(0),
            hasher: RandomState::new(),
            keys_max,
        }
    }

    /// A key for whatever can be hashed; nobody outside can make two of them meet.
    pub(crate) fn key_of(&self, what: impl Hash) -> u128 {
        let one = self.hasher.hash_one((0_u8, &what));
        let other = self.hasher.hash_one((1_u8, &what));
        (u128::from(one) << 64) | u128::from(other)
    }

    /// Takes one request from a key's budget.
    ///
    /// # Errors
    /// What is to be told where it is spent.
    pub(crate) fn take(&self, key: u128) -> Result<Standing, Standing> {
        let checked = if self.has_room() {
            self.limiter.check_key(&key)
        } else {
            let cell = self.hasher.hash_one(key) % CELLS;
            self.cells.check_key(&u128::from(cell))
        };
        match checked {
            Ok(snapshot) => Ok(self.left(snapshot.remaining_burst_capacity())),
            Err(early) => {
                let wait = early.wait_time_from(DefaultClock::default().now());
                Err(Standing::spent(self.name, self.budget, wait))
            }
        }
    }

    fn left(&self, requests: u32) -> Standing {
        Standing::left(self.name, self.budget, requests)
    }

    /// Forgets, at most once a second, whose budget is whole again.
    fn has_room(&self) -> bool {
        if self.limiter.len() < self.keys_max {
            return true;
        }
        let now = self.begun.elapsed().as_secs().saturating_add(1);
        if self.swept.swap(now, Ordering::Relaxed) == now {
            return false;
        }
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
        self.cells.retain_recent();
        self.limiter.len() < self.keys_max
    }

    /// How many states are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.limiter.len().saturating_add(self.cells.len())
    }
}

/// What holds a budget where an address does: whoever has one IPv6 address has its /64 too.
pub(crate) fn address_key(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() & !u128::from(u64::MAX)) | (1 << 32),
    }
}

/// The least budget there is: one thing in so many seconds.
pub(crate) const fn once_in(seconds: NonZeroU32) -> Budget {
    Budget::new(NonZeroU32::MIN, seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(budget: &str, keys_max: usize) -> Keyed {
        Keyed::with_room_for(keys_max, "reads", budget.parse().unwrap())
    }

    #[test]
    fn each_key_has_its_budget_and_no_more() {
        let keyed = keyed("3/60", 100);
        for key in [1, 2] {
            let left: Vec<u32> = (0..3)
                .map(|_| keyed.take(key).unwrap().requests_left)
                .collect();
            assert_eq!(left, [2, 1, 0]);
            let spent = keyed.take(key).unwrap_err();
            assert!((1..=20).contains(&spent.seconds), "{}", spent.seconds);
        }
    }

    #[test]
    fn a_flood_of_keys_takes_bounded_memory_and_is_limited_too() {
        let keyed = keyed("1/60", 100);
        let passed = (0..100_000).filter(|key| keyed.take(*key).is_ok()).count();
        assert!(keyed.len() <= 100 + 4_096, "{}", keyed.len());
        assert!(passed <= 100 + 4_096, "{passed}");
    }

    #[test]
    fn room_is_made_where_budgets_are_whole_again() {
        let keyed = keyed("1000000/1", 10);
        for key in 0..10 {
            keyed.take(key).unwrap();
        }
        assert!(!keyed.limiter.is_empty());
        let begun = Instant::now();
        while begun.elapsed() < std::time::Duration::from_millis(2) {
            std::hint::spin_loop();
        }
        keyed.take(11).unwrap();
        assert!(keyed.len() <= 2, "{}", keyed.len());
    }

    #[test]
    fn a_whole_ipv6_network_is_one_holder() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_ne!(key("::1"), key("0.0.0.1"));
    }
}
