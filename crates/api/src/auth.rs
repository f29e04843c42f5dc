//! Who is asking: bearer tokens, the register of clients, and the permits of the policy.
//!
//! A token becomes an `Actor` in the gatekeeper, before any body is read; an `Actor` becomes a
//! `Grant` only in `domain::authz::authorize`, called by [`Permit`].

mod permit;
mod register;
mod token;
mod verified;

pub(crate) use permit::{CallerActor, Permit};
pub use register::ClientRegister;
pub(crate) use token::TokenRefusal;
pub use token::{TokenAlgorithm, TokenClaims, TokenKeyError, TokenVerifier};

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
