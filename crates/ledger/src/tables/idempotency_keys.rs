//! `idempotency_keys`: the answers to requests that moved credit.
//!
//! The key is claimed first and its answer written last, both in the transaction that does the
//! work: a second request with the key gets the answer of the first, for which it waits a moment;
//! where that takes longer it is told that the first one is still at work, and keeps nobody waiting.
//!
//! Many requests in one transaction look their keys up first and write them with their answers
//! last; one whose key another transaction wrote meanwhile makes the whole run again.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ClientId;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::cached_sql::{cached, cached_for};
use crate::error::LedgerError;
use crate::sight::Sight;
use crate::store::{Ledger, Tx};
use crate::tables::kept_names::{opened, sealed};

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

/// How many milliseconds a request waits, again and again, for an earlier one with its key: most
/// take a few.
const WAITS: [u64; 6] = [10, 40, 150, 300, 500, 1_000];

/// Runs `work` once for the claim, or gives the answer it had.
///
/// # Errors
/// [`LedgerError::Conflict`] `IDEMPOTENCY_KEY_IN_USE` where an earlier request with the key is
/// still at work after `WAITS`.
pub(crate) fn once<A: Action, T>(
    ledger: &Ledger,
    grant: &Grant<A>,
    once: &Once<'_, T>,
    now: DateTime<Utc>,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<T, LedgerError>,
) -> Result<Answered, LedgerError> {
    let mut waits = WAITS.iter();
    loop {
        match (attempt(ledger, grant, once, now, &mut work)?, waits.next()) {
            (Some(answered), _) => return Ok(answered),
            #[expect(
                clippy::disallowed_methods,
                reason = "the other one may be of another server: nothing tells of its end"
            )]
            (None, Some(wait)) => thread::sleep(Duration::from_millis(*wait)),
            (None, None) => return Err(LedgerError::Conflict(in_use())),
        }
    }
}

fn in_use() -> Fault {
    Fault::new(
        "IDEMPOTENCY_KEY_IN_USE",
        "同一幂等键的请求正在处理,请稍后以相同内容重发,即可得到其结果",
        "the request that was sent with this key before is still at work; send the same again in a \
         moment, and it is answered with the result",
    )
}

/// Nothing where another transaction is at work under the key.
fn attempt<A: Action, T>(
    ledger: &Ledger,
    grant: &Grant<A>,
    once: &Once<'_, T>,
    now: DateTime<Utc>,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, LedgerError>,
) -> Result<Option<Answered>, LedgerError> {
    let mut refused = None;
    let sight = Sight::from(grant).of_client(once.claim.client);
    let done = ledger.write(sight, |tx| {
        refused = None;
        match claim(tx, &once.claim, now)? {
            Claimed::Now => {}
            Claimed::AtWork => return Ok(None),
            Claimed::Answered(answer) => {
                return Ok(Some(Answered {
                    answer,
                    replayed: true,
                }));
            }
        }
        let answer = (once.render)(&work(tx)?);
        if answer.status >= 400 {
            refused = Some(answer);
            return Err(LedgerError::RolledBack);
        }
        complete(tx, &once.claim, &answer)?;
        Ok(Some(Answered {
            answer,
            replayed: false,
        }))
    });
    match (done, refused) {
        (Err(LedgerError::RolledBack), Some(answer)) => Ok(Some(Answered {
            answer,
            replayed: false,
        })),
        (done, _) => done,
    }
}

/// Whose a key is.
enum Claimed {
    /// This transaction's.
    Now,
    /// Another transaction's, which has not ended.
    AtWork,
    /// An earlier request's, with this answer.
    Answered(StoredAnswer),
}

fn claim(
    tx: &mut Tx<'_>,
    claim: &IdempotencyClaim,
    now: DateTime<Utc>,
) -> Result<Claimed, LedgerError> {
    #[derive(QueryableByName)]
    struct ClaimedRow {
        #[diesel(sql_type = Bool)]
        is_free: bool,
        #[diesel(sql_type = Bool)]
        is_new: bool,
    }
    // Whoever has the lock is at work under the key; the insert alone would wait for them.
    let row: ClaimedRow = cached(
        "with free as materialized ( \
             select pg_try_advisory_xact_lock( \
                 hashtextextended($1::text || ' ' || $2 || ' ' || $3, 0)) as is_free \
         ), new as ( \
             insert into idempotency_keys (client_id, route, key, fingerprint, created_at) \
             select $1, $2, $3, $4, $5 from free where is_free \
             on conflict do nothing returning 1 \
         ) \
         select is_free, exists (select from new) as is_new from free",
    )
    .bind::<SqlUuid, _>(claim.client.as_uuid())
    .bind::<Text, _>(claim.route)
    .bind::<Text, _>(&claim.key)
    .bind::<Binary, _>(&claim.fingerprint[..])
    .bind::<Timestamptz, _>(now)
    .get_result(tx.conn())?;
    if row.is_new {
        return Ok(Claimed::Now);
    }
    // Somebody who is given the answer again has the lock as well.
    let kept: Option<IdempotencyRow> = cached(
        "select fingerprint, status, body from idempotency_keys \
         where client_id = $1 and route = $2 and key = $3",
    )
    .bind::<SqlUuid, _>(claim.client.as_uuid())
    .bind::<Text, _>(claim.route)
    .bind::<Text, _>(&claim.key)
    .get_result(tx.conn())
    .optional()?;
    let row = match kept {
        Some(row) => row,
        None if row.is_free => return Err(LedgerError::Contended),
        None => return Ok(Claimed::AtWork),
    };
    if row.fingerprint != claim.fingerprint {
        return Err(LedgerError::IdempotencyKeyReused);
    }
    opened(tx.keys(), claim, stored(row.status, row.body)?).map(Claimed::Answered)
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
    .bind::<Jsonb, _>(sealed(tx.keys(), claim, &answer.body)?)
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
