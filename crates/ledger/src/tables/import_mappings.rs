//! `import_mappings`: which mapping an import is read by.

use creditbank_domain::ids::{ImportId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct UsedRow {
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) name: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) version: Option<i32>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub(crate) mapping: Option<serde_json::Value>,
}

/// Notes it, the first time.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    (institution, import): (InstitutionId, ImportId),
    kept: Option<(&str, i32)>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_mappings (import_id, institution_id, name, version) \
         values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Nullable<Text>, _>(kept.map(|(name, _)| name))
    .bind::<Nullable<Integer>, _>(kept.map(|(_, version)| version))
    .execute(tx.conn())?;
    Ok(())
}

/// What was noted.
pub(crate) fn find(
    conn: &mut PgConnection,
    institution: InstitutionId,
    import: ImportId,
) -> Result<Option<UsedRow>, LedgerError> {
    let rows: Vec<UsedRow> = diesel::sql_query(
        "select u.name, u.version, m.mapping from import_mappings u \
             left join mapping_versions m using (institution_id, name, version) \
         where u.import_id = $1 and u.institution_id = $2",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().next())
}
