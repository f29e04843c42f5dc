//! What is told to whom: `notice_audiences`, `notice_marks` and `notice_reads`, joined to what it is
//! about.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::PersonId;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::NoticeView;
use crate::store::Tx;

/// Which kinds concern somebody: of requests that the institution decides, of those that it sent,
/// and of whatever names it.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    pub(crate) deciding: Vec<&'static str>,
    pub(crate) sending: Vec<&'static str>,
    pub(crate) any: Vec<&'static str>,
}

/// What a learner is told beside outcomes and looks.
const OF_LEARNERS: [&str; 10] = [
    "lot_expires_soon",
    "outcome_corrected",
    "outcome_withdrawn",
    "conversion_revised",
    "conversion_reversed",
    "hold_lapsed",
    "request_sent",
    "request_decided",
    "request_lapsed",
    "learners_merged",
];

#[derive(QueryableByName)]
struct NoticeRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    lot_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    outcome_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    figures: Option<serde_json::Value>,
    #[diesel(sql_type = Bool)]
    is_read: bool,
}

impl From<NoticeRow> for NoticeView {
    fn from(row: NoticeRow) -> Self {
        Self {
            subject_id: row.subject_id,
            kind: row.kind,
            recorded_at: row.recorded_at,
            request_id: row.request_id,
            lot_id: row.lot_id,
            outcome_id: row.outcome_id,
            figures: row.figures,
            is_read: row.is_read,
            seq: row.seq,
        }
    }
}

/// Who looks, and since when they are told.
type Looker = (Option<PersonId>, DateTime<Utc>);

/// The newest ones before an event.
pub(crate) fn of_institution(
    conn: &mut PgConnection,
    (institution, kinds): (Uuid, &Kinds),
    (person, since): Looker,
    (before, limit): (i64, u32),
) -> Result<Vec<NoticeView>, LedgerError> {
    let person = person.map(PersonId::as_uuid);
    let marked = match person {
        Some(person) => marked_up_to(conn, person, institution)?,
        None => 0,
    };
    let rows: Vec<NoticeRow> = diesel::sql_query(include_str!("../sql/institution_notices.sql"))
        .bind::<SqlUuid, _>(institution)
        .bind::<BigInt, _>(before)
        .bind::<Timestamptz, _>(since)
        .bind::<BigInt, _>(i64::from(limit))
        .bind::<Array<Text>, _>(&kinds.deciding)
        .bind::<Array<Text>, _>(&kinds.sending)
        .bind::<Array<Text>, _>(&kinds.any)
        .bind::<Nullable<SqlUuid>, _>(person)
        .bind::<BigInt, _>(marked)
        .load(conn)?;
    Ok(rows.into_iter().map(NoticeView::from).collect())
}

/// The newest ones before one.
pub(crate) fn of_learner(
    conn: &mut PgConnection,
    members: &[Uuid],
    (person, since): Looker,
    (before, limit): (Option<Uuid>, u32),
) -> Result<Vec<NoticeView>, LedgerError> {
    let rows: Vec<NoticeRow> = diesel::sql_query(include_str!("../sql/learner_notices.sql"))
        .bind::<Array<SqlUuid>, _>(members)
        .bind::<Timestamptz, _>(since)
        .bind::<Nullable<SqlUuid>, _>(before)
        .bind::<BigInt, _>(i64::from(limit))
        .bind::<Nullable<SqlUuid>, _>(person.map(PersonId::as_uuid))
        .bind::<Array<Text>, _>(OF_LEARNERS.as_slice())
        .load(conn)?;
    Ok(rows.into_iter().map(NoticeView::from).collect())
}

#[derive(QueryableByName)]
struct SeqRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// The event that tells of something.
pub(crate) fn seq_of(conn: &mut PgConnection, subject: Uuid) -> Result<Option<i64>, LedgerError> {
    let row: Option<SeqRow> = diesel::sql_query("select seq from events where subject_id = $1")
        .bind::<SqlUuid, _>(subject)
        .get_result(conn)
        .optional()?;
    Ok(row.map(|row| row.seq))
}

fn marked_up_to(
    conn: &mut PgConnection,
    person: Uuid,
    institution: Uuid,
) -> Result<i64, LedgerError> {
    let row: Option<SeqRow> = diesel::sql_query(
        "select up_to_seq as seq from notice_marks where person_id = $1 and institution_id = $2",
    )
    .bind::<SqlUuid, _>(person)
    .bind::<SqlUuid, _>(institution)
    .get_result(conn)
    .optional()?;
    Ok(row.map_or(0, |row| row.seq))
}

/// Marks all up to an event; never back.
pub(crate) fn mark_up_to(
    tx: &mut Tx<'_>,
    (person, institution): (PersonId, Uuid),
    seq: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into notice_marks (person_id, institution_id, up_to_seq, marked_at) \
         values ($1, $2, $3, $4) \
         on conflict (person_id, institution_id) do update \
             set up_to_seq = greatest(notice_marks.up_to_seq, excluded.up_to_seq), \
                 marked_at = excluded.marked_at",
    )
    .bind::<SqlUuid, _>(person.as_uuid())
    .bind::<SqlUuid, _>(institution)
    .bind::<BigInt, _>(seq)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Marks single ones; again it changes nothing.
pub(crate) fn mark(
    tx: &mut Tx<'_>,
    person: PersonId,
    subjects: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into notice_reads (person_id, subject_id, read_at) \
         select $1, subject_id, $3 from unnest($2::uuid[]) as s (subject_id) \
         on conflict (person_id, subject_id) do nothing",
    )
    .bind::<SqlUuid, _>(person.as_uuid())
    .bind::<Array<SqlUuid>, _>(subjects)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Forgets what is older than a moment, so many rows of each table at most; gives how many.
pub(crate) fn forget_before(
    tx: &mut Tx<'_>,
    moment: DateTime<Utc>,
    limit: i64,
) -> Result<usize, LedgerError> {
    let audiences = diesel::sql_query(
        "delete from notice_audiences a using (select x.institution_id, x.seq \
             from notice_audiences x join events e using (seq) \
             where e.recorded_at < $1 order by x.seq limit $2) old \
         where a.institution_id = old.institution_id and a.seq = old.seq",
    )
    .bind::<Timestamptz, _>(moment)
    .bind::<BigInt, _>(limit)
    .execute(tx.conn())?;
    let reads = diesel::sql_query(
        "delete from notice_reads r using (select person_id, subject_id from notice_reads \
             where read_at < $1 order by read_at limit $2) old \
         where r.person_id = old.person_id and r.subject_id = old.subject_id",
    )
    .bind::<Timestamptz, _>(moment)
    .bind::<BigInt, _>(limit)
    .execute(tx.conn())?;
    Ok(audiences.saturating_add(reads))
}
