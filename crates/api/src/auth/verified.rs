//! Tokens that were verified: a signature is checked once in a token's life, its times every time.
//!
//! Kept under the token's digest, so that no token lies in memory for longer than its request.
//! Whether the client is still honoured is the register's business and is asked every time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::token::TokenRefusal;

/// How far clocks may differ.
const LEEWAY_SECONDS: i64 = 30;

/// Tokens remembered at most, some hundred bytes each.
const REMEMBERED_MAX: usize = 20_000;

/// What a good signature vouches for.
#[derive(Debug, Clone)]
pub(super) struct Verified<T> {
    pub(super) who: T,
    /// From when it counts, in seconds since 1970.
    pub(super) from: i64,
    /// Until when.
    pub(super) until: i64,
}

impl<T> Verified<T> {
    /// Whom it names, where the token counts at this moment.
    pub(super) fn at(self, now: DateTime<Utc>) -> Result<T, TokenRefusal> {
        let now = now.timestamp();
        if self.ended(now) {
            return Err(TokenRefusal::Expired);
        }
        if self.from > now.saturating_add(LEEWAY_SECONDS) {
            return Err(TokenRefusal::NotYetValid);
        }
        Ok(self.who)
    }

    const fn ended(&self, now: i64) -> bool {
        self.until.saturating_add(LEEWAY_SECONDS) <= now
    }
}

/// See the module.
pub(super) struct VerifiedTokens<T> {
    by_digest: Mutex<HashMap<[u8; 32], Verified<T>>>,
}

impl<T> Default for VerifiedTokens<T> {
    fn default() -> Self {
        Self {
            by_digest: Mutex::default(),
        }
    }
}

impl<T: Clone> VerifiedTokens<T> {
    /// What was verified of this token before.
    pub(super) fn recall(&self, token: &str) -> Option<Verified<T>> {
        self.lock().get(&digest(token)).cloned()
    }

    /// What was verified of this token before, or what `verify` finds now.
    pub(super) fn recall_or(
        &self,
        token: &str,
        now: DateTime<Utc>,
        verify: impl FnOnce() -> Result<Verified<T>, TokenRefusal>,
    ) -> Result<Verified<T>, TokenRefusal> {
        let digest = digest(token);
        if let Some(verified) = self.lock().get(&digest) {
            return Ok(verified.clone());
        }
        let verified = verify()?;
        self.remember(digest, verified.clone(), now.timestamp());
        Ok(verified)
    }

    fn remember(&self, digest: [u8; 32], verified: Verified<T>, now: i64) {
        let mut known = self.lock();
        if known.len() >= REMEMBERED_MAX {
            known.retain(|_, verified| !verified.ended(now));
        }
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(digest, verified);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Verified<T>>> {
        self.by_digest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(until: i64) -> Verified<()> {
        Verified {
            who: (),
            from: 0,
            until,
        }
    }

    #[test]
    fn a_token_is_verified_once_and_a_refused_one_every_time() {
        let tokens = VerifiedTokens::default();
        let now = DateTime::from_timestamp(100, 0).unwrap();
        let never = || -> Result<Verified<()>, TokenRefusal> { panic!("verified again") };
        assert!(tokens.recall_or("a", now, || Ok(verified(200))).is_ok());
        assert!(tokens.recall_or("a", now, never).is_ok());
        for _ in 0..2 {
            let refused = tokens.recall_or("b", now, || Err(TokenRefusal::Invalid));
            assert_eq!(refused.map(drop), Err(TokenRefusal::Invalid));
        }
    }

    #[test]
    fn what_is_remembered_ends_with_the_token() {
        let tokens = VerifiedTokens::default();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let answer = |seconds| {
            let verified = tokens.recall_or("a", at(seconds), || Ok(verified(200)));
            verified
                .and_then(|verified| verified.at(at(seconds)))
                .map(drop)
        };
        assert_eq!(answer(100), Ok(()));
        assert_eq!(answer(229), Ok(()));
        assert_eq!(answer(230), Err(TokenRefusal::Expired));
    }

    #[test]
    fn the_memory_is_bounded() {
        let tokens = VerifiedTokens::default();
        for number in 0..REMEMBERED_MAX + 10 {
            let digest = Sha256::digest(number.to_string()).into();
            // The second half has ended when room is needed.
            let until = if number < REMEMBERED_MAX / 2 {
                1_000
            } else {
                1
            };
            tokens.remember(digest, verified(until), 100);
        }
        assert_eq!(tokens.lock().len(), REMEMBERED_MAX / 2 + 10);
    }
}
