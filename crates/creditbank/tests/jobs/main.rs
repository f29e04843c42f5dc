//! Import jobs against the built server, as institutions and operators meet them: over HTTP, by the
//! command line, and at two servers that share a store and no directory.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test from the first line to the last; it reads the clock, waits and tells"
)]

mod audited;
#[expect(dead_code, reason = "these tests need no secrets")]
#[path = "../contract/bank.rs"]
mod bank;
mod client;
mod command_line;
mod learner;
mod progress;
mod questions;
#[expect(dead_code, reason = "these tests end no server in an orderly way")]
#[path = "../kills/server.rs"]
mod server;
mod two_servers;
