//! A private Postgres server from the binaries installed on this machine.
//!
//! The demo, the tests and the benches need a real server that clashes with nobody's: it has its
//! own directory, listens on a Unix socket in a directory only its user can enter (TCP is an
//! option), and ends with the process that started it, however that process ends.
//!
//! ```no_run
//! use creditbank_localpg::LocalPg;
//!
//! # fn main() -> Result<(), creditbank_localpg::LocalPgError> {
//! let server = LocalPg::builder().throwaway().start()?;
//! server.create_database_if_missing("creditbank")?;
//! let url = server.url("creditbank");
//! # drop(url);
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here knows the credit bank's schema, and no SQL client library is used: what must be
//! asked of the server is asked through `psql` from the same installation.

mod builder;
mod cluster;
mod directory;
mod error;
mod find;
mod init;
mod pidfile;
mod server;
mod settings;
mod share;
mod sweep;
mod tools;
mod url;
mod user;
mod wait;
mod watchdog;

pub use builder::Builder;
pub use cluster::{LocalPg, StopHandle};
pub use error::LocalPgError;
pub use find::Binaries;

/// The role that owns everything in a private cluster.
pub const SUPERUSER: &str = "creditbank_owner";
