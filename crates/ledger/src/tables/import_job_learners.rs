//! `import_job_learners`: whose transcript a job's file is, where no column says so.

use creditbank_domain::ids::{ImportFileId, ImportJobId};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;

/// What is kept with a job.
pub(crate) struct SealedLearner {
    pub(crate) digest: [u8; 32],
    pub(crate) sealed: Vec<u8>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    learner: &SealedLearner,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_job_learners (job_id, digest, sealed) values ($1, $2, $3)",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Binary, _>(&learner.digest[..])
    .bind::<Binary, _>(&learner.sealed)
    .execute(tx.conn())?;
    Ok(())
}

/// What was said beside a job's file, still sealed.
pub(crate) fn find_sealed(
    conn: &mut PgConnection,
    job: ImportJobId,
) -> Result<Option<Vec<u8>>, LedgerError> {
    #[derive(QueryableByName)]
    struct SealedRow {
        #[diesel(sql_type = Nullable<Binary>)]
        sealed: Option<Vec<u8>>,
    }
    let rows: Vec<SealedRow> =
        diesel::sql_query("select sealed from import_job_learners where job_id = $1")
            .bind::<SqlUuid, _>(job.as_uuid())
            .load(conn)?;
    match rows.into_iter().next() {
        None => Ok(None),
        // To go on without it would be to read the file otherwise.
        Some(row) => row.sealed.ok_or(LedgerError::NotFound).map(Some),
    }
}

/// Forgets who was said beside a file; that somebody was, and the digest, stay.
pub(crate) fn forget(tx: &mut Tx<'_>, file: ImportFileId) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update import_job_learners l set sealed = null from import_jobs j \
         where j.job_id = l.job_id and j.file_id = $1 and l.sealed is not null",
    )
    .bind::<SqlUuid, _>(file.as_uuid())
    .execute(tx.conn())?;
    Ok(())
}
