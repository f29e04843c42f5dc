//! Keys that somebody else keeps, a database or an identity provider: held here for a while, and
//! fetched again when a token names one that is not known.
//!
//! Whoever asks for an unknown key gets an answer as of after they asked, so that no token of a key
//! that was announced a moment ago is refused; and however many ask, it is fetched at most once in
//! `pause`, so that invented names cost nothing but their askers' time.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// See the module.
pub(super) struct KeyCache<T> {
    held: RwLock<Option<Held<T>>>,
    /// When it was last fetched or tried; whoever fetches has the lock.
    tried: Mutex<Option<Instant>>,
    kept: Duration,
    pause: Duration,
    wait_max: Duration,
}

struct Held<T> {
    keys: Arc<T>,
    fetched: Instant,
}

impl<T> KeyCache<T> {
    /// Held for `kept`, fetched at most once in `pause`. Where that pause has longer to go than
    /// `wait_max`, what is held is all there is.
    pub(super) fn new(kept: Duration, pause: Duration, wait_max: Duration) -> Self {
        Self {
            held: RwLock::new(None),
            tried: Mutex::new(None),
            kept,
            pause,
            wait_max,
        }
    }

    fn recall(&self) -> Option<(Arc<T>, Duration)> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref()
            .map(|held| (Arc::clone(&held.keys), held.fetched.elapsed()))
    }

    /// The keys, with one that `has` accepts if there is any such.
    ///
    /// # Errors
    /// What `fetch` says, where nothing that is held would do.
    pub(super) async fn having<E, F>(
        &self,
        has: impl Fn(&T) -> bool,
        fetch: impl FnOnce() -> F,
    ) -> Result<Option<Arc<T>>, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let asked = Instant::now();
        let before = self.recall();
        if let Some((keys, age)) = &before
            && *age < self.kept
            && has(keys)
        {
            return Ok(Some(Arc::clone(keys)));
        }
        let mut tried = self.tried.lock().await;
        let fetched_since = tried.is_some_and(|tried| tried >= asked);
        if !fetched_since {
            let left = tried.map_or(Duration::ZERO, |at| self.pause.saturating_sub(at.elapsed()));
            if left > self.wait_max {
                return Ok(self.recall().map(|(keys, _)| keys));
            }
            tokio::time::sleep(left).await;
            *tried = Some(Instant::now());
            match fetch().await {
                Ok(keys) => self.hold(keys),
                // A provider that is away for a moment takes nobody's key away.
                Err(error) => match self.recall().filter(|(keys, _)| has(keys)) {
                    Some((keys, _)) => return Ok(Some(keys)),
                    None => return Err(error),
                },
            }
        }
        Ok(self.recall().map(|(keys, _)| keys))
    }

    fn hold(&self, keys: T) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        *held = Some(Held {
            keys: Arc::new(keys),
            fetched: Instant::now(),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[actix_web::test]
    async fn many_who_ask_for_an_unknown_key_at_one_moment_fetch_once_or_twice() {
        let cache = KeyCache::new(LONG, Duration::from_millis(20), LONG);
        let fetched = AtomicUsize::new(0);
        let ask = || {
            cache.having(
                |key: &usize| *key == 99,
                || async {
                    let nth = fetched.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, Infallible>(nth)
                },
            )
        };
        let asked: Vec<_> = (0..200).map(|_| ask()).collect();
        let mut waiting = Box::pin(async {
            let mut answers = Vec::new();
            for asking in asked {
                answers.push(asking.await.unwrap());
            }
            answers
        });
        // One after another each is asked later than the last fetch, so each waits for the pause.
        let slow = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
        assert!(slow.is_err());
        assert!(fetched.load(Ordering::Relaxed) <= 6);
    }

    #[actix_web::test]
    async fn a_key_that_is_held_outlives_a_fetch_that_fails() {
        let cache = KeyCache::new(Duration::ZERO, Duration::ZERO, LONG);
        let keys = cache.having(|_| true, || async { Ok::<_, u8>(7) }).await;
        assert_eq!(keys.unwrap().as_deref(), Some(&7));
        let kept = cache.having(|key| *key == 7, || async { Err(1) }).await;
        assert_eq!(kept.unwrap().as_deref(), Some(&7));
        let unknown = cache.having(|key| *key == 8, || async { Err(1) }).await;
        assert_eq!(unknown, Err(1));
    }

    #[actix_web::test]
    async fn a_pause_that_is_too_long_to_wait_for_answers_with_what_is_held() {
        let cache = KeyCache::new(LONG, LONG, Duration::ZERO);
        let fetch = || async { Ok::<_, Infallible>(7) };
        let never = || async { Err::<usize, _>(panic_free()) };
        assert_eq!(
            cache.having(|_| true, fetch).await.unwrap().as_deref(),
            Some(&7)
        );
        let again = cache.having(|key| *key == 8, never).await;
        assert_eq!(again.unwrap().as_deref(), Some(&7));
    }

    fn panic_free() -> &'static str {
        "fetched within the pause"
    }
}
