//! The same thing on many threads at one moment.

use std::collections::BTreeMap;
use std::sync::Barrier;

use creditbank_ledger::LedgerError;

/// How many do it.
pub const THREADS: usize = 16;

/// Runs `work` on [`THREADS`] threads that begin together, and gives what each answered, in the
/// order of the threads' numbers.
///
/// # Panics
/// Where one of them does.
pub fn together<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|n| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    work(n)
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

/// The code of an answer, `ok` where it is one. A deadlock, a serialization failure or a lack of
/// connections is no answer that a caller may ever get.
///
/// # Panics
/// Where the ledger neither did it nor refused it for a reason.
pub fn code_of<T>(answer: &Result<T, LedgerError>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(LedgerError::Refused(fault) | LedgerError::Conflict(fault)) => fault.code,
        Err(LedgerError::IdempotencyKeyReused) => "IDEMPOTENCY_KEY_REUSED",
        Err(LedgerError::NotFound) => "NOT_FOUND",
        Err(LedgerError::Stale { .. }) => "VERSION_STALE",
        Err(other) => panic!("{other:?}"),
    }
}

/// Runs `work` as [`together`] does and counts the answers by their codes.
pub fn codes_together<T>(
    work: impl Fn(usize) -> Result<T, LedgerError> + Sync,
) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for code in together(|n| code_of(&work(n))) {
        *counts.entry(code).or_default() += 1;
    }
    counts
}
