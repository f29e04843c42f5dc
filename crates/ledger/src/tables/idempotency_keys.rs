//! `idempotency_keys`: the answers to requests that moved credit.
//!
//! The key is claimed first and its answer written last, both in the transaction that does the
//! work: a second request with the key waits for the first one's end and then gets its answer.
//!
//! Many requests in one transaction look their keys up first and write them with their answers
//! last; one whose key another transaction wrote meanwhile makes the whole run again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant};
use creditbank_domain::ids::ClientId;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::cached_sql::{cached, cached_for};
use crate::error::LedgerError;
use crate::sight::Sight;
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

impl IdempotencyClaim {
    /// What may be answered once only.
    pub(crate) fn name(&self) -> KeyName {
        (self.client, self.route.to_owned(), self.key.clone())
    }
}

/// Client, route and key.
pub(crate) type KeyName = (ClientId, String, String);

/// What is kept under a key.
pub(crate) struct KeptAnswer {
    fingerprint: Vec<u8>,
    answer: StoredAnswer,
}

impl KeptAnswer {
    /// The answer again, where it is the same request.
    pub(crate) fn replayed(&self, claim: &IdempotencyClaim) -> Result<Answered, LedgerError> {
        if self.fingerprint != claim.fingerprint {
            return Err(LedgerError::IdempotencyKeyReused);
        }
        Ok(Answered {
            answer: self.answer.clone(),
            replayed: true,
        })
    }
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
pub(crate) fn once<A: Action, T>(
    ledger: &Ledger,
    grant: &Grant<A>,
    once: &Once<'_, T>,
    now: DateTime<Utc>,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<T, LedgerError>,
) -> Result<Answered, LedgerError> {
    let mut refused = None;
    let sight = Sight::from(grant).of_client(once.claim.client);
    let done = ledger.write(sight, |tx| {
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
    let claimed = cached(
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
    let row: IdempotencyRow = cached(
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
    stored(row.status, row.body).map(Some)
}

fn stored(
    status: Option<i32>,
    body: Option<serde_json::Value>,
) -> Result<StoredAnswer, LedgerError> {
    let corrupt = LedgerError::Corrupt("idempotency_keys.status");
    let (Some(status), Some(body)) = (status, body) else {
        return Err(corrupt);
    };
    let status = u16::try_from(status).map_err(|_| corrupt)?;
    Ok(StoredAnswer { status, body })
}

/// What is kept under the keys of these claims.
pub(crate) fn list(
    conn: &mut PgConnection,
    claims: &[&IdempotencyClaim],
) -> Result<HashMap<KeyName, KeptAnswer>, LedgerError> {
    #[derive(QueryableByName)]
    struct NamedRow {
        #[diesel(sql_type = SqlUuid)]
        client_id: Uuid,
        #[diesel(sql_type = Text)]
        route: String,
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(embed)]
        kept: IdempotencyRow,
    }
    let columns = KeyColumns::of(claims.iter().copied());
    let rows: Vec<NamedRow> = cached_for(
        claims.len(),
        "select k.client_id, k.route, k.key, k.fingerprint, k.status, k.body \
         from unnest($1::uuid[], $2::text[], $3::text[]) as c (client_id, route, key) \
         join idempotency_keys k using (client_id, route, key)",
    )
    .bind::<Array<SqlUuid>, _>(columns.clients)
    .bind::<Array<Text>, _>(columns.routes)
    .bind::<Array<Text>, _>(columns.keys)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let name = (ClientId::from_uuid(row.client_id), row.route, row.key);
            let kept = KeptAnswer {
                fingerprint: row.kept.fingerprint,
                answer: stored(row.kept.status, row.kept.body)?,
            };
            Ok((name, kept))
        })
        .collect()
}

/// Keeps answers under keys that nobody has. Waits for whoever is writing the same one.
///
/// # Errors
/// [`LedgerError::Contended`] where another transaction wrote one of the keys first.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    kept: &[(&IdempotencyClaim, &StoredAnswer)],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if kept.is_empty() {
        return Ok(());
    }
    let mut kept = kept.to_vec();
    // The same order for every writer.
    kept.sort_by_key(|(claim, _)| (claim.client, claim.route, claim.key.as_str()));
    let columns = KeyColumns::of(kept.iter().map(|(claim, _)| *claim));
    let fingerprints: Vec<&[u8]> = kept.iter().map(|(c, _)| c.fingerprint.as_slice()).collect();
    let statuses: Vec<i32> = kept.iter().map(|(_, a)| i32::from(a.status)).collect();
    let bodies: Vec<&serde_json::Value> = kept.iter().map(|(_, answer)| &answer.body).collect();
    let inserted = cached_for(
        kept.len(),
        "insert into idempotency_keys (client_id, route, key, fingerprint, status, body, created_at) \
         select *, $7 \
         from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::int[], $6::jsonb[]) \
         on conflict do nothing",
    )
    .bind::<Array<SqlUuid>, _>(columns.clients)
    .bind::<Array<Text>, _>(columns.routes)
    .bind::<Array<Text>, _>(columns.keys)
    .bind::<Array<Binary>, _>(fingerprints)
    .bind::<Array<Integer>, _>(statuses)
    .bind::<Array<Jsonb>, _>(bodies)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    if inserted == kept.len() {
        Ok(())
    } else {
        Err(LedgerError::Contended)
    }
}

/// The names of keys, a column each.
struct KeyColumns<'c> {
    clients: Vec<Uuid>,
    routes: Vec<&'static str>,
    keys: Vec<&'c str>,
}

impl<'c> KeyColumns<'c> {
    fn of(claims: impl Iterator<Item = &'c IdempotencyClaim>) -> Self {
        let mut columns = Self {
            clients: Vec::new(),
            routes: Vec::new(),
            keys: Vec::new(),
        };
        for claim in claims {
            columns.clients.push(claim.client.as_uuid());
            columns.routes.push(claim.route);
            columns.keys.push(&claim.key);
        }
        columns
    }
}

fn complete(
    tx: &mut Tx<'_>,
    claim: &IdempotencyClaim,
    answer: &StoredAnswer,
) -> Result<(), LedgerError> {
    cached(
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
