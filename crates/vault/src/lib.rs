//! Files outside the database: evidence with its kind, what was handed in to be imported, and where
//! their sealed bytes are kept.
//!
//! Knows no SQL, no HTTP server and no keys: what comes in is sealed already, and is found by the
//! id of its row. `object_store` does the rest, so that a directory and a store that speaks S3 are
//! one and the same to everybody else.

mod files;
mod media;
mod store;

pub use files::{Reading, SealedFiles, Writing};
pub use media::{NotEvidence, media_type};
pub use store::{S3Settings, Vault, VaultError};
