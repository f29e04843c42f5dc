//! `import_names`: how institutions call the files of their jobs and imports, sealed.
//!
//! What servers of before wrote in the clear stands in `imports.file_name` and
//! `import_jobs.file_name` until [`seal_clear`] was there.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportFileId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::store::Tx;

/// How many are sealed or forgotten in one transaction.
const AT_ONCE: i64 = 500;

/// To what a name is sealed: the learner beside a file and questions are sealed to their job too.
fn owner(named: Uuid) -> Vec<u8> {
    [b"file name ".as_slice(), named.as_bytes()].concat()
}

/// Keeps how a job's or an import's file is called. One that has a name keeps it.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    named: Uuid,
    institution: InstitutionId,
    name: &str,
) -> Result<(), LedgerError> {
    let sealed = tx.keys().seal_to(&owner(named), name.as_bytes())?;
    diesel::sql_query(
        "insert into import_names (named_id, institution_id, sealed) values ($1, $2, $3) \
         on conflict (named_id) do update set sealed = excluded.sealed \
             where import_names.sealed is null",
    )
    .bind::<SqlUuid, _>(named)
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Binary, _>(&sealed)
    .execute(tx.conn())?;
    Ok(())
}

/// A name as whoever may see the job or import reads it: empty once it went with the bytes.
pub(crate) fn open(
    keys: &IdentityKeys,
    named: Uuid,
    sealed: Option<&[u8]>,
    clear: &str,
) -> Result<String, LedgerError> {
    let Some(sealed) = sealed else {
        return Ok(clear.to_owned());
    };
    String::from_utf8(keys.open_of(&owner(named), sealed)?)
        .map_err(|_| LedgerError::Corrupt("import_names.sealed"))
}

/// Forgets the names of a file's jobs, and of the imports that no other file is kept for.
pub(crate) fn forget(tx: &mut Tx<'_>, file: ImportFileId) -> Result<(), LedgerError> {
    diesel::sql_query(
        "with of_file as (select job_id, import_id, trial_import_id from import_jobs \
             where file_id = $1), \
         named as ( \
             select job_id as id from of_file \
             union select i.id from ( \
                 select import_id as id from of_file union select trial_import_id from of_file \
             ) i where not exists ( \
                 select from import_jobs j join import_files f using (file_id) \
                 where i.id in (j.import_id, j.trial_import_id) \
                     and f.file_id <> $1 and f.purged_at is null)) \
         update import_names n set sealed = null from named \
         where n.named_id = named.id and n.sealed is not null",
    )
    .bind::<SqlUuid, _>(file.as_uuid())
    .execute(tx.conn())?;
    Ok(())
}

/// Forgets names of imports that no job worked at and that nobody went on with since `before`: the
/// bytes of what the command line imported were never here. How many there were, up to some.
pub(crate) fn forget_unkept(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, LedgerError> {
    Ok(diesel::sql_query(
        "update import_names n set sealed = null \
         where n.sealed is not null and n.named_id in ( \
             select i.import_id from import_names k \
             join imports i on i.import_id = k.named_id \
             where k.sealed is not null and coalesce(i.finished_at, i.started_at) < $1 \
                 and not exists (select from import_jobs j where j.import_id = i.import_id) \
                 and not exists (select from import_jobs j where j.trial_import_id = i.import_id) \
             order by i.import_id limit $2)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(AT_ONCE)
    .execute(tx.conn())?)
}

/// A name that a server of before wrote.
#[derive(QueryableByName)]
struct ClearRow {
    #[diesel(sql_type = SqlUuid)]
    named_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    institution_id: Uuid,
    #[diesel(sql_type = Text)]
    file_name: String,
    #[diesel(sql_type = Bool)]
    gone: bool,
}

/// Where names stood in the clear: which are, with whether their bytes were removed, and the removal.
const CLEAR: [(&str, &str); 2] = [
    (
        "select j.job_id as named_id, j.institution_id, j.file_name, \
             f.purged_at is not null as gone \
         from import_jobs j join import_files f using (file_id) \
         where j.file_name <> '' order by j.job_id limit $1 for update of j skip locked",
        "update import_jobs set file_name = '' where job_id = any($1)",
    ),
    (
        "select i.import_id as named_id, i.institution_id, i.file_name, \
             coalesce((select bool_and(f.purged_at is not null) \
                 from import_jobs j join import_files f using (file_id) \
                 where i.import_id in (j.import_id, j.trial_import_id)), false) as gone \
         from imports i \
         where i.file_name <> '' order by i.import_id limit $1 for update of i skip locked",
        "update imports set file_name = '' where import_id = any($1)",
    ),
];

/// Seals names that stand in the clear, or removes them where the bytes are gone. How many there
/// were, up to some.
pub(crate) fn seal_clear(tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
    let mut done = 0_usize;
    for (find, clear) in CLEAR {
        let rows: Vec<ClearRow> = diesel::sql_query(find)
            .bind::<BigInt, _>(AT_ONCE)
            .load(tx.conn())?;
        if rows.is_empty() {
            continue;
        }
        let mut sealed: Vec<Option<Vec<u8>>> = Vec::with_capacity(rows.len());
        for row in &rows {
            let seal = || {
                tx.keys()
                    .seal_to(&owner(row.named_id), row.file_name.as_bytes())
            };
            sealed.push((!row.gone).then(seal).transpose()?);
        }
        let named: Vec<Uuid> = rows.iter().map(|row| row.named_id).collect();
        let institutions: Vec<Uuid> = rows.iter().map(|row| row.institution_id).collect();
        diesel::sql_query(
            "insert into import_names (named_id, institution_id, sealed) \
             select * from unnest($1::uuid[], $2::uuid[], $3::bytea[]) on conflict do nothing",
        )
        .bind::<Array<SqlUuid>, _>(&named)
        .bind::<Array<SqlUuid>, _>(&institutions)
        .bind::<Array<Nullable<Binary>>, _>(&sealed)
        .execute(tx.conn())?;
        diesel::sql_query(clear)
            .bind::<Array<SqlUuid>, _>(&named)
            .execute(tx.conn())?;
        done = done.saturating_add(rows.len());
    }
    Ok(done)
}
