//! `rule_sets` in lists, with what belongs to them counted.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::RuleSetId;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::{RuleSetView, VoteView};
use crate::tables::parsed;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    rule_set_id: Uuid,
    #[diesel(sql_type = Text)]
    receiving: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Array<Text>)]
    programmes: Vec<String>,
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    proposed_by: String,
    #[diesel(sql_type = BigInt)]
    approvals: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    approved_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "select r.rule_set_id, i.code as receiving, r.code, r.version, r.state, \
         array(select p.code from rule_set_programmes n join programmes p using (programme_id) \
             where n.rule_set_id = r.rule_set_id order by p.code) as programmes, \
         r.document_number, r.valid_from, r.valid_to, r.proposed_by, r.approved_at, \
         (select count(*) from rule_set_votes v \
          where v.rule_set_id = r.rule_set_id and v.vote = 'approve') as approvals \
     from rule_sets r join institutions i using (institution_id)";

fn views(rows: Vec<Row>) -> Result<Vec<RuleSetView>, LedgerError> {
    { rows.into_iter() }
        .map(|row| {
            Ok(RuleSetView {
                rule_set_id: RuleSetId::from_uuid(row.rule_set_id),
                receiving: row.receiving,
                code: row.code,
                version: row.version,
                state: parsed(&row.state, "rule_sets.state")?,
                programmes: row.programmes,
                document_number: row.document_number,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                proposed_by: row.proposed_by,
                approvals: row.approvals,
                approved_at: row.approved_at,
            })
        })
        .collect()
}

/// Every version of every rule set, by institution, code and version.
pub(crate) fn list_all(conn: &mut PgConnection) -> Result<Vec<RuleSetView>, LedgerError> {
    let query = format!("{SELECT} order by i.code, r.code, r.version");
    views(diesel::sql_query(query).load(conn)?)
}

/// A page in the order in which they were drafted, of an institution and in a state or of all.
pub(crate) fn list_page(
    conn: &mut PgConnection,
    (institution, state): (Option<&str>, Option<&str>),
    (after, limit): (Option<Uuid>, u32),
) -> Result<Vec<RuleSetView>, LedgerError> {
    let query = format!(
        "{SELECT} where ($1 is null or r.rule_set_id > $1) and ($2 is null or i.code = $2) \
             and ($3 is null or r.state = $3) \
         order by r.rule_set_id limit $4"
    );
    let rows = diesel::sql_query(query)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<Nullable<Text>, _>(institution)
        .bind::<Nullable<Text>, _>(state)
        .bind::<BigInt, _>(i64::from(limit))
        .load(conn)?;
    views(rows)
}

pub(crate) fn find(
    conn: &mut PgConnection,
    id: RuleSetId,
) -> Result<Option<RuleSetView>, LedgerError> {
    let query = format!("{SELECT} where r.rule_set_id = $1");
    let rows = diesel::sql_query(query)
        .bind::<SqlUuid, _>(id.as_uuid())
        .load(conn)?;
    Ok(views(rows)?.into_iter().next())
}

#[derive(QueryableByName)]
struct VoteRow {
    #[diesel(sql_type = Text)]
    voter: String,
    #[diesel(sql_type = Text)]
    vote: String,
    #[diesel(sql_type = Nullable<Text>)]
    committee_code: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

/// Who voted on a rule set, in order.
pub(crate) fn votes(conn: &mut PgConnection, id: RuleSetId) -> Result<Vec<VoteView>, LedgerError> {
    let rows: Vec<VoteRow> = diesel::sql_query(
        "select voter, vote, committee_code, recorded_at from rule_set_votes \
         where rule_set_id = $1 order by recorded_at, voter",
    )
    .bind::<SqlUuid, _>(id.as_uuid())
    .load(conn)?;
    let views = rows.into_iter().map(|row| VoteView {
        voter: row.voter,
        vote: row.vote,
        committee: row.committee_code,
        recorded_at: row.recorded_at,
    });
    Ok(views.collect())
}

/// Every version that cites a document, in the order in which they were drafted.
pub(crate) fn list_citing(
    conn: &mut PgConnection,
    number: &str,
) -> Result<Vec<RuleSetView>, LedgerError> {
    let query = format!("{SELECT} where r.document_number = $1 order by r.rule_set_id");
    let rows = diesel::sql_query(query)
        .bind::<Text, _>(number)
        .load(conn)?;
    views(rows)
}
