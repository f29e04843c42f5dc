//! `import_signatures`: what an import found of its file's signature.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct SignatureRow {
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) reason: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) certificate_sha256: Option<Vec<u8>>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) checked_at: DateTime<Utc>,
}

/// Notes it, the first time.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    (institution, import): (InstitutionId, ImportId),
    row: &SignatureRow,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_signatures \
             (import_id, institution_id, reason, certificate_sha256, checked_at) \
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Nullable<Text>, _>(&row.reason)
    .bind::<Nullable<Binary>, _>(&row.certificate_sha256)
    .bind::<Timestamptz, _>(row.checked_at)
    .execute(tx.conn())?;
    Ok(())
}

/// What was noted.
pub(crate) fn find(
    conn: &mut PgConnection,
    institution: InstitutionId,
    import: ImportId,
) -> Result<Option<SignatureRow>, LedgerError> {
    let rows: Vec<SignatureRow> = diesel::sql_query(
        "select reason, certificate_sha256, checked_at from import_signatures \
         where import_id = $1 and institution_id = $2",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().next())
}
