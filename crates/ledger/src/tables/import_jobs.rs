//! `import_jobs`: what is to be done with files.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportFileId, ImportId, ImportJobId, InstitutionId};
use creditbank_domain::import_job::{ImportJobState, LinesTogether, QuestionsWanted};
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Binary, Bool, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::store::Tx;
use crate::tables::import_names;

/// A job with its file and its turn, as it is stored.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct JobRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) job_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) institution_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) file_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) file_name: String,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sealed_name: Option<Vec<u8>>,
    #[diesel(sql_type = Text)]
    pub(crate) mode: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub(crate) mapping: Option<serde_json::Value>,
    #[diesel(sql_type = Text)]
    pub(crate) lines: String,
    #[diesel(sql_type = Text)]
    pub(crate) questions: String,
    #[diesel(sql_type = Bool)]
    pub(crate) learner_beside: bool,
    #[diesel(sql_type = Bool)]
    pub(crate) approval_needed: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) verdict: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) trial_import_id: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) hand: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) import_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub(crate) failure: Option<serde_json::Value>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    pub(crate) byte_count: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) received: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) sha256: Option<Vec<u8>>,
    #[diesel(sql_type = Bool)]
    pub(crate) purged: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) worker: Option<Uuid>,
    #[diesel(sql_type = SmallInt)]
    pub(crate) tries: i16,
    #[diesel(sql_type = BigInt)]
    pub(crate) worked_millis: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) turn_began_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    pub(crate) turn_lines: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) bytes_read: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) lines_read: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub(crate) cancel_asked: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) waits_until: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "j.job_id, j.institution_id, j.file_id, j.file_name, \
     (select n.sealed from import_names n where n.named_id = j.job_id) as sealed_name, \
     j.mode, j.mapping, j.lines, j.questions, l.job_id is not null as learner_beside, j.approval_needed, a.verdict, j.trial_import_id, j.hand, j.state, \
     j.import_id, j.failure, j.created_at, j.ended_at, f.byte_count, f.received, f.sha256, \
     f.purged_at is not null as purged, t.worker, t.tries, t.worked_millis, \
     t.turn_began_at, t.turn_lines, t.bytes_read, t.lines_read, t.told_at, \
     t.cancel_asked_at is not null as cancel_asked, t.waits_until \
     from import_jobs j join import_files f using (file_id) \
     join import_job_turns t using (job_id) \
     left join import_job_learners l using (job_id) \
     left join import_approvals a using (job_id)";

impl JobRow {
    /// As the institution calls its file; empty once that went with the bytes.
    pub(crate) fn file_name(&self, keys: &IdentityKeys) -> Result<String, LedgerError> {
        let sealed = self.sealed_name.as_deref();
        import_names::open(keys, self.job_id, sealed, &self.file_name)
    }

    /// Whether it is tried first, for a second person to see.
    pub(crate) fn is_on_trial(&self) -> bool {
        self.approval_needed && self.verdict.is_none()
    }

    /// The import that it works at now.
    pub(crate) fn present_import(&self) -> Option<Uuid> {
        if self.is_on_trial() {
            self.trial_import_id
        } else {
            self.import_id
        }
    }
}

/// What is written down of a new job.
pub(crate) struct NewJobRow<'a> {
    pub(crate) job_id: ImportJobId,
    pub(crate) institution: InstitutionId,
    pub(crate) file_id: ImportFileId,
    pub(crate) file_name: &'a str,
    pub(crate) byte_count: i64,
    pub(crate) mode: &'a str,
    pub(crate) mapping: Option<&'a serde_json::Value>,
    pub(crate) lines: LinesTogether,
    pub(crate) questions: QuestionsWanted,
    pub(crate) approval_needed: bool,
    pub(crate) hand: Uuid,
    pub(crate) state: ImportJobState,
    pub(crate) import_id: Option<ImportId>,
}

