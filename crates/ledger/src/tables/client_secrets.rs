//! `client_secrets`, `client_keys` and `used_assertions`: how clients prove who they are.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::ClientId;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    client: Uuid,
    secret: (Uuid, &str),
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into client_secrets (secret_id, client_id, hash, created_at, expires_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind::<SqlUuid, _>(secret.0)
    .bind::<SqlUuid, _>(client)
    .bind::<Text, _>(secret.1)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Timestamptz>, _>(expires_at)
    .execute(tx.conn())?;
    Ok(())
}

/// A secret without its hash.
#[derive(QueryableByName)]
pub(crate) struct SecretRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) secret_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) client_id: Uuid,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

/// Those of some clients that count, the oldest first.
pub(crate) fn list_standing(
    conn: &mut PgConnection,
    clients: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<SecretRow>, LedgerError> {
    let rows = diesel::sql_query(
        "select secret_id, created_at, expires_at, client_id, last_used_at from client_secrets \
         where client_id = any($1) and revoked_at is null and (expires_at is null or expires_at > $2) \
         order by created_at, secret_id",
    )
    .bind::<Array<SqlUuid>, _>(clients)
    .bind::<Timestamptz, _>(now)
    .load(conn)?;
    Ok(rows)
}

/// Ends all that count, unless one ends before.
pub(crate) fn end_all(
    tx: &mut Tx<'_>,
    client: Uuid,
    end: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update client_secrets set expires_at = $2 \
         where client_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)",
    )
    .bind::<SqlUuid, _>(client)
    .bind::<Timestamptz, _>(end)
    .execute(tx.conn())?;
    Ok(())
}

/// Whether a client has or had a secret or key of that name.
pub(crate) fn had(
    conn: &mut PgConnection,
    client: Uuid,
    named: Named<'_>,
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct FoundRow {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let (table, column, name) = named.place();
    let row: FoundRow = diesel::sql_query(format!(
        "select exists (select from {table} where client_id = $1 and {column}::text = $2) as found"
    ))
    .bind::<SqlUuid, _>(client)
    .bind::<Text, _>(name)
    .get_result(conn)?;
    Ok(row.found)
}

/// Notes that a token was given for a secret or key, to the minute.
pub(crate) fn note_use(
    tx: &mut Tx<'_>,
    client: Uuid,
    named: Named<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (table, column, name) = named.place();
    diesel::sql_query(format!(
        "update {table} set last_used_at = $3 where client_id = $1 and {column}::text = $2 \
             and (last_used_at is null or last_used_at < $3 - interval '1 minute')"
    ))
    .bind::<SqlUuid, _>(client)
    .bind::<Text, _>(name)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// A secret or a key of a client.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'a> {
    Secret(Uuid),
    Key(&'a str),
}

impl Named<'_> {
    fn place(self) -> (&'static str, &'static str, String) {
        match self {
            Self::Secret(id) => ("client_secrets", "secret_id", id.to_string()),
            Self::Key(kid) => ("client_keys", "kid", kid.to_owned()),
        }
    }
}

#[derive(QueryableByName)]
struct HashRow {
    #[diesel(sql_type = Text)]
    hash: String,
}

/// The hash of a client's secret, while both count.
pub(crate) fn find_hash(
    conn: &mut PgConnection,
    client: ClientId,
    secret: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<String>, LedgerError> {
    let row: Option<HashRow> = diesel::sql_query(
        "select s.hash from client_secrets s join api_clients c using (client_id) \
         where s.secret_id = $1 and s.client_id = $2 and c.active and s.revoked_at is null \
             and (s.expires_at is null or s.expires_at > $3)",
    )
    .bind::<SqlUuid, _>(secret)
    .bind::<SqlUuid, _>(client.as_uuid())
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| row.hash))
}

/// False where the client has no such secret that was not revoked.
pub(crate) fn revoke(
    tx: &mut Tx<'_>,
    client: Uuid,
    secret: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let revoked = diesel::sql_query(
        "update client_secrets set revoked_at = $3 \
         where client_id = $1 and secret_id = $2 and revoked_at is null",
    )
    .bind::<SqlUuid, _>(client)
    .bind::<SqlUuid, _>(secret)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(revoked == 1)
}

/// False where the client has a key of that name, also a revoked one.
pub(crate) fn insert_key(
    tx: &mut Tx<'_>,
    client: Uuid,
    (kid, algorithm): (&str, &str),
    jwk: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into client_keys (client_id, kid, algorithm, jwk, created_at) \
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(client)
    .bind::<Text, _>(kid)
    .bind::<Text, _>(algorithm)
    .bind::<Jsonb, _>(jwk)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// False where the client has no such key that was not revoked.
pub(crate) fn revoke_key(
    tx: &mut Tx<'_>,
    client: Uuid,
    kid: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let revoked = diesel::sql_query(
        "update client_keys set revoked_at = $3 \
         where client_id = $1 and kid = $2 and revoked_at is null",
    )
    .bind::<SqlUuid, _>(client)
    .bind::<Text, _>(kid)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(revoked == 1)
}

/// A key without itself.
#[derive(QueryableByName)]
pub(crate) struct KeyNameRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) client_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) kid: String,
    #[diesel(sql_type = Text)]
    pub(crate) algorithm: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

/// Those of some clients that count, the oldest first.
pub(crate) fn list_keys(
    conn: &mut PgConnection,
    clients: &[Uuid],
) -> Result<Vec<KeyNameRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select client_id, kid, algorithm, created_at, last_used_at from client_keys \
         where client_id = any($1) and revoked_at is null order by created_at, kid",
    )
    .bind::<Array<SqlUuid>, _>(clients)
    .load(conn)?)
}

/// A public key of a client.
#[derive(QueryableByName)]
pub(crate) struct KeyRow {
    #[diesel(sql_type = Text)]
    pub(crate) algorithm: String,
    #[diesel(sql_type = Jsonb)]
    pub(crate) jwk: serde_json::Value,
}

pub(crate) fn find_key(
    conn: &mut PgConnection,
    client: ClientId,
    kid: &str,
) -> Result<Option<KeyRow>, LedgerError> {
    let row = diesel::sql_query(
        "select k.algorithm, k.jwk from client_keys k join api_clients c using (client_id) \
         where k.client_id = $1 and k.kid = $2 and c.active and k.revoked_at is null",
    )
    .bind::<SqlUuid, _>(client.as_uuid())
    .bind::<Text, _>(kid)
    .get_result(conn)
    .optional()?;
    Ok(row)
}

/// False where the assertion was taken before.
pub(crate) fn take_assertion(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let taken = diesel::sql_query(
        "insert into used_assertions (digest, expires_at) values ($1, $2) on conflict do nothing",
    )
    .bind::<Binary, _>(&digest[..])
    .bind::<Timestamptz, _>(expires_at)
    .execute(tx.conn())?;
    Ok(taken == 1)
}

/// Forgets what has ended anyway.
pub(crate) fn forget_assertions(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<(), LedgerError> {
    diesel::sql_query("delete from used_assertions where expires_at < $1")
        .bind::<Timestamptz, _>(before)
        .execute(tx.conn())?;
    Ok(())
}
