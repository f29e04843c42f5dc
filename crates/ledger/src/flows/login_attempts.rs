//! Few tries at a secret: each is written down before it is looked at and struck out where it was
//! good, so that neither many at one moment nor many servers make more of them.
//!
//! What counts is an account from an address, and an address; never the account alone, or anybody
//! could lock its owner out.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::ids::ClientId;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::sight::Sight;
use crate::store::Ledger;
use crate::tables::login_attempts;

/// How much more an address may fail than one account from it: there are several behind one.
const OF_ADDRESS: i64 = 5;

/// How many tries within which time.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// For an account from one address.
    pub failures_max: u32,
    /// Within this time.
    pub within: TimeDelta,
}

/// A try that was written down.
#[derive(Debug, Clone, Copy)]
pub struct LoginAttempt(Uuid);

/// Whether a proof is looked at.
#[derive(Debug, Clone, Copy)]
pub enum LoginTurn {
    /// It is.
    Allowed(LoginAttempt),
    /// Too many were tried before; after so many seconds there is another turn.
    TooMany {
        /// At least one.
        retry_after_seconds: u64,
    },
}

/// Asks for a turn to try an account from an address.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn begin_login_attempt(
    ledger: &Ledger,
    (account, address): (ClientId, &str),
    limits: LoginLimits,
    now: DateTime<Utc>,
) -> Result<LoginTurn, LedgerError> {
    let since = now - limits.within;
    ledger.write(Sight::GATE, |tx| {
        let pair = tx.keys().attempt_digest(address, Some(account.as_uuid()));
        let of_address = tx.keys().attempt_digest(address, None);
        login_attempts::take_turn(tx, &of_address)?;
        login_attempts::forget_before(tx, since)?;
        let tries = login_attempts::count(tx.conn(), &pair, &of_address, since)?;
        let most = i64::from(limits.failures_max);
        if tries.of_pair >= most || tries.of_address >= most.saturating_mul(OF_ADDRESS) {
            let free_at = tries.oldest_at.unwrap_or(now) + limits.within;
            let wait = (free_at - now).num_seconds().max(0).saturating_add(1);
            return Ok(LoginTurn::TooMany {
                retry_after_seconds: wait.unsigned_abs(),
            });
        }
        let id = login_attempts::insert(tx, &pair, &of_address, now)?;
        Ok(LoginTurn::Allowed(LoginAttempt(id)))
    })
}

/// Strikes out a try that was good, or that could not be looked at.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn settle_login_attempt(ledger: &Ledger, attempt: LoginAttempt) -> Result<(), LedgerError> {
    ledger.write(Sight::GATE, |tx| login_attempts::delete(tx, attempt.0))
}
