//! What keeps one caller from taking what belongs to all: budgets of requests, and the address
//! that a request came from.
//!
//! Budgets are counted in this process alone, so that no request waits for another one's: several
//! servers behind one address each take their part of them (`RateLimits::servers`). What guesses
//! at secrets is counted in the database, for all servers together (`flows::LoginAttempt`).

mod address;
mod budget;
mod keyed;
mod standing;
mod throttle;

pub(crate) use address::ClientAddress;
pub use address::TrustedProxies;
pub use budget::{Budget, BudgetError};
pub(crate) use keyed::{Keyed, address_key};
pub(crate) use standing::Standing;
pub use throttle::{RateLimits, Throttle};
