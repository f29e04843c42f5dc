//! Every test that needs a database or several crates, in one binary.

mod accounts;
mod api;
mod architecture;
mod conversions;
mod guards;
mod imports;
mod merges;
mod posting;
mod posting_balances;
mod time;
