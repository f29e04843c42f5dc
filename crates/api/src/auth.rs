//! Who is asking: bearer tokens, the register of clients, and the permits of the policy.
//!
//! A token becomes an `Actor` in the gatekeeper, before any body is read; an `Actor` becomes a
//! `Grant` only in `domain::authz::authorize`, called by [`Permit`].

mod authentication;
mod caller;
mod client_login;
mod key_cache;
mod login_turn;
mod own_tokens;
mod people;
mod permit;
mod providers;
mod register;
mod token;
mod verified;

pub use authentication::Authentication;
pub(crate) use caller::{Caller, CallerLogin};
pub(crate) use client_login::{LoginRefusal, Proof};
pub use client_login::{NewClientSecret, ReadJwk, read_jwk};
pub(crate) use login_turn::prove;
pub use own_tokens::{DEMO_ISSUER, new_signing_key};
pub use providers::{ProviderError, ProviderLimits, ProviderSettings};

pub(crate) use permit::{CallerActor, Permit};
pub use register::ClientRegister;
pub(crate) use token::TokenRefusal;
pub use token::{TokenAlgorithm, TokenClaims, TokenKeyError, TokenVerifier};

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
