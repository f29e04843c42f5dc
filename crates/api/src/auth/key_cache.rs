//! Keys that somebody else keeps, a database or an identity provider: held here for a while, and
//! fetched again when a token names one that is not known.
//!
//! Whoever asks for an unknown key gets an answer as of after they asked, so that no token of a key
//! that was announced a moment ago is refused; and however many ask, it is fetched at most once in
//! `pause`, so that invented names cost nothing but their askers' time.
//!
//! Where they cannot be fetched, nobody is asked again before a cool-down is over. Until then what is
//! held counts, for a bounded time, and of an unknown key it is said at once that nothing can be
//! said: one provider that is away stalls neither its own people nor anybody else's.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// See the module.
pub(super) struct KeyCache<T> {
    held: RwLock<Option<Held<T>>>,
    /// The last time it was fetched or tried; whoever fetches has the lock.
    tried: Mutex<Option<Tried>>,
    kept: Duration,
    pause: Duration,
    wait_max: Duration,
    cool_down: Duration,
}

/// How long keys count while they cannot be fetched, from when they should have been.
const OUTLIVE: Duration = Duration::from_secs(3_600);

#[derive(Clone, Copy)]
struct Tried {
    at: Instant,
    failed: bool,
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
            cool_down: Duration::ZERO,
        }
    }

    /// Where they could not be fetched, that is not tried again for so long.
    pub(super) fn cooling_down(self, cool_down: Duration) -> Self {
        Self { cool_down, ..self }
    }

    fn recall(&self) -> Option<(Arc<T>, Duration)> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref()
            .map(|held| (Arc::clone(&held.keys), held.fetched.elapsed()))
    }

    /// What is held and would do, also past its time.
    fn outliving(&self, has: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let (keys, age) = self.recall()?;
        (age < self.kept.saturating_add(OUTLIVE) && has(&keys)).then_some(keys)
    }

    /// The keys, with one that `has` accepts if there is any such; `None` where that cannot be said,
    /// because they could not be fetched a moment ago.
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
        if let Some((keys, age)) = self.recall()
            && age < self.kept
            && has(&keys)
        {
            return Ok(Some(keys));
        }
        let mut tried = match (self.tried.try_lock(), self.outliving(&has)) {
            (Ok(tried), _) => tried,
            // Somebody is at it: whose key is held does not wait for that.
            (Err(_), Some(keys)) => return Ok(Some(keys)),
            (Err(_), None) => self.tried.lock().await,
        };
        if let Some(last) = *tried {
            let cooling = last.failed && last.at.elapsed() < self.cool_down;
            if cooling || (last.failed && last.at >= asked) {
                return Ok(self.outliving(&has));
            }
            if last.at >= asked {
                return Ok(self.recall().map(|(keys, _)| keys));
            }
            let left = self.pause.saturating_sub(last.at.elapsed());
            if left > self.wait_max {
                return Ok(self.recall().map(|(keys, _)| keys));
            }
            tokio::time::sleep(left).await;
        }
        let at = Instant::now();
        match fetch().await {
            Ok(keys) => {
                *tried = Some(Tried { at, failed: false });
                self.hold(keys);
                Ok(self.recall().map(|(keys, _)| keys))
            }
            Err(error) => {
                // As of now: who waited for this one does not wait for another.
                *tried = Some(Tried {
                    at: Instant::now(),
                    failed: true,
                });
                // A provider that is away for a moment takes nobody's key away.
                self.outliving(&has).map(Some).ok_or(error)
            }
        }
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

    #[actix_web::test]
    async fn who_is_away_is_asked_once_in_a_cool_down_and_keeps_nobody_waiting() {
        let cache = KeyCache::new(Duration::ZERO, Duration::ZERO, LONG).cooling_down(LONG);
        let asked = AtomicUsize::new(0);
        let away = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(30)).await;
            Err::<usize, _>("away")
        };
        let held = cache.having(|_| true, || async { Ok::<_, &str>(7) }).await;
        assert_eq!(held.unwrap().as_deref(), Some(&7));
        let begun = Instant::now();
        let (first, at_once) = tokio::join!(
            cache.having(|key| *key == 8, away),
            cache.having(|key| *key == 7, away),
        );
        assert_eq!(first, Err("away"));
        assert_eq!(at_once.unwrap().as_deref(), Some(&7), "a key that is held");
        for _ in 0..100 {
            let unknown = cache.having(|key| *key == 8, away).await;
            assert_eq!(unknown, Ok(None), "nothing can be said of it");
            let known = cache.having(|key| *key == 7, away).await;
            assert_eq!(known.unwrap().as_deref(), Some(&7));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert!(begun.elapsed() < Duration::from_millis(2_000));
    }

    fn panic_free() -> &'static str {
        "fetched within the pause"
    }
}
