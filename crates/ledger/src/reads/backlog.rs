//! What waits to be done outside the posting path: the feed, the totals, webhooks, imports.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};

use crate::error::LedgerError;
use crate::sight::OwnWork;
use crate::store::Ledger;

/// How much waits, for whoever watches the server. Numbers of the bank as a whole, nobody's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Backlog {
    /// Transactions that the change feed has not looked at; some sixty are usual where nothing
    /// happens.
    #[diesel(sql_type = BigInt)]
    pub feed_transactions: i64,
    /// Events that have their number and are not told yet.
    #[diesel(sql_type = BigInt)]
    pub feed_events: i64,
    /// Events that the totals do not count yet.
    #[diesel(sql_type = BigInt)]
    pub totals_events: i64,
    /// Deliveries that are due.
    #[diesel(sql_type = BigInt)]
    pub deliveries_due: i64,
    /// For how many seconds the oldest of them has been.
    #[diesel(sql_type = BigInt)]
    pub deliveries_oldest_seconds: i64,
    /// Imports that are not at their end.
    #[diesel(sql_type = BigInt)]
    pub imports_running: i64,
}

/// How much waits. Public: it is asked by the server itself.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn backlog(ledger: &Ledger, now: DateTime<Utc>) -> Result<Backlog, LedgerError> {
    ledger.read(OwnWork::Measuring, |conn| {
        let row = diesel::sql_query(include_str!("../sql/backlog.sql"))
            .bind::<Timestamptz, _>(now)
            .get_result(conn)?;
        Ok(row)
    })
}
