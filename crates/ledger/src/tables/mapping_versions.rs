//! `mapping_versions`: how an institution's files are to be read.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::InstitutionId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct MappingRow {
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Integer)]
    pub(crate) version: i32,
    #[diesel(sql_type = Jsonb)]
    pub(crate) mapping: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) saved_at: DateTime<Utc>,
}

/// Adds a version, unless the last one says the same; gives its number.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    (institution, hand): (InstitutionId, Uuid),
    name: &str,
    mapping: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<i32, LedgerError> {
    // Two who save at once take turns, so that their numbers differ.
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 27))")
        .bind::<Text, _>(format!("{institution} {name}"))
        .execute(tx.conn())?;
    let last = find(tx.conn(), institution, name)?;
    let next = match last {
        Some(row) if row.mapping == *mapping => return Ok(row.version),
        Some(row) => row.version.saturating_add(1),
        None => 1,
    };
    diesel::sql_query(
        "insert into mapping_versions (institution_id, name, version, mapping, hand, saved_at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(name)
    .bind::<Integer, _>(next)
    .bind::<Jsonb, _>(mapping)
    .bind::<SqlUuid, _>(hand)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(next)
}

/// The last version of a name.
pub(crate) fn find(
    conn: &mut PgConnection,
    institution: InstitutionId,
    name: &str,
) -> Result<Option<MappingRow>, LedgerError> {
    let rows: Vec<MappingRow> = diesel::sql_query(
        "select name, version, mapping, saved_at from mapping_versions \
         where institution_id = $1 and name = $2 order by version desc limit 1",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(name)
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// The last version of every name behind `after`, by name.
pub(crate) fn list(
    conn: &mut PgConnection,
    institution: InstitutionId,
    after: &str,
    limit: u32,
) -> Result<Vec<MappingRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select distinct on (name) name, version, mapping, saved_at from mapping_versions \
         where institution_id = $1 and name > $2 order by name, version desc limit $3",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}
