//! The Postgres ledger: the only crate that knows diesel.
//!
//! `flows` write, `reads` read; both take a `Grant` that only `domain::authz` can make. The tables
//! behind them are private. Nothing here decides: rules are `domain`'s.

mod audit;
mod cached_sql;
mod error;
mod evidence_seal;
mod identity;
mod new_id;
mod sight;
mod store;
mod tables;

pub mod flows;
pub mod reads;

pub use audit::{AuditFault, AuditScope, audit_books, audit_checks};
pub use error::LedgerError;
pub use evidence_seal::EvidenceSeal;
pub use identity::IdentityKey;
pub use store::{Connections, Ledger, LedgerSettings, migrate};
pub use tables::idempotency_keys::{Answered, IdempotencyClaim, Once, StoredAnswer};
pub use tables::webhook_secrets::WebhookSecret;
