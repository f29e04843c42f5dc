//! `outcome_sources` and `outcomes`, and the one statement that posts: outcomes, lots and
//! transfers from the same rows.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::grade::{Attempt, Grade};
use creditbank_domain::ids::{
    EntryId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId, VersionId,
};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::NewLot;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::parsed;

/// An outcome that was recognised and is about to be posted.
#[derive(Debug, Clone)]
pub(crate) struct PlannedOutcome {
    pub(crate) outcome_id: OutcomeId,
    pub(crate) learner_id: LearnerId,
    pub(crate) institution_id: InstitutionId,
    pub(crate) source_ref: String,
    pub(crate) entry_id: EntryId,
    pub(crate) version_id: VersionId,
    /// The learner can be credited for the entry more than once.
    pub(crate) repeatable: bool,
    pub(crate) grade: Grade,
    pub(crate) attempt: Attempt,
    pub(crate) awarded_on: NaiveDate,
    pub(crate) stated: String,
    pub(crate) origin: &'static str,
    pub(crate) earned_nothing: Option<ReasonCode>,
    pub(crate) request_id: Option<RequestId>,
    /// The outcome whose place it takes, by a correction.
    pub(crate) corrects: Option<OutcomeId>,
    pub(crate) lots: Vec<(LotId, NewLot)>,
}

/// An outcome as it is in the ledger, with its lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedOutcome {
    pub(crate) outcome_id: OutcomeId,
    pub(crate) learner_id: LearnerId,
    pub(crate) institution_id: InstitutionId,
    pub(crate) source_ref: String,
    pub(crate) entry_id: EntryId,
    pub(crate) grade: Grade,
    pub(crate) attempt: Attempt,
    pub(crate) awarded_on: NaiveDate,
    pub(crate) stated: String,
    pub(crate) earned_nothing: Option<ReasonCode>,
    /// A correction took its place or withdrew it.
    pub(crate) superseded: bool,
}

#[derive(QueryableByName)]
struct OutcomeRow {
    #[diesel(sql_type = SqlUuid)]
    outcome_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    institution_id: Uuid,
    #[diesel(sql_type = Text)]
    source_ref: String,
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = Text)]
    grade: String,
    #[diesel(sql_type = Text)]
    attempt: String,
    #[diesel(sql_type = Date)]
    awarded_on: NaiveDate,
    #[diesel(sql_type = Text)]
    stated: String,
    #[diesel(sql_type = Nullable<Text>)]
    earned_nothing: Option<String>,
    #[diesel(sql_type = Bool)]
    superseded: bool,
}

impl TryFrom<OutcomeRow> for RecordedOutcome {
    type Error = LedgerError;

    fn try_from(row: OutcomeRow) -> Result<Self, LedgerError> {
        let reason = row.earned_nothing.as_deref();
        Ok(Self {
            outcome_id: OutcomeId::from_uuid(row.outcome_id),
            learner_id: LearnerId::from_uuid(row.learner_id),
            institution_id: InstitutionId::from_uuid(row.institution_id),
            source_ref: row.source_ref,
            entry_id: EntryId::from_uuid(row.entry_id),
            grade: parsed(&row.grade, "outcomes.grade")?,
            attempt: parsed(&row.attempt, "outcomes.attempt")?,
            awarded_on: row.awarded_on,
            stated: row.stated,
            earned_nothing: reason
                .map(|code| parsed(code, "outcomes.earned_nothing"))
                .transpose()?,
            superseded: row.superseded,
        })
    }
}

