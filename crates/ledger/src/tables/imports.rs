//! `imports`.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// A row as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct ImportRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) import_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) institution_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) file_name: String,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed_name: Option<Vec<u8>>,
    #[diesel(sql_type = Binary)]
    pub(crate) file_sha256: Vec<u8>,
    #[diesel(sql_type = Binary)]
    pub(crate) reading_sha256: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    pub(crate) byte_count: i64,
    #[diesel(sql_type = Text)]
    pub(crate) mode: String,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) cursor_line: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) posted: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) already_posted: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) rejected: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) accounts_opened: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub(crate) failure: Option<serde_json::Value>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "import_id, institution_id, file_name, \
                       (select n.sealed from import_names n \
                           where n.named_id = imports.import_id) as sealed_name, \
                       file_sha256, reading_sha256, byte_count, \
                       mode, state, cursor_line, posted, already_posted, rejected, \
                       accounts_opened, failure, started_at, finished_at";

/// Opens an import, without its name, unless one of the same file, read in the same way, is running.
pub(crate) fn insert(tx: &mut Tx<'_>, row: &ImportRow) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into imports (import_id, institution_id, file_sha256, \
             reading_sha256, byte_count, mode, state, cursor_line, posted, already_posted, \
             rejected, accounts_opened, started_at) \
         values ($1, $2, $3, $4, $5, $6, 'running', 0, 0, 0, 0, 0, $7) \
         on conflict (institution_id, file_sha256, mode, reading_sha256) \
             where state = 'running' do nothing",
    )
    .bind::<SqlUuid, _>(row.import_id)
    .bind::<SqlUuid, _>(row.institution_id)
    .bind::<Binary, _>(&row.file_sha256)
    .bind::<Binary, _>(&row.reading_sha256)
    .bind::<BigInt, _>(row.byte_count)
    .bind::<Text, _>(&row.mode)
    .bind::<Timestamptz, _>(row.started_at)
    .execute(tx.conn())?;
    Ok(())
}

/// The running import of the same file, mode and reading as this row's.
pub(crate) fn find_running(
    conn: &mut PgConnection,
    row: &ImportRow,
) -> Result<Option<ImportRow>, LedgerError> {
    let rows: Vec<ImportRow> = diesel::sql_query(format!(
        "select {COLUMNS} from imports where institution_id = $1 and file_sha256 = $2 \
         and mode = $3 and reading_sha256 = $4 and state = 'running'"
    ))
    .bind::<SqlUuid, _>(row.institution_id)
    .bind::<Binary, _>(&row.file_sha256)
    .bind::<Text, _>(&row.mode)
    .bind::<Binary, _>(&row.reading_sha256)
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// One import of an institution.
pub(crate) fn find(
    conn: &mut PgConnection,
    institution: InstitutionId,
    import: ImportId,
) -> Result<ImportRow, LedgerError> {
    let rows: Vec<ImportRow> = diesel::sql_query(format!(
        "select {COLUMNS} from imports where import_id = $1 and institution_id = $2"
    ))
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .load(conn)?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

/// As [`find`], locked until the transaction ends: two processes at one import take turns.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    import: ImportId,
) -> Result<ImportRow, LedgerError> {
    let rows: Vec<ImportRow> = diesel::sql_query(format!(
        "select {COLUMNS} from imports where import_id = $1 and institution_id = $2 for update"
    ))
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .load(tx.conn())?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

/// What some lines add to an import.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    pub(crate) cursor_line: i64,
    pub(crate) posted: i64,
    pub(crate) already_posted: i64,
    pub(crate) rejected: i64,
    pub(crate) accounts_opened: i64,
}

pub(crate) fn add_progress(
    tx: &mut Tx<'_>,
    import: ImportId,
    progress: Progress,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update imports set cursor_line = $2, posted = posted + $3, \
             already_posted = already_posted + $4, rejected = rejected + $5, \
             accounts_opened = accounts_opened + $6 \
         where import_id = $1",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<BigInt, _>(progress.cursor_line)
    .bind::<BigInt, _>(progress.posted)
    .bind::<BigInt, _>(progress.already_posted)
    .bind::<BigInt, _>(progress.rejected)
    .bind::<BigInt, _>(progress.accounts_opened)
    .execute(tx.conn())?;
    Ok(())
}

/// Ends a running import; one that has ended stays as it is.
pub(crate) fn finish(
    tx: &mut Tx<'_>,
    import: ImportId,
    state: &str,
    failure: Option<&serde_json::Value>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update imports set state = $2, failure = $3, finished_at = $4 \
         where import_id = $1 and state = 'running'",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<Text, _>(state)
    .bind::<Nullable<Jsonb>, _>(failure)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