/// Inserts a job, to be taken at once where it is queued.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    job: &NewJobRow<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_jobs (job_id, institution_id, file_id, mode, mapping, \
             hand, state, import_id, created_at, lines, approval_needed, \
             questions) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind::<SqlUuid, _>(job.job_id.as_uuid())
    .bind::<SqlUuid, _>(job.institution.as_uuid())
    .bind::<SqlUuid, _>(job.file_id.as_uuid())
    .bind::<Text, _>(job.mode)
    .bind::<Nullable<Jsonb>, _>(job.mapping)
    .bind::<SqlUuid, _>(job.hand)
    .bind::<Text, _>(job.state.as_str())
    .bind::<Nullable<SqlUuid>, _>(job.import_id.map(ImportId::as_uuid))
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(job.lines.as_str())
    .bind::<Bool, _>(job.approval_needed)
    .bind::<Text, _>(job.questions.as_str())
    .execute(tx.conn())?;
    import_names::keep(tx, job.job_id.as_uuid(), job.institution, job.file_name)?;
    let due_at = (job.state == ImportJobState::Queued).then_some(now);
    diesel::sql_query(
        "insert into import_job_turns (job_id, institution_id, byte_count, due_at, tries, \
             worked_millis, turn_lines, bytes_read, lines_read) \
         values ($1, $2, $3, $4, 0, 0, 0, 0, 0)",
    )
    .bind::<SqlUuid, _>(job.job_id.as_uuid())
    .bind::<SqlUuid, _>(job.institution.as_uuid())
    .bind::<BigInt, _>(job.byte_count)
    .bind::<Nullable<Timestamptz>, _>(due_at)
    .execute(tx.conn())?;
    Ok(())
}

/// A job, of this institution where one is named.
pub(crate) fn find(
    conn: &mut PgConnection,
    job: ImportJobId,
    only: Option<InstitutionId>,
) -> Result<JobRow, LedgerError> {
    let rows: Vec<JobRow> = diesel::sql_query(format!(
        "select {COLUMNS} where j.job_id = $1 and ($2::uuid is null or j.institution_id = $2)"
    ))
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(only.map(InstitutionId::as_uuid))
    .load(conn)?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

/// As [`find`], the job and its turn locked.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    only: Option<InstitutionId>,
) -> Result<JobRow, LedgerError> {
    let rows: Vec<JobRow> = diesel::sql_query(format!(
        "select {COLUMNS} where j.job_id = $1 and ($2::uuid is null or j.institution_id = $2) \
         for update of j, t"
    ))
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(only.map(InstitutionId::as_uuid))
    .load(tx.conn())?;
    rows.into_iter().next().ok_or(LedgerError::NotFound)
}

