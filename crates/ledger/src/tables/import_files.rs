//! `import_files` and `import_file_parts`: what was handed in, without its bytes.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportFileId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::{import_job_learners, import_names};

/// A file as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct FileRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) file_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(crate) byte_count: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sha256: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed_key: Option<Vec<u8>>,
}

const COLUMNS: &str = "file_id, byte_count, sha256, sealed_key";

/// What is announced of a file.
pub(crate) struct NewFile<'a> {
    pub(crate) file_id: ImportFileId,
    pub(crate) institution: InstitutionId,
    pub(crate) byte_count: i64,
    pub(crate) sha256: Option<&'a [u8; 32]>,
    pub(crate) sealed_key: Vec<u8>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    file: &NewFile<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_files (file_id, institution_id, byte_count, received, sha256, \
             sealed_key, created_at) \
         values ($1, $2, $3, 0, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(file.file_id.as_uuid())
    .bind::<SqlUuid, _>(file.institution.as_uuid())
    .bind::<BigInt, _>(file.byte_count)
    .bind::<Nullable<Binary>, _>(file.sha256.map(|sha256| sha256.to_vec()))
    .bind::<Binary, _>(&file.sealed_key)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

pub(crate) fn find(conn: &mut PgConnection, file: ImportFileId) -> Result<FileRow, LedgerError> {
    let rows: Vec<FileRow> = diesel::sql_query(format!(
        "select {COLUMNS} from import_files where file_id = $1"
    ))
    .bind::<SqlUuid, _>(file.as_uuid())
    .load(conn)?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

pub(crate) fn lock(tx: &mut Tx<'_>, file: ImportFileId) -> Result<FileRow, LedgerError> {
    let rows: Vec<FileRow> = diesel::sql_query(format!(
        "select {COLUMNS} from import_files where file_id = $1 for update"
    ))
    .bind::<SqlUuid, _>(file.as_uuid())
    .load(tx.conn())?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

/// The institution's newest file of these bytes that is whole and still here.
pub(crate) fn find_whole(
    conn: &mut PgConnection,
    institution: InstitutionId,
    sha256: &[u8; 32],
) -> Result<Option<FileRow>, LedgerError> {
    let rows: Vec<FileRow> = diesel::sql_query(format!(
        "select {COLUMNS} from import_files \
         where institution_id = $1 and sha256 = $2 and completed_at is not null \
             and purged_at is null \
         order by file_id desc limit 1"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Binary, _>(&sha256[..])
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// Notes a part; one that begins at the same byte and was never counted makes room.
pub(crate) fn add_part(
    tx: &mut Tx<'_>,
    file: ImportFileId,
    (starts_at, byte_count): (i64, i64),
    blob: &str,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_file_parts (file_id, starts_at, byte_count, blob) \
         values ($1, $2, $3, $4) \
         on conflict (file_id, starts_at) do update \
             set byte_count = excluded.byte_count, blob = excluded.blob",
    )
    .bind::<SqlUuid, _>(file.as_uuid())
    .bind::<BigInt, _>(starts_at)
    .bind::<BigInt, _>(byte_count)
    .bind::<Text, _>(blob)
    .execute(tx.conn())?;
    diesel::sql_query("update import_files set received = $2 where file_id = $1")
        .bind::<SqlUuid, _>(file.as_uuid())
        .bind::<BigInt, _>(starts_at.saturating_add(byte_count))
        .execute(tx.conn())?;
    Ok(())
}

/// Names of the parts, in the order of their bytes.
pub(crate) fn parts(
    conn: &mut PgConnection,
    file: ImportFileId,
) -> Result<Vec<(i64, String)>, LedgerError> {
    #[derive(QueryableByName)]
    struct PartRow {
        #[diesel(sql_type = BigInt)]
        starts_at: i64,
        #[diesel(sql_type = Text)]
        blob: String,
    }
    let rows: Vec<PartRow> = diesel::sql_query(
        "select starts_at, blob from import_file_parts where file_id = $1 order by starts_at",
    )
    .bind::<SqlUuid, _>(file.as_uuid())
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.starts_at, row.blob))
        .collect())
}

/// Says that a file is whole and what its digest is.
pub(crate) fn complete(
    tx: &mut Tx<'_>,
    file: ImportFileId,
    sha256: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update import_files set sha256 = $2, completed_at = coalesce(completed_at, $3) \
         where file_id = $1 and received = byte_count",
    )
    .bind::<SqlUuid, _>(file.as_uuid())
    .bind::<Binary, _>(&sha256[..])
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Waits until nobody else counts what the institution's files come to.
pub(crate) fn count_alone(tx: &mut Tx<'_>, institution: InstitutionId) -> Result<(), LedgerError> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('import files ' || $1, 0))")
        .bind::<Text, _>(institution.to_string())
        .execute(tx.conn())?;
    Ok(())
}

/// What the institution's files come to that are here, with the results that are kept of them, and
/// those on their way as announced. Of what
/// was given up half-way counts what had arrived.
pub(crate) fn bytes_kept(
    conn: &mut PgConnection,
    institution: InstitutionId,
) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct SumRow {
        #[diesel(sql_type = BigInt)]
        kept: i64,
    }
    let row: SumRow = diesel::sql_query(
        "select coalesce(sum(case when exists ( \
                 select from import_jobs j where j.file_id = f.file_id and j.ended_at is null) \
             then f.byte_count else f.received end \
             + coalesce((select sum(r.byte_count) from import_results r \
                 where r.file_id = f.file_id), 0)), 0)::bigint as kept \
         from import_files f where f.institution_id = $1 and f.purged_at is null",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .get_result(conn)?;
    Ok(row.kept)
}

/// Those of some names under which sealed bytes are kept that no row needs: their file is unknown
/// or purged, or, of a part, another one came in its place. Results go with their file.
pub(crate) fn list_needless(
    conn: &mut PgConnection,
    kept: &[(ImportFileId, String)],
) -> Result<Vec<String>, LedgerError> {
    #[derive(QueryableByName)]
    struct NameRow {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let files: Vec<Uuid> = kept.iter().map(|(file, _)| file.as_uuid()).collect();
    let names: Vec<&str> = kept.iter().map(|(_, name)| name.as_str()).collect();
    // Whoever sees no rows would take everything for needless.
    let rows: Vec<NameRow> = diesel::sql_query(
        "select b.name from unnest($1::uuid[], $2::text[]) as b (file_id, name) \
         left join import_files f on f.file_id = b.file_id and f.purged_at is null \
         where (select t.bank from told t) is not null and (f.file_id is null \
             or substr(b.name, 38) ~ '^[0-9]' and not exists ( \
                 select from import_file_parts p \
                 where p.file_id = b.file_id and p.blob = b.name))",
    )
    .bind::<Array<SqlUuid>, _>(files)
    .bind::<Array<Text>, _>(names)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Files that nobody needs: whose jobs have all ended before `before`, or, of one that never became
/// whole, at all.
pub(crate) fn list_outdated(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Uuid>, LedgerError> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = SqlUuid)]
        file_id: Uuid,
    }
    let rows: Vec<IdRow> = diesel::sql_query(
        "select f.file_id from import_files f \
         where f.purged_at is null and not exists ( \
             select from import_jobs j where j.file_id = f.file_id \
             and (j.ended_at is null or j.ended_at >= $1 and f.received = f.byte_count)) \
         and (f.created_at < $1 or f.received < f.byte_count) \
         order by f.file_id limit $2",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.file_id).collect())
}

/// Forgets the key and the parts of a file, who was said beside it and what it is called. The rows stay.
pub(crate) fn purge(
    tx: &mut Tx<'_>,
    file: ImportFileId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    import_job_learners::forget(tx, file)?;
    import_names::forget(tx, file)?;
    diesel::sql_query("delete from import_file_parts where file_id = $1")
        .bind::<SqlUuid, _>(file.as_uuid())
        .execute(tx.conn())?;
    diesel::sql_query(
        "update import_files set sealed_key = null, purged_at = $2 \
         where file_id = $1 and purged_at is null",
    )
    .bind::<SqlUuid, _>(file.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
