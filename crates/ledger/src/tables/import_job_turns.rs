//! `import_job_turns`: whose turn it is.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::ids::ImportJobId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Interval, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    job_id: Uuid,
}

/// Takes the job whose turn it is under a lease, if there is one that nobody else takes.
pub(crate) fn claim(
    tx: &mut Tx<'_>,
    worker: Uuid,
    lease: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<ImportJobId>, LedgerError> {
    let rows: Vec<IdRow> = diesel::sql_query(include_str!("../sql/claim_import_job.sql"))
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(worker)
        .bind::<Interval, _>(lease)
        .load(tx.conn())?;
    Ok(rows
        .into_iter()
        .next()
        .map(|row| ImportJobId::from_uuid(row.job_id)))
}

/// What whoever works at a job has to know.
#[derive(QueryableByName, Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Somebody asked for its end.
    #[diesel(sql_type = Bool)]
    pub(crate) cancel_asked: bool,
    /// An institution that nobody works for is waiting.
    #[diesel(sql_type = Bool)]
    pub(crate) others_wait: bool,
}

const STANDING: &str = "t.cancel_asked_at is not null as cancel_asked, \
     exists (select from import_job_turns o \
         where o.due_at <= $2 and o.institution_id <> t.institution_id and not exists ( \
             select from import_job_turns b where b.institution_id = o.institution_id \
             and b.worker is not null and b.due_at > $2)) as others_wait";

/// Renews a lease; nothing where it was lost.
pub(crate) fn renew(
    tx: &mut Tx<'_>,
    (job, worker): (ImportJobId, Uuid),
    lease: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<Standing>, LedgerError> {
    let rows: Vec<Standing> = diesel::sql_query(format!(
        "update import_job_turns t set due_at = $2 + $3 \
         where t.job_id = $1 and t.worker = $4 returning {STANDING}"
    ))
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Interval, _>(lease)
    .bind::<SqlUuid, _>(worker)
    .load(tx.conn())?;
    Ok(rows.into_iter().next())
}

/// Says how far a job has come and renews its lease; nothing where it was lost.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    (job, worker): (ImportJobId, Uuid),
    lease: TimeDelta,
    (bytes_read, lines_done): (i64, i64),
    now: DateTime<Utc>,
) -> Result<Option<Standing>, LedgerError> {
    let rows: Vec<Standing> = diesel::sql_query(format!(
        "update import_job_turns t set due_at = $2 + $3, tries = 0, told_at = $2, \
             bytes_read = least($5, t.byte_count), lines_read = t.turn_lines + $6 \
         where t.job_id = $1 and t.worker = $4 returning {STANDING}"
    ))
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Interval, _>(lease)
    .bind::<SqlUuid, _>(worker)
    .bind::<BigInt, _>(bytes_read)
    .bind::<BigInt, _>(lines_done)
    .load(tx.conn())?;
    Ok(rows.into_iter().next())
}

/// Notes how many lines lay behind when the turn began.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    (job, worker): (ImportJobId, Uuid),
    lines: i64,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update import_job_turns set turn_lines = $3, lines_read = $3 \
         where job_id = $1 and worker = $2",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<SqlUuid, _>(worker)
    .bind::<BigInt, _>(lines)
    .execute(tx.conn())?;
    Ok(())
}

/// Ends a turn. The job may be taken again at `due_at`, or is over; false where the lease was lost.
pub(crate) fn release(
    tx: &mut Tx<'_>,
    (job, worker): (ImportJobId, Uuid),
    due_at: Option<DateTime<Utc>>,
    failed_try: bool,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let released = diesel::sql_query(
        "update import_job_turns set worker = null, due_at = $3, waits_until = null, \
             turn_began_at = null, \
             tries = case when $4 then tries + 1 else 0 end, last_turn_at = $5, \
             worked_millis = worked_millis + greatest(0, \
                 extract(epoch from $5 - turn_began_at) * 1000)::bigint \
         where job_id = $1 and worker = $2",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<SqlUuid, _>(worker)
    .bind::<Nullable<Timestamptz>, _>(due_at)
    .bind::<Bool, _>(failed_try)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(released == 1)
}

/// Puts a job that nobody has into the queue, or takes it out.
pub(crate) fn set_due(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    due_at: Option<DateTime<Utc>>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update import_job_turns set due_at = $2, worker = null, waits_until = null \
         where job_id = $1",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Nullable<Timestamptz>, _>(due_at)
    .execute(tx.conn())?;
    Ok(())
}

/// Says until when a job that nobody has waits for somebody.
pub(crate) fn wait(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    until: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query("update import_job_turns set waits_until = $2 where job_id = $1")
        .bind::<SqlUuid, _>(job.as_uuid())
        .bind::<Timestamptz, _>(until)
        .execute(tx.conn())?;
    Ok(())
}

/// Jobs that have waited to the end of their time.
pub(crate) fn list_overdue(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<ImportJobId>, LedgerError> {
    let rows: Vec<IdRow> = diesel::sql_query(
        "select job_id from import_job_turns where waits_until <= $1 \
         order by waits_until, job_id limit $2",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    let ids = rows.into_iter().map(|row| row.job_id);
    Ok(ids.map(ImportJobId::from_uuid).collect())
}

/// Asks whoever works at a job for its end.
pub(crate) fn ask_cancel(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update import_job_turns set cancel_asked_at = coalesce(cancel_asked_at, $2) \
         where job_id = $1",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}
