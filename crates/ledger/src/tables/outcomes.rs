//! `outcome_sources` and `outcomes`, and the one statement that posts: outcomes, lots and
//! transfers from the same rows.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_domain::grade::{Attempt, Grade};
use creditbank_domain::ids::{
    EntryId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId, SameCourseGroupId, VersionId,
};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::NewLot;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::cached_sql::cached_for;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::parsed;

mod lot_columns;

use lot_columns::LotColumns;

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
    /// The group of courses of which the learner is credited for one.
    pub(crate) same_course_group: Option<SameCourseGroupId>,
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
    pub(crate) version_id: VersionId,
    pub(crate) grade: Grade,
    pub(crate) attempt: Attempt,
    pub(crate) awarded_on: NaiveDate,
    pub(crate) stated: String,
    pub(crate) recorded_at: DateTime<Utc>,
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
    #[diesel(sql_type = SqlUuid)]
    version_id: Uuid,
    #[diesel(sql_type = Text)]
    grade: String,
    #[diesel(sql_type = Text)]
    attempt: String,
    #[diesel(sql_type = Date)]
    awarded_on: NaiveDate,
    #[diesel(sql_type = Text)]
    stated: String,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
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
            version_id: VersionId::from_uuid(row.version_id),
            grade: parsed(&row.grade, "outcomes.grade")?,
            attempt: parsed(&row.attempt, "outcomes.attempt")?,
            awarded_on: row.awarded_on,
            stated: row.stated,
            recorded_at: row.recorded_at,
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
        "select o.outcome_id, o.learner_id, o.institution_id, o.source_ref, o.entry_id, \
             o.version_id, o.grade, o.attempt, o.awarded_on, o.stated, o.recorded_at, \
             o.earned_nothing, \
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
    let claimed = cached_for(
        planned.len(),
        "insert into outcome_sources (institution_id, source_ref, learner_id, outcome_id) \
         select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) \
         on conflict (institution_id, source_ref) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(&institutions)
    .bind::<Array<Text>, _>(&refs)
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(&outcomes)
    .execute(tx.conn())?;
    if claimed == planned.len() {
        return Ok(planned.iter().map(|p| p.outcome_id).collect());
    }
    let rows: Vec<IdRow> = diesel::sql_query(
        "select s.outcome_id as id \
         from unnest($1::uuid[], $2::text[], $3::uuid[]) as p (institution_id, source_ref, outcome_id) \
         join outcome_sources s using (institution_id, source_ref, outcome_id)",
    )
    .bind::<Array<SqlUuid>, _>(institutions)
    .bind::<Array<Text>, _>(refs)
    .bind::<Array<SqlUuid>, _>(outcomes)
    .load(tx.conn())?;
    let ids = rows.into_iter();
    Ok(ids.map(|row| OutcomeId::from_uuid(row.id)).collect())
}

/// An id that a statement gives back.
#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
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
    struct CountRow {
        #[diesel(sql_type = BigInt)]
        issued: i64,
    }
    if planned.is_empty() {
        return Ok(Vec::new());
    }
    let mut planned = planned.to_vec();
    planned.sort_by_key(|outcome| (outcome.learner_id, outcome.outcome_id));
    let lots = LotColumns::of(&planned);
    let mut rows_of = Vec::with_capacity(planned.len());
    for outcome in &planned {
        rows_of.push(i32::try_from(outcome.lots.len()).map_err(|_| LedgerError::Corrupt("lots"))?);
    }
    let uuids = |of: fn(&PlannedOutcome) -> Uuid| -> Vec<Uuid> {
        planned.iter().map(|outcome| of(outcome)).collect()
    };
    let grades: Vec<String> = planned.iter().map(|p| p.grade.to_string()).collect();
    let row: CountRow = cached_for(planned.len(), posting_statement(&lots))
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.learner_id.as_uuid()))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.outcome_id.as_uuid()))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.institution_id.as_uuid()))
        .bind::<Array<Text>, _>(texts(&planned, |p| &p.source_ref))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.entry_id.as_uuid()))
        .bind::<Array<SqlUuid>, _>(uuids(|p| p.version_id.as_uuid()))
        .bind::<Array<Text>, _>(grades)
        .bind::<Array<Text>, _>(texts(&planned, |p| p.attempt.as_str()))
        .bind::<Array<Date>, _>(column(&planned, |p| p.awarded_on))
        .bind::<Array<Text>, _>(texts(&planned, |p| &p.stated))
        .bind::<Array<Text>, _>(texts(&planned, |p| p.origin))
        .bind::<Array<Nullable<Text>>, _>(column(&planned, |p| {
            p.earned_nothing.map(ReasonCode::as_str)
        }))
        .bind::<Array<Nullable<SqlUuid>>, _>(column(&planned, |p| {
            p.request_id.map(RequestId::as_uuid)
        }))
        .bind::<Array<Integer>, _>(rows_of)
        .bind::<Array<SqlUuid>, _>(&lots.learners)
        .bind::<Array<SqlUuid>, _>(&lots.lots)
        .bind::<Array<SqlUuid>, _>(&lots.outcomes)
        .bind::<Array<SqlUuid>, _>(&lots.versions)
        .bind::<Array<SqlUuid>, _>(&lots.transfers)
        .bind::<Array<Text>, _>(&lots.units)
        .bind::<Array<BigInt>, _>(&lots.amounts)
        .bind::<Array<Date>, _>(&lots.earned_on)
        .bind::<Array<Nullable<Date>>, _>(&lots.expiries)
        .bind::<Array<Nullable<SqlUuid>>, _>(&lots.credits_entries)
        .bind::<Array<Nullable<SqlUuid>>, _>(&lots.requests)
        .bind::<Array<Nullable<SqlUuid>>, _>(column(&planned, |p| {
            p.corrects.map(OutcomeId::as_uuid)
        }))
        .bind::<Array<Nullable<SqlUuid>>, _>(lots.groups())
        .get_result(tx.conn())?;
    if usize::try_from(row.issued) == Ok(lots.lots.len()) {
        return Ok(lots.lots.into_iter().map(LotId::from_uuid).collect());
    }
    lots.issued(tx.conn())
}

/// The statement as it stands for lots that are in no group. What groups need is written into it as
/// comments, so that nobody else pays for a column and for a second index to be asked.
fn posting_statement(lots: &LotColumns) -> Cow<'static, str> {
    let plain = include_str!("../sql/post_outcomes.sql");
    if lots.in_groups() {
        Cow::Owned(plain.replace("/* in groups: ", "").replace(" */", ""))
    } else {
        Cow::Borrowed(plain)
    }
}

fn texts<'p>(
    planned: &[&'p PlannedOutcome],
    of: fn(&'p PlannedOutcome) -> &'p str,
) -> Vec<&'p str> {
    planned.iter().map(|outcome| of(outcome)).collect()
}

fn column<T>(planned: &[&PlannedOutcome], of: fn(&PlannedOutcome) -> T) -> Vec<T> {
    planned.iter().map(|outcome| of(outcome)).collect()
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
