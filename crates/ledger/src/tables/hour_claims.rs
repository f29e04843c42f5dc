//! `hour_claims` and `hour_turns`.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::hour_table::EarlierHours;
use creditbank_domain::ids::{InstitutionId, LearnerId, OutcomeId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::hundredths;

/// Waits until nobody else claims hours for the learner under the authority; the turn ends with
/// the transaction.
pub(crate) fn take_turn(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    authority: &str,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into hour_turns as t (learner_id, authority, turn) values ($1, $2, 1) \
         on conflict (learner_id, authority) do update set turn = t.turn + 1",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<Text, _>(authority)
    .execute(tx.conn())?;
    Ok(())
}

/// What an outcome's hours rest on.
#[derive(Debug, Clone)]
pub(crate) struct NewHourClaim {
    pub(crate) learner_id: LearnerId,
    pub(crate) outcome_id: OutcomeId,
    pub(crate) institution_id: InstitutionId,
    pub(crate) source_ref: String,
    pub(crate) table_id: Uuid,
    pub(crate) authority: String,
    pub(crate) row_code: String,
    pub(crate) activity: String,
    pub(crate) done_on: NaiveDate,
    pub(crate) facts: serde_json::Value,
    pub(crate) by_row: i64,
    pub(crate) given: i64,
    pub(crate) explanation: (String, String),
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    claim: &NewHourClaim,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into hour_claims (learner_id, outcome_id, institution_id, source_ref, table_id, \
             authority, row_code, activity, done_on, facts, by_row, given, explanation_zh, \
             explanation_en, claimed_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind::<SqlUuid, _>(claim.learner_id.as_uuid())
    .bind::<SqlUuid, _>(claim.outcome_id.as_uuid())
    .bind::<SqlUuid, _>(claim.institution_id.as_uuid())
    .bind::<Text, _>(&claim.source_ref)
    .bind::<SqlUuid, _>(claim.table_id)
    .bind::<Text, _>(&claim.authority)
    .bind::<Text, _>(&claim.row_code)
    .bind::<Text, _>(&claim.activity)
    .bind::<Date, _>(claim.done_on)
    .bind::<Jsonb, _>(&claim.facts)
    .bind::<BigInt, _>(claim.by_row)
    .bind::<BigInt, _>(claim.given)
    .bind::<Text, _>(&claim.explanation.0)
    .bind::<Text, _>(&claim.explanation.1)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// A claim as it was decided.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct HourClaimRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) table_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) authority: String,
    #[diesel(sql_type = Text)]
    pub(crate) row_code: String,
    #[diesel(sql_type = Jsonb)]
    pub(crate) facts: serde_json::Value,
    #[diesel(sql_type = BigInt)]
    pub(crate) by_row: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) given: i64,
    #[diesel(sql_type = Text)]
    pub(crate) explanation_zh: String,
    #[diesel(sql_type = Text)]
    pub(crate) explanation_en: String,
}

/// The claim under an institution's source reference.
pub(crate) fn find_by_source(
    conn: &mut PgConnection,
    institution: InstitutionId,
    source_ref: &str,
) -> Result<Option<HourClaimRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select c.learner_id, c.table_id, c.authority, c.row_code, c.facts, c.by_row, c.given, \
             c.explanation_zh, c.explanation_en \
         from outcome_sources s \
         join hour_claims c using (learner_id, institution_id, source_ref) \
         where s.institution_id = $1 and s.source_ref = $2",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(source_ref)
    .get_result(conn)
    .optional()?)
}

/// Whether an account's standing claims are more than a cap of the tables that decided them, as the
/// audit sees it.
pub(crate) fn exceed_a_cap(
    conn: &mut PgConnection,
    learner: LearnerId,
) -> Result<bool, LedgerError> {
    let over = diesel::sql_query(format!(
        "select from ({}) over_cap where learner_id = $1 limit 1",
        include_str!("../sql/audit/claims_stay_under_their_cap.sql")
    ))
    .bind::<SqlUuid, _>(learner.as_uuid())
    .execute(conn)?;
    Ok(over > 0)
}

/// The hours that stand of these accounts under an authority's tables, of whatever versions.
pub(crate) fn list_standing(
    conn: &mut PgConnection,
    learners: &[LearnerId],
    authority: &str,
) -> Result<Vec<EarlierHours>, LedgerError> {
    #[derive(QueryableByName)]
    struct StandingRow {
        #[diesel(sql_type = Text)]
        activity: String,
        #[diesel(sql_type = Date)]
        done_on: NaiveDate,
        #[diesel(sql_type = BigInt)]
        given: i64,
    }
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<StandingRow> = diesel::sql_query(
        "select c.activity, c.done_on, sum(l.issued)::bigint as given \
         from hour_claims c \
         join hour_tables t using (table_id) \
         join outcomes o on o.learner_id = c.learner_id \
             and o.institution_id = c.institution_id and o.source_ref = c.source_ref \
         join lots l on l.learner_id = o.learner_id and l.outcome_id = o.outcome_id \
             and l.unit = t.content ->> 'unit' and l.withdrawn = 0 \
         where c.learner_id = any($1) and c.authority = $2 \
         group by c.learner_id, c.outcome_id, c.activity, c.done_on",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Text, _>(authority)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(EarlierHours {
                activity: row.activity,
                done_on: row.done_on,
                given: hundredths(row.given, "lots.issued")?,
            })
        })
        .collect()
}
