//! `import_changes`: what lines of files corrected and withdrew.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{CorrectionId, ImportId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Timestamptz, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

/// Whether a line that said the same was done before.
pub(crate) fn is_done(
    conn: &mut PgConnection,
    institution: InstitutionId,
    change_sha256: &[u8; 32],
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct DoneRow {
        #[diesel(sql_type = Bool)]
        done: bool,
    }
    let row: DoneRow = diesel::sql_query(
        "select exists (select from import_changes \
             where institution_id = $1 and change_sha256 = $2) as done",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Binary, _>(&change_sha256[..])
    .get_result(conn)?;
    Ok(row.done)
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    (institution, change_sha256): (InstitutionId, &[u8; 32]),
    correction: CorrectionId,
    import: ImportId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_changes (institution_id, change_sha256, correction_id, import_id, \
             recorded_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Binary, _>(&change_sha256[..])
    .bind::<SqlUuid, _>(correction.as_uuid())
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
