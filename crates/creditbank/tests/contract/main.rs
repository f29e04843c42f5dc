//! The contract against the built server, by those who know nothing of how it is made: the
//! walk-through of the docs, word for word; schemathesis, which makes up requests from the document;
//! and two servers over one ledger.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test from the first line to the last; it reads the clock, waits and tells"
)]

mod bank;
#[expect(dead_code, reason = "these tests hand no files in")]
#[path = "../jobs/client.rs"]
mod client;
mod made_up;
#[expect(dead_code, reason = "these tests end no server in an orderly way")]
#[path = "../kills/server.rs"]
mod server;
mod things;
mod two_servers;
mod walk_through;