/// What is recorded under these source references of an institution.
pub(crate) fn list_by_sources(
    conn: &mut PgConnection,
    institution: InstitutionId,
    source_refs: &[&str],
) -> Result<Vec<RecordedOutcome>, LedgerError> {
    let rows: Vec<OutcomeRow> = diesel::sql_query(
        "select o.outcome_id, o.learner_id, o.institution_id, o.source_ref, o.entry_id, o.grade, \
             o.attempt, o.awarded_on, o.stated, o.earned_nothing, \
             exists (select from corrections c where c.learner_id = o.learner_id \
                 and c.outcome_id = o.outcome_id) as superseded \
         from outcome_sources s join outcomes o using (learner_id, outcome_id) \
         where s.institution_id = $1 and s.source_ref = any($2)",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Array<Text>, _>(source_refs)
    .load(conn)?;
    rows.into_iter().map(RecordedOutcome::try_from).collect()
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    outcome_id: Uuid,
}

/// Claims the source references that nobody has and names the outcomes that won them. Waits for
/// whoever is claiming the same one; give them in the order of institution and reference.
pub(crate) fn claim_sources(
    tx: &mut Tx<'_>,
    planned: &[PlannedOutcome],
) -> Result<Vec<OutcomeId>, LedgerError> {
    let institutions: Vec<Uuid> = planned.iter().map(|p| p.institution_id.as_uuid()).collect();
    let refs: Vec<&str> = planned.iter().map(|p| p.source_ref.as_str()).collect();
    let learners: Vec<Uuid> = planned.iter().map(|p| p.learner_id.as_uuid()).collect();
    let outcomes: Vec<Uuid> = planned.iter().map(|p| p.outcome_id.as_uuid()).collect();
    let rows: Vec<IdRow> = diesel::sql_query(
        "insert into outcome_sources (institution_id, source_ref, learner_id, outcome_id) \
         select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) \
         on conflict (institution_id, source_ref) do nothing returning outcome_id",
    )
    .bind::<Array<SqlUuid>, _>(institutions)
    .bind::<Array<Text>, _>(refs)
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(outcomes)
    .load(tx.conn())?;
    Ok(rows
        .into_iter()
        .map(|row| OutcomeId::from_uuid(row.outcome_id))
        .collect())
}

/// Posts outcomes whose source references were claimed: one statement inserts outcomes, lots and
/// transfers from the same rows. Gives back the lots that were issued; an outcome whose entry the
/// learner has been credited for already is recorded with that reason and without lots.
pub(crate) fn post(
    tx: &mut Tx<'_>,
    planned: &[&PlannedOutcome],
    now: DateTime<Utc>,
) -> Result<Vec<LotId>, LedgerError> {
    #[derive(QueryableByName)]
    struct LotRow {
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
    }
    let lots = LotColumns::of(planned)?;
    let mut rows_of = Vec::with_capacity(planned.len());
    for outcome in planned {
        rows_of.push(i32::try_from(outcome.lots.len()).map_err(|_| LedgerError::Corrupt("lots"))?);
    }
    let uuids = |of: fn(&PlannedOutcome) -> Uuid| -> Vec<Uuid> {
        planned.iter().map(|outcome| of(outcome)).collect()
    };
    let texts = |of: fn(&PlannedOutcome) -> String| -> Vec<String> {
        planned.iter().map(|outcome| of(outcome)).collect()
    };
    let awarded: Vec<NaiveDate> = planned.iter().map(|p| p.awarded_on).collect();
    let requests: Vec<Option<Uuid>> = planned
        .iter()
        .map(|p| p.request_id.map(RequestId::as_uuid))
        .collect();
    let corrects: Vec<Option<Uuid>> = planned
        .iter()
        .map(|p| p.corrects.map(OutcomeId::as_uuid))
        .collect();
    let reasons: Vec<Option<&str>> = planned
        .iter()
        .map(|p| p.earned_nothing.map(ReasonCode::as_str))
        .collect();
    let issued: Vec<LotRow> = diesel::sql_query(include_str!("../sql/post_outcomes.sql"))
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.learner_id.as_uuid()))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.outcome_id.as_uuid()))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.institution_id.as_uuid()))
        .bind::<Array<Text>, _>(texts(|p| p.source_ref.clone()))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.entry_id.as_uuid()))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.version_id.as_uuid()))
        .bind::<Array<Text>, _>(texts(|p| p.grade.to_string()))
        .bind::<Array<Text>, _>(texts(|p| p.attempt.to_string()))
        .bind::<Array<Date>, _>(awarded)
        .bind::<Array<Text>, _>(texts(|p| p.stated.clone()))
        .bind::<Array<Text>, _>(texts(|p| p.origin.to_owned()))
        .bind::<Array<Nullable<Text>>, _>(reasons)
        .bind::<Array<Nullable<SqlUuid>>, _>(requests)
        .bind::<Array<Integer>, _>(rows_of)
        .bind::<Array<SqlUuid>, _>(lots.outcomes)
        .bind::<Array<SqlUuid>, _>(lots.lots)
        .bind::<Array<SqlUuid>, _>(lots.transfers)
        .bind::<Array<Text>, _>(lots.units)
        .bind::<Array<BigInt>, _>(lots.amounts)
        .bind::<Array<Nullable<Date>>, _>(lots.expiries)
        .bind::<Array<Nullable<SqlUuid>>, _>(lots.credits_entries)
        .bind::<Array<Nullable<SqlUuid>>, _>(corrects)
        .load(tx.conn())?;
    Ok(issued
        .into_iter()
        .map(|row| LotId::from_uuid(row.lot_id))
        .collect())
}

