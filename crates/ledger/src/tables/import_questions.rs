//! `import_questions` and `import_answers`: what jobs ask, and what was said.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportJobId, InstitutionId};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct QuestionsRow {
    #[diesel(sql_type = Integer)]
    pub(crate) round: i32,
    #[diesel(sql_type = Text)]
    pub(crate) layout: String,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed: Option<Vec<u8>>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) asked_at: DateTime<Utc>,
}

/// What the last answer of a job made.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct AnswerRow {
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Integer)]
    pub(crate) version: i32,
    #[diesel(sql_type = Jsonb)]
    pub(crate) mapping: serde_json::Value,
}

/// Asks, in the next round.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    (layout, sealed): (&str, &[u8]),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_questions (job_id, round, layout, sealed, asked_at) \
         select $1, coalesce(max(round), 0) + 1, $2, $3, $4 \
         from import_questions where job_id = $1",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Text, _>(layout)
    .bind::<Binary, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// The last that a job asked.
pub(crate) fn last(conn: &mut PgConnection, job: ImportJobId) -> Result<QuestionsRow, LedgerError> {
    let rows: Vec<QuestionsRow> = diesel::sql_query(
        "select round, layout, sealed, asked_at from import_questions \
         where job_id = $1 order by round desc limit 1",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .load(conn)?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

/// Removes the samples of everything that a job asked.
pub(crate) fn forget(tx: &mut Tx<'_>, job: ImportJobId) -> Result<(), LedgerError> {
    diesel::sql_query("update import_questions set sealed = null where job_id = $1")
        .bind::<SqlUuid, _>(job.as_uuid())
        .execute(tx.conn())?;
    Ok(())
}

/// Writes down what was said.
pub(crate) fn answer(
    tx: &mut Tx<'_>,
    (job, round): (ImportJobId, i32),
    (institution, hand): (InstitutionId, Uuid),
    (name, version): (&str, i32),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_answers (job_id, round, institution_id, name, version, hand, \
             answered_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Integer, _>(round)
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(name)
    .bind::<Integer, _>(version)
    .bind::<SqlUuid, _>(hand)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// What was said last, where something was.
pub(crate) fn answered(
    conn: &mut PgConnection,
    job: ImportJobId,
) -> Result<Option<AnswerRow>, LedgerError> {
    let rows: Vec<AnswerRow> = diesel::sql_query(
        "select name, version, mapping from import_answers a \
             join mapping_versions m using (institution_id, name, version) \
         where a.job_id = $1 order by a.round desc limit 1",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().next())
}
