//! Tokens that were verified: a signature is checked once in a token's life, or once in as long as
//! its key is believed without asking, its times every time.
//!
//! Kept under the token's digest, so that no token lies in memory for longer than its request.
//! Whether the client is still honoured is the register's business and is asked every time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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

/// By their digests, with the moment in which each was verified.
type Known<T> = HashMap<[u8; 32], (Instant, Verified<T>)>;

/// See the module.
pub(super) struct VerifiedTokens<T> {
    by_digest: Mutex<Known<T>>,
    /// How long a signature counts without its key being looked at again.
    believed: Duration,
}

impl<T> Default for VerifiedTokens<T> {
    fn default() -> Self {
        Self {
            by_digest: Mutex::default(),
            believed: Duration::MAX,
        }
    }
}

impl<T: Clone> VerifiedTokens<T> {
    /// Remembers tokens of keys that may be taken away, for so long.
    pub(super) fn believed_for(believed: Duration) -> Self {
        Self {
            believed,
            ..Self::default()
        }
    }

    /// What was verified of this token before.
    pub(super) fn recall(&self, token: &str) -> Option<Verified<T>> {
        self.recall_digest(&digest(token))
    }

    /// What was verified of this token before, or what `verify` finds now.
    pub(super) fn recall_or(
        &self,
        token: &str,
        now: DateTime<Utc>,
        verify: impl FnOnce() -> Result<Verified<T>, TokenRefusal>,
    ) -> Result<Verified<T>, TokenRefusal> {
        let digest = digest(token);
        if let Some(verified) = self.recall_digest(&digest) {
            return Ok(verified);
        }
        let verified = verify()?;
        self.remember(digest, verified.clone(), now.timestamp());
        Ok(verified)
    }

    fn recall_digest(&self, digest: &[u8; 32]) -> Option<Verified<T>> {
        let known = self.lock();
        let (since, verified) = known.get(digest)?;
        (since.elapsed() < self.believed).then(|| verified.clone())
    }

    fn remember(&self, digest: [u8; 32], verified: Verified<T>, now: i64) {
        let mut known = self.lock();
        if known.len() >= REMEMBERED_MAX {
            known.retain(|_, (_, verified)| !verified.ended(now));
        }
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(digest, (Instant::now(), verified));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known<T>> {
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
    fn where_a_key_may_be_taken_away_a_signature_is_looked_at_again() {
        let now = DateTime::from_timestamp(100, 0).unwrap();
        let tokens = VerifiedTokens::believed_for(Duration::ZERO);
        assert!(tokens.recall_or("a", now, || Ok(verified(200))).is_ok());
        let lost = tokens.recall_or("a", now, || Err(TokenRefusal::Invalid));
        assert_eq!(lost.map(drop), Err(TokenRefusal::Invalid));
        assert!(tokens.recall("a").is_none());
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
