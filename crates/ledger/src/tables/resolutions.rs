//! `resolutions`: what meetings resolved.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::governance::ResolutionOutcome;
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::reads::ResolutionView;
use crate::store::Tx;
use crate::tables::parsed;

#[derive(QueryableByName)]
struct ResolutionRow {
    #[diesel(sql_type = SqlUuid)]
    resolution_id: Uuid,
    #[diesel(sql_type = Text)]
    meeting_code: String,
    #[diesel(sql_type = Date)]
    held_on: NaiveDate,
    #[diesel(sql_type = SmallInt)]
    resolution_no: i16,
    #[diesel(sql_type = Text)]
    text_zh: String,
    #[diesel(sql_type = Nullable<Text>)]
    text_en: Option<String>,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<Text>)]
    document_number: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    rule_set_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    institution: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    committee_code: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    votes_for: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    votes_against: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    votes_abstained: Option<i32>,
}

impl TryFrom<ResolutionRow> for ResolutionView {
    type Error = LedgerError;

    fn try_from(row: ResolutionRow) -> Result<Self, LedgerError> {
        Ok(Self {
            resolution_id: row.resolution_id,
            meeting: row.meeting_code,
            held_on: row.held_on,
            no: row.resolution_no,
            text_zh: row.text_zh,
            text_en: row.text_en,
            outcome: parsed(&row.outcome, "resolutions.outcome")?,
            document_number: row.document_number,
            rule_set: row.rule_set_id.map(RuleSetId::from_uuid),
            institution: row.institution,
            committee: row.committee_code,
            votes: [row.votes_for, row.votes_against, row.votes_abstained],
        })
    }
}

const SELECT: &str = "select r.resolution_id, m.meeting_code, m.held_on, r.resolution_no, \
         r.text_zh, r.text_en, r.outcome, r.document_number, r.rule_set_id, \
         i.code as institution, r.committee_code, r.votes_for, r.votes_against, r.votes_abstained \
     from resolutions r join meetings m using (meeting_id) \
         left join institutions i on i.institution_id = r.institution_id";

const ORDER: &str = "order by m.held_on, m.meeting_id, r.resolution_no";

fn views(rows: Vec<ResolutionRow>) -> Result<Vec<ResolutionView>, LedgerError> {
    rows.into_iter().map(ResolutionView::try_from).collect()
}

pub(crate) fn of_meeting(
    conn: &mut PgConnection,
    meeting: Uuid,
) -> Result<Vec<ResolutionView>, LedgerError> {
    let query = format!("{SELECT} where r.meeting_id = $1 {ORDER}");
    views(
        diesel::sql_query(query)
            .bind::<SqlUuid, _>(meeting)
            .load(conn)?,
    )
}

pub(crate) fn of_rule_set(
    conn: &mut PgConnection,
    rule_set: RuleSetId,
) -> Result<Vec<ResolutionView>, LedgerError> {
    let query = format!("{SELECT} where r.rule_set_id = $1 {ORDER}");
    views(
        diesel::sql_query(query)
            .bind::<SqlUuid, _>(rule_set.as_uuid())
            .load(conn)?,
    )
}

pub(crate) fn of_document(
    conn: &mut PgConnection,
    number: &str,
) -> Result<Vec<ResolutionView>, LedgerError> {
    let query = format!("{SELECT} where r.document_number = $1 {ORDER}");
    views(
        diesel::sql_query(query)
            .bind::<Text, _>(number)
            .load(conn)?,
    )
}

/// A resolution with its references found.
pub(crate) struct NewRow<'a> {
    pub(crate) meeting: Uuid,
    pub(crate) no: i16,
    pub(crate) text: (&'a str, Option<&'a str>),
    pub(crate) outcome: ResolutionOutcome,
    pub(crate) document: Option<&'a str>,
    pub(crate) rule_set: Option<RuleSetId>,
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) committee: Option<&'a str>,
    pub(crate) votes: [Option<i32>; 3],
}

/// Writes a resolution down; false where the meeting has one of that number.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    row: &NewRow<'_>,
    (recorded_by, now): (Option<Uuid>, DateTime<Utc>),
) -> Result<bool, LedgerError> {
    let [votes_for, votes_against, votes_abstained] = row.votes;
    let inserted = diesel::sql_query(
        "insert into resolutions (resolution_id, meeting_id, resolution_no, text_zh, text_en, \
             outcome, document_number, rule_set_id, institution_id, committee_code, votes_for, \
             votes_against, votes_abstained, recorded_at, recorded_by) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         on conflict (meeting_id, resolution_no) do nothing",
    )
    .bind::<SqlUuid, _>(new_id())
    .bind::<SqlUuid, _>(row.meeting)
    .bind::<SmallInt, _>(row.no)
    .bind::<Text, _>(row.text.0)
    .bind::<Nullable<Text>, _>(row.text.1)
    .bind::<Text, _>(row.outcome.as_str())
    .bind::<Nullable<Text>, _>(row.document)
    .bind::<Nullable<SqlUuid>, _>(row.rule_set.map(RuleSetId::as_uuid))
    .bind::<Nullable<SqlUuid>, _>(row.institution.map(InstitutionId::as_uuid))
    .bind::<Nullable<Text>, _>(row.committee)
    .bind::<Nullable<Integer>, _>(votes_for)
    .bind::<Nullable<Integer>, _>(votes_against)
    .bind::<Nullable<Integer>, _>(votes_abstained)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(recorded_by)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}
