//! `people`, and in the schema `identity` their names and logins.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::PersonId;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;

/// A person with the sealed name, where one is known.
#[derive(QueryableByName)]
pub(crate) struct PersonRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) person_id: Uuid,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed_name: Option<Vec<u8>>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query("insert into people (person_id, created_at) values ($1, $2)")
        .bind::<SqlUuid, _>(person.as_uuid())
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    Ok(())
}

pub(crate) fn insert_name(
    tx: &mut Tx<'_>,
    person: PersonId,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into identity.person_names (person_id, sealed, created_at) values ($1, $2, $3)",
    )
    .bind::<SqlUuid, _>(person.as_uuid())
    .bind::<Binary, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

pub(crate) fn exists(conn: &mut PgConnection, person: PersonId) -> Result<bool, LedgerError> {
    Ok(list(conn, Some(person))?.len() == 1)
}

/// One person, or all in the order in which they came.
pub(crate) fn list(
    conn: &mut PgConnection,
    only: Option<PersonId>,
) -> Result<Vec<PersonRow>, LedgerError> {
    let rows = diesel::sql_query(
        "select p.person_id, n.sealed as sealed_name \
         from people p left join identity.person_names n using (person_id) \
         where $1 is null or p.person_id = $1 order by p.person_id",
    )
    .bind::<Nullable<SqlUuid>, _>(only.map(PersonId::as_uuid))
    .load(conn)?;
    Ok(rows)
}

/// A login as it is stored.
pub(crate) struct SealedLogin<'a> {
    pub(crate) digest: [u8; 32],
    pub(crate) person: PersonId,
    pub(crate) issuer: &'a str,
    pub(crate) sealed: Vec<u8>,
}

/// False where the login is known, whoever's it is.
pub(crate) fn insert_login(
    tx: &mut Tx<'_>,
    login: &SealedLogin<'_>,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into identity.person_logins (digest, person_id, issuer, sealed, created_at) \
         values ($1, $2, $3, $4, $5) on conflict (digest) do nothing",
    )
    .bind::<Binary, _>(&login.digest[..])
    .bind::<SqlUuid, _>(login.person.as_uuid())
    .bind::<Text, _>(login.issuer)
    .bind::<Binary, _>(&login.sealed)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// Whose a login is, and whether it still counts.
#[derive(QueryableByName)]
pub(crate) struct LoginRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) person_id: Uuid,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

pub(crate) fn find_login(
    conn: &mut PgConnection,
    digest: &[u8; 32],
) -> Result<Option<LoginRow>, LedgerError> {
    let row = cached("select person_id, ended_at from identity.person_logins where digest = $1")
        .bind::<Binary, _>(&digest[..])
        .get_result(conn)
        .optional()?;
    Ok(row)
}

/// False where there is no such login that counts.
pub(crate) fn end_login(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let ended = diesel::sql_query(
        "update identity.person_logins set ended_at = $2 where digest = $1 and ended_at is null",
    )
    .bind::<Binary, _>(&digest[..])
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(ended == 1)
}
