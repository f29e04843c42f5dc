//! `meetings` and `meeting_attendees`.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::{InstitutionId, PersonId};
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::reads::{AttendeeView, MeetingView};
use crate::store::Tx;
use crate::tables::{parsed, resolutions};

#[derive(QueryableByName)]
struct MeetingRow {
    #[diesel(sql_type = SqlUuid)]
    meeting_id: Uuid,
    #[diesel(sql_type = Text)]
    meeting_code: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    title_zh: String,
    #[diesel(sql_type = Nullable<Text>)]
    title_en: Option<String>,
    #[diesel(sql_type = Date)]
    held_on: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    place: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    called_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    minutes: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    committee_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    business_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    source: Option<String>,
}

#[derive(QueryableByName)]
struct AttendeeRow {
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    person_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    institution: Option<String>,
}

const SELECT: &str = "select meeting_id, meeting_code, kind, title_zh, title_en, held_on, place, \
     called_by, minutes, committee_code, business_zh, source from meetings";

fn view(conn: &mut PgConnection, row: MeetingRow) -> Result<MeetingView, LedgerError> {
    let attendees: Vec<AttendeeRow> = diesel::sql_query(
        "select a.part, a.person_id, i.code as institution from meeting_attendees a \
             left join institutions i using (institution_id) \
         where a.meeting_id = $1 order by a.attendee_no",
    )
    .bind::<SqlUuid, _>(row.meeting_id)
    .load(conn)?;
    let attendees = attendees.into_iter().map(|row| AttendeeView {
        part: row.part,
        person: row.person_id.map(PersonId::from_uuid),
        institution: row.institution,
    });
    Ok(MeetingView {
        meeting_id: row.meeting_id,
        code: row.meeting_code,
        kind: parsed(&row.kind, "meetings.kind")?,
        title_zh: row.title_zh,
        title_en: row.title_en,
        held_on: row.held_on,
        place: row.place,
        called_by: row.called_by,
        minutes: row.minutes,
        committee: row.committee_code,
        business_zh: row.business_zh,
        source: row.source,
        attendees: attendees.collect(),
        resolutions: resolutions::of_meeting(conn, row.meeting_id)?,
    })
}

fn one(
    conn: &mut PgConnection,
    row: Option<MeetingRow>,
) -> Result<Option<MeetingView>, LedgerError> {
    row.map(|row| view(conn, row)).transpose()
}

pub(crate) fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<MeetingView>, LedgerError> {
    let row = diesel::sql_query(format!("{SELECT} where meeting_id = $1"))
        .bind::<SqlUuid, _>(id)
        .get_result(conn)
        .optional()?;
    one(conn, row)
}

pub(crate) fn find_by_code(
    conn: &mut PgConnection,
    code: &str,
) -> Result<Option<MeetingView>, LedgerError> {
    let row = diesel::sql_query(format!("{SELECT} where meeting_code = $1"))
        .bind::<Text, _>(code)
        .get_result(conn)
        .optional()?;
    one(conn, row)
}

/// A page, the last day first; a meeting a statement, as pages are short.
pub(crate) fn list(
    conn: &mut PgConnection,
    year: Option<i32>,
    (before, limit): (Option<Uuid>, u32),
) -> Result<Vec<MeetingView>, LedgerError> {
    let rows: Vec<MeetingRow> = diesel::sql_query(format!(
        "{SELECT} where ($1 is null or extract(year from held_on) = $1) \
             and ($2 is null or (held_on, meeting_id) < \
                 (select b.held_on, b.meeting_id from meetings b where b.meeting_id = $2)) \
         order by held_on desc, meeting_id desc limit $3"
    ))
    .bind::<Nullable<Integer>, _>(year)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    rows.into_iter().map(|row| view(conn, row)).collect()
}

/// Writes a meeting down without what it resolved; nothing where one of the code is there.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    new: &MeetingView,
    institutions: &[Option<InstitutionId>],
    (recorded_by, now): (Option<Uuid>, DateTime<Utc>),
) -> Result<Option<Uuid>, LedgerError> {
    let id = new_id();
    let inserted = diesel::sql_query(
        "insert into meetings (meeting_id, meeting_code, kind, title_zh, title_en, held_on, \
             place, called_by, minutes, committee_code, business_zh, source, recorded_at, \
             recorded_by) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         on conflict (meeting_code) do nothing",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(&new.code)
    .bind::<Text, _>(new.kind.as_str())
    .bind::<Text, _>(&new.title_zh)
    .bind::<Nullable<Text>, _>(&new.title_en)
    .bind::<Date, _>(new.held_on)
    .bind::<Nullable<Text>, _>(&new.place)
    .bind::<Nullable<Text>, _>(&new.called_by)
    .bind::<Nullable<Text>, _>(&new.minutes)
    .bind::<Nullable<Text>, _>(&new.committee)
    .bind::<Nullable<Text>, _>(&new.business_zh)
    .bind::<Nullable<Text>, _>(&new.source)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(recorded_by)
    .execute(tx.conn())?;
    if inserted == 0 {
        return Ok(None);
    }
    // Some dozens at most, so a statement each.
    for ((no, attendee), institution) in (1_i16..).zip(&new.attendees).zip(institutions) {
        diesel::sql_query(
            "insert into meeting_attendees (meeting_id, attendee_no, part, person_id, \
                 institution_id) values ($1, $2, $3, $4, $5)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SmallInt, _>(no)
        .bind::<Text, _>(&attendee.part)
        .bind::<Nullable<SqlUuid>, _>(attendee.person.map(PersonId::as_uuid))
        .bind::<Nullable<SqlUuid>, _>(institution.map(InstitutionId::as_uuid))
        .execute(tx.conn())?;
    }
    Ok(Some(id))
}
