//! Every test that needs a database or several crates, in one binary.

mod accounts;
mod api;
mod architecture;
mod audit;
mod books;
mod catalogue;
mod concurrency;
mod conversions;
mod corrections;
mod events;
mod expiry;
mod guards;
mod holds;
mod hour_tables;
mod imports;
mod merges;
mod model;
mod posting;
mod posting_balances;
mod rules;
mod same_courses;
mod singles;
mod statements;
mod time;
mod totals;
mod webhooks;
