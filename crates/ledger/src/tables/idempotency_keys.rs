//! `idempotency_keys`: the answers to requests that moved credit.
//!
//! The key is claimed first and its answer written last, both in the transaction that does the
//! work: a second request with the key waits for the first one's end and then gets its answer.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::ClientId;
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};

use crate::error::LedgerError;
use crate::store::{Ledger, Tx};

/// What a client sent to be done once.
#[derive(Debug, Clone)]
pub struct IdempotencyClaim {
    /// Who asks.
    pub client: ClientId,
    /// The route's name.
    pub route: &'static str,
    /// The client's key.
    pub key: String,
    /// SHA-256 over everything that makes the request what it is.
    pub fingerprint: [u8; 32],
}

/// An answer as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: serde_json::Value,
}

/// A claim together with how its answer is to look.
pub struct Once<'a, T> {
    /// The claim.
    pub claim: IdempotencyClaim,
    /// Makes the answer. A status of 400 or more rolls everything back and stores nothing.
    pub render: &'a (dyn Fn(&T) -> StoredAnswer + Sync),
}

/// An answer and whether it was given before.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The answer.
    pub answer: StoredAnswer,
    /// True where an earlier request with the key got it.
    pub replayed: bool,
}

#[derive(QueryableByName)]
struct IdempotencyRow {
    #[diesel(sql_type = Binary)]
    fingerprint: Vec<u8>,
    #[diesel(sql_type = Nullable<Integer>)]
    status: Option<i32>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    body: Option<serde_json::Value>,
}

/// Runs `work` once for the claim, or gives the answer it had.
pub(crate) fn once<T>(
    ledger: &Ledger,
    once: &Once<'_, T>,
    now: DateTime<Utc>,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<T, LedgerError>,
) -> Result<Answered, LedgerError> {
    let mut refused = None;
    let done = ledger.write(|tx| {
        refused = None;
        if let Some(answer) = claim(tx, &once.claim, now)? {
            return Ok(Answered {
                answer,
                replayed: true,
            });
        }
        let answer = (once.render)(&work(tx)?);
        if answer.status >= 400 {
            refused = Some(answer);
            return Err(LedgerError::RolledBack);
        }
        complete(tx, &once.claim, &answer)?;
        Ok(Answered {
            answer,
            replayed: false,
        })
    });
    match (done, refused) {
        (Err(LedgerError::RolledBack), Some(answer)) => Ok(Answered {
            answer,
            replayed: false,
        }),
        (done, _) => done,
    }
}

fn claim(
    tx: &mut Tx<'_>,
    claim: &IdempotencyClaim,
    now: DateTime<Utc>,
) -> Result<Option<StoredAnswer>, LedgerError> {
    let claimed = diesel::sql_query(
        "insert into idempotency_keys (client_id, route, key, fingerprint, created_at) \
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(claim.client.as_uuid())
    .bind::<Text, _>(claim.route)
    .bind::<Text, _>(&claim.key)
    .bind::<Binary, _>(&claim.fingerprint[..])
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    if claimed == 1 {
        return Ok(None);
    }
    let row: IdempotencyRow = diesel::sql_query(
        "select fingerprint, status, body from idempotency_keys \
         where client_id = $1 and route = $2 and key = $3",
    )
    .bind::<SqlUuid, _>(claim.client.as_uuid())
    .bind::<Text, _>(claim.route)
    .bind::<Text, _>(&claim.key)
    .get_result(tx.conn())?;
    if row.fingerprint != claim.fingerprint {
        return Err(LedgerError::IdempotencyKeyReused);
    }
    let corrupt = LedgerError::Corrupt("idempotency_keys.status");
    let (Some(status), Some(body)) = (row.status, row.body) else {
        return Err(corrupt);
    };
    let status = u16::try_from(status).map_err(|_| corrupt)?;
    Ok(Some(StoredAnswer { status, body }))
}

fn complete(
    tx: &mut Tx<'_>,
    claim: &IdempotencyClaim,
    answer: &StoredAnswer,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update idempotency_keys set status = $4, body = $5 \
         where client_id = $1 and route = $2 and key = $3",
    )
    .bind::<SqlUuid, _>(claim.client.as_uuid())
    .bind::<Text, _>(claim.route)
    .bind::<Text, _>(&claim.key)
    .bind::<Integer, _>(i32::from(answer.status))
    .bind::<Jsonb, _>(&answer.body)
    .execute(tx.conn())?;
    Ok(())
}

/// Forgets answers given before a moment, some at a time.
pub(crate) fn forget_before(
    tx: &mut Tx<'_>,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<usize, LedgerError> {
    Ok(diesel::sql_query(
        "delete from idempotency_keys where (client_id, route, key) in ( \
             select client_id, route, key from idempotency_keys where created_at < $1 \
             order by created_at limit $2)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .execute(tx.conn())?)
}
