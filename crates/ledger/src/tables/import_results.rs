//! `import_results`: result files that are kept, without their bytes.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportFileId, ImportId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

/// Whether the result of an import counts already.
pub(crate) fn is_counted(conn: &mut PgConnection, import: ImportId) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct CountedRow {
        #[diesel(sql_type = Bool)]
        counted: bool,
    }
    let row: CountedRow = diesel::sql_query(
        "select exists (select from import_results where import_id = $1) as counted",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .get_result(conn)?;
    Ok(row.counted)
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    (import, file): (ImportId, ImportFileId),
    byte_count: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_results (import_id, file_id, byte_count, made_at) \
         values ($1, $2, $3, $4)",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(file.as_uuid())
    .bind::<BigInt, _>(byte_count)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