/// An institution's jobs before `before`, newest first.
pub(crate) fn list(
    conn: &mut PgConnection,
    institution: InstitutionId,
    before: Option<ImportJobId>,
    limit: u32,
) -> Result<Vec<JobRow>, LedgerError> {
    Ok(diesel::sql_query(format!(
        "select {COLUMNS} where j.institution_id = $1 and ($2::uuid is null or j.job_id < $2) \
         order by j.job_id desc limit $3"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(before.map(ImportJobId::as_uuid))
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?)
}

/// How many jobs of an institution are not over.
pub(crate) fn count_open(
    conn: &mut PgConnection,
    institution: InstitutionId,
) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct CountRow {
        #[diesel(sql_type = BigInt)]
        open: i64,
    }
    let row: CountRow = diesel::sql_query(
        "select count(*) as open from import_jobs where institution_id = $1 and ended_at is null",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .get_result(conn)?;
    Ok(row.open)
}

/// How a file is to be read, and for whom: by it the same job is recognised.
pub(crate) struct SameReading<'a> {
    pub(crate) mode: &'a str,
    pub(crate) lines: LinesTogether,
    pub(crate) mapping: Option<&'a serde_json::Value>,
    /// Keyed digest of the learner beside the file.
    pub(crate) learner: Option<[u8; 32]>,
}

/// The newest job of the institution that does, or did to its end, the same with the same bytes.
pub(crate) fn find_same(
    conn: &mut PgConnection,
    institution: InstitutionId,
    sha256: &[u8; 32],
    same: &SameReading<'_>,
) -> Result<Option<JobRow>, LedgerError> {
    let rows: Vec<JobRow> = diesel::sql_query(format!(
        "select {COLUMNS} where j.institution_id = $1 and f.sha256 = $2 and j.mode = $3 \
             and j.mapping is not distinct from $4 and j.lines = $5 \
             and l.digest is not distinct from $6 \
             and j.state not in ('failed', 'cancelled', 'declined') \
         order by j.job_id desc limit 1"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Binary, _>(&sha256[..])
    .bind::<Text, _>(same.mode)
    .bind::<Nullable<Jsonb>, _>(same.mapping)
    .bind::<Text, _>(same.lines.as_str())
    .bind::<Nullable<Binary>, _>(same.learner.map(|digest| digest.to_vec()))
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// The newest job that works, or worked, at an import.
pub(crate) fn find_of_import(
    conn: &mut PgConnection,
    institution: InstitutionId,
    import: ImportId,
) -> Result<Option<JobRow>, LedgerError> {
    let rows: Vec<JobRow> = diesel::sql_query(format!(
        "select {COLUMNS} where j.institution_id = $1 \
             and $2 in (j.import_id, j.trial_import_id) \
         order by j.job_id desc limit 1"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<SqlUuid, _>(import.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().next())
}

/// Says what a job goes on to ask.
pub(crate) fn set_questions(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    questions: QuestionsWanted,
) -> Result<(), LedgerError> {
    diesel::sql_query("update import_jobs set questions = $2 where job_id = $1")
        .bind::<SqlUuid, _>(job.as_uuid())
        .bind::<Text, _>(questions.as_str())
        .execute(tx.conn())?;
    Ok(())
}

/// Whether another job that is not over works at an import.
pub(crate) fn is_worked_elsewhere(
    conn: &mut PgConnection,
    import: ImportId,
    job: ImportJobId,
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct ElsewhereRow {
        #[diesel(sql_type = Bool)]
        elsewhere: bool,
    }
    let row: ElsewhereRow = diesel::sql_query(
        "select exists (select from import_jobs \
             where import_id = $1 and job_id <> $2 and ended_at is null) as elsewhere",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<SqlUuid, _>(job.as_uuid())
    .get_result(conn)?;
    Ok(row.elsewhere)
}

/// Names the import that a job works at, or that of its trial.
pub(crate) fn set_import(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    import: ImportId,
    trial: bool,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update import_jobs set import_id = case when $3 then import_id else $2 end, \
             trial_import_id = case when $3 then $2 else trial_import_id end \
         where job_id = $1",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<SqlUuid, _>(import.as_uuid())
    .bind::<Bool, _>(trial)
    .execute(tx.conn())?;
    Ok(())
}

/// Changes the state of a job that is not over.
pub(crate) fn set_state(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    state: ImportJobState,
    failure: Option<&serde_json::Value>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update import_jobs set state = $2, failure = $3, ended_at = $4 \
         where job_id = $1 and ended_at is null",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Text, _>(state.as_str())
    .bind::<Nullable<Jsonb>, _>(failure)
    .bind::<Nullable<Timestamptz>, _>(state.is_over().then_some(now))
    .execute(tx.conn())?;
    Ok(())
}

/// Jobs whose files have not arrived and were announced before `before`.
pub(crate) fn list_abandoned(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<ImportJobId>, LedgerError> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = SqlUuid)]
        job_id: Uuid,
    }
    let rows: Vec<IdRow> = diesel::sql_query(
        "select job_id from import_jobs where state = 'receiving' and created_at < $1 \
         order by job_id limit $2",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| ImportJobId::from_uuid(row.job_id))
        .collect())
}
