//! `column_mappings`: how an institution's columns are to be read.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::InstitutionId;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text, Timestamptz, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName)]
struct MappingRow {
    #[diesel(sql_type = Jsonb)]
    mapping: serde_json::Value,
}

pub(crate) fn save(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    name: &str,
    mapping: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into column_mappings (institution_id, name, mapping, saved_at) \
         values ($1, $2, $3, $4) \
         on conflict (institution_id, name) do update set mapping = $3, saved_at = $4",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(name)
    .bind::<Jsonb, _>(mapping)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

pub(crate) fn find(
    conn: &mut PgConnection,
    institution: InstitutionId,
    name: &str,
) -> Result<Option<serde_json::Value>, LedgerError> {
    let rows: Vec<MappingRow> = diesel::sql_query(
        "select mapping from column_mappings where institution_id = $1 and name = $2",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(name)
    .load(conn)?;
    Ok(rows.into_iter().next().map(|row| row.mapping))
}