/// The lots of many outcomes, a column each.
#[derive(Default)]
struct LotColumns {
    outcomes: Vec<Uuid>,
    lots: Vec<Uuid>,
    transfers: Vec<Uuid>,
    units: Vec<&'static str>,
    amounts: Vec<i64>,
    expiries: Vec<Option<NaiveDate>>,
    credits_entries: Vec<Option<Uuid>>,
}

impl LotColumns {
    fn of(planned: &[&PlannedOutcome]) -> Result<Self, LedgerError> {
        let mut columns = Self::default();
        for outcome in planned {
            for (lot_id, lot) in &outcome.lots {
                columns.outcomes.push(outcome.outcome_id.as_uuid());
                columns.lots.push(lot_id.as_uuid());
                columns.transfers.push(new_id());
                columns.units.push(lot.amount.unit().as_str());
                columns.amounts.push(lot.amount.hundredths().get());
                columns.expiries.push(lot.expires_on);
                let once = (!outcome.repeatable).then_some(outcome.entry_id.as_uuid());
                columns.credits_entries.push(once);
            }
        }
        Ok(columns)
    }
}

/// A lot as it was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IssuedLot {
    pub(crate) outcome_id: OutcomeId,
    pub(crate) lot_id: LotId,
    pub(crate) unit: Unit,
    pub(crate) issued: i64,
    pub(crate) expires_on: Option<NaiveDate>,
}

/// The lots that outcomes were given.
pub(crate) fn list_lots(
    conn: &mut PgConnection,
    outcomes: &[(LearnerId, OutcomeId)],
) -> Result<Vec<IssuedLot>, LedgerError> {
    #[derive(QueryableByName)]
    struct IssuedRow {
        #[diesel(sql_type = SqlUuid)]
        outcome_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        lot_id: Uuid,
        #[diesel(sql_type = Text)]
        unit: String,
        #[diesel(sql_type = BigInt)]
        issued: i64,
        #[diesel(sql_type = Nullable<Date>)]
        expires_on: Option<NaiveDate>,
    }
    let learners: Vec<Uuid> = outcomes
        .iter()
        .map(|(learner, _)| learner.as_uuid())
        .collect();
    let ids: Vec<Uuid> = outcomes
        .iter()
        .map(|(_, outcome)| outcome.as_uuid())
        .collect();
    let rows: Vec<IssuedRow> = diesel::sql_query(
        "select l.outcome_id, l.lot_id, l.unit, l.issued, l.expires_on \
         from unnest($1::uuid[], $2::uuid[]) as w (learner_id, outcome_id) \
         join lots l using (learner_id, outcome_id) order by l.learner_id, l.lot_id",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(IssuedLot {
                outcome_id: OutcomeId::from_uuid(row.outcome_id),
                lot_id: LotId::from_uuid(row.lot_id),
                unit: parsed(&row.unit, "lots.unit")?,
                issued: row.issued,
                expires_on: row.expires_on,
            })
        })
        .collect()
}
